/** What a set of predictions is worth. The definitions are scikit-learn's and, for entities, seqeval's. */
import type { Metrics, Span } from '../../shared/domain.ts';
import {
  CELLS,
  countLabel,
  countLabels,
  countSpans,
  labelF1,
  labelPrecision,
  labelRecall,
  metricOf,
  SUPPORT,
  type Counts,
} from './counts.ts';

/**
 * `expected`: label indexes; `probabilities`: [examples][labels]. The prediction is the likeliest label, the first of equals.
 * Log loss clips probabilities away from 0 and 1 by the smallest step of a double, as scikit-learn does.
 */
export function classificationMetrics(expected: number[], probabilities: number[][], labels: string[]): Metrics {
  const counts: Counts = new Float64Array(labels.length * CELLS);
  let loss = 0;
  expected.forEach((label, example) => {
    const row = probabilities[example];
    countLabel(counts, label, likeliest(row));
    loss -= Math.log(Math.min(Math.max(row[label], Number.EPSILON), 1 - Number.EPSILON));
  });
  return {
    examples: expected.length,
    accuracy: metricOf('accuracy', counts),
    macroF1: metricOf('macroF1', counts),
    microF1: metricOf('microF1', counts),
    logLoss: expected.length === 0 ? 0 : loss / expected.length,
    perLabel: perLabel(counts, labels),
  };
}

/**
 * `expected`, `predicted`: indexes of each example's labels; `thresholds` by label, which predicted them. Accuracy is that of whole sets; macro
 * F1 is the mean over all labels, 0 for one that is neither expected nor predicted (scikit-learn's figures for indicator matrices).
 */
export function multiLabelMetrics(expected: number[][], predicted: number[][], labels: string[], thresholds: number[]): Metrics {
  const counts: Counts = new Float64Array(labels.length * CELLS);
  expected.forEach((wanted, example) => countLabels(counts, wanted, predicted[example]));
  const right = expected.filter((wanted, example) => wanted.join() === predicted[example].join()).length;
  const ofLabels = perLabel(counts, labels).map((figures, index) => ({ ...figures, threshold: thresholds[index] }));
  return {
    examples: expected.length,
    accuracy: expected.length === 0 ? 0 : right / expected.length,
    macroF1: labels.length === 0 ? 0 : ofLabels.reduce((sum, { f1 }) => sum + f1, 0) / labels.length,
    microF1: metricOf('microF1', counts),
    perLabel: ofLabels,
  };
}

/** Index of the largest value, the first of equals. */
export function likeliest(row: ArrayLike<number>): number {
  let best = 0;
  for (let index = 1; index < row.length; index++) if (row[index] > row[best]) best = index;
  return best;
}

/** Entity level, strict, micro-averaged. `perLabel` has every label expected or predicted, in alphabetical order. */
export function entityMetrics(expected: Span[][], predicted: Span[][]): Metrics {
  const labels = [...new Set([...expected, ...predicted].flat().map(({ label }) => label))].sort();
  const index = new Map(labels.map((label, at) => [label, at]));
  const counts: Counts = new Float64Array(labels.length * CELLS);
  expected.forEach((spans, example) => countSpans(counts, index, spans, predicted[example]));
  return {
    examples: expected.length,
    f1: metricOf('f1', counts),
    precision: metricOf('precision', counts),
    recall: metricOf('recall', counts),
    perLabel: perLabel(counts, labels),
  };
}

function perLabel(counts: Counts, labels: string[]): Metrics['perLabel'] {
  return labels.map((label, index) => ({
    label,
    precision: labelPrecision(counts, index),
    recall: labelRecall(counts, index),
    f1: labelF1(counts, index),
    support: counts[index * CELLS + SUPPORT],
  }));
}
