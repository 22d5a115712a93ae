/**
 * Figures from counts. Every metric here but log loss is a function of three counts a label, and those add up over examples, which
 * is what lets significance.ts resample examples without looking at them again.
 */
import type { Span } from '../../shared/domain.ts';

/** Cells of one label: expected and predicted, predicted, expected. */
export const CELLS = 3;
export const [TRUE_POSITIVE, PREDICTED, SUPPORT] = [0, 1, 2];

/** [labels × CELLS] */
export type Counts = Float64Array;

export const METRICS = ['accuracy', 'macroF1', 'microF1', 'f1', 'precision', 'recall'] as const;
export type CountMetric = (typeof METRICS)[number];

const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);

function total(counts: Counts, cell: number): number {
  let sum = 0;
  for (let at = cell; at < counts.length; at += CELLS) sum += counts[at];
  return sum;
}

export function labelF1(counts: Counts, label: number): number {
  const at = label * CELLS;
  return ratio(2 * counts[at + TRUE_POSITIVE], counts[at + PREDICTED] + counts[at + SUPPORT]);
}

export function labelPrecision(counts: Counts, label: number): number {
  return ratio(counts[label * CELLS + TRUE_POSITIVE], counts[label * CELLS + PREDICTED]);
}

export function labelRecall(counts: Counts, label: number): number {
  return ratio(counts[label * CELLS + TRUE_POSITIVE], counts[label * CELLS + SUPPORT]);
}

/** Mean F1 of the labels that were expected or predicted at all (scikit-learn's `average="macro"`). */
function macroF1(counts: Counts): number {
  let sum = 0;
  let present = 0;
  for (let label = 0; label * CELLS < counts.length; label++) {
    if (counts[label * CELLS + PREDICTED] + counts[label * CELLS + SUPPORT] === 0) continue;
    present++;
    sum += labelF1(counts, label);
  }
  return ratio(sum, present);
}

/** In [0, 1]; 0 where nothing was there to be right about. */
export function metricOf(metric: CountMetric, counts: Counts): number {
  if (metric === 'macroF1') return macroF1(counts);
  const [right, predicted, support] = [total(counts, TRUE_POSITIVE), total(counts, PREDICTED), total(counts, SUPPORT)];
  if (metric === 'accuracy' || metric === 'recall') return ratio(right, support);
  if (metric === 'precision') return ratio(right, predicted);
  return ratio(2 * right, predicted + support);
}

/** Adds one classified example; `predicted` null: the run gave it no label. */
export function countLabel(counts: Counts, expected: number, predicted: number | null): void {
  counts[expected * CELLS + SUPPORT]++;
  if (predicted === null) return;
  counts[predicted * CELLS + PREDICTED]++;
  if (expected === predicted) counts[expected * CELLS + TRUE_POSITIVE]++;
}

/** Adds one text of several labels: [labels it has] against [labels predicted], each an index once. */
export function countLabels(counts: Counts, expected: number[], predicted: number[]): void {
  for (const label of expected) counts[label * CELLS + SUPPORT]++;
  for (const label of predicted) {
    counts[label * CELLS + PREDICTED]++;
    if (expected.includes(label)) counts[label * CELLS + TRUE_POSITIVE]++;
  }
}

const spanKey = ({ start, end, label }: Span) => `${start} ${end} ${label}`;

/** Adds one text's entities; right is only what agrees in start, end and label (seqeval's default mode). */
export function countSpans(counts: Counts, labels: Map<string, number>, expected: Span[], predicted: Span[]): void {
  const wanted = new Map(expected.map((span) => [spanKey(span), span]));
  const found = new Map(predicted.map((span) => [spanKey(span), span]));
  const cell = (span: Span) => (labels.get(span.label) ?? 0) * CELLS;
  for (const span of wanted.values()) counts[cell(span) + SUPPORT]++;
  for (const [key, span] of found) {
    counts[cell(span) + PREDICTED]++;
    if (wanted.has(key)) counts[cell(span) + TRUE_POSITIVE]++;
  }
}
