/** Two runs on the same examples: which is better, by how much, and whether that can be told at all. */
import { isLabeled, labelsNamed, type Annotation, type Comparison, type Prediction, type Task } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import {
  CELLS,
  countLabel,
  countLabels,
  countSpans,
  labelF1,
  labelRecall,
  metricOf,
  METRICS,
  PREDICTED,
  SUPPORT,
  type CountMetric,
  type Counts,
} from './counts.ts';
import { approximateRandomisation, mcnemarExact, pairedBootstrap, type PairedCounts, type Sampled } from './significance.ts';

export interface ComparedExample {
  expected: Annotation;
  first: Prediction;
  second: Prediction;
}

export interface ComparisonRequest {
  task: Task;
  labels: string[];
  examples: ComparedExample[];
  /** accuracy for classification, microF1 for multi-label, f1 for entities, unless said. */
  metric?: string;
  seed?: number;
  /** What a person calls the two runs. */
  names: [first: string, second: string];
}

const METRICS_OF: Record<Task, CountMetric[]> = {
  classification: ['accuracy', 'macroF1', 'microF1'],
  multilabel: ['microF1', 'macroF1'],
  ner: ['f1', 'precision', 'recall'],
};
const IN_WORDS: Record<CountMetric, string> = {
  accuracy: 'accuracy',
  macroF1: 'macro F1',
  microF1: 'micro F1',
  f1: 'F1',
  precision: 'precision',
  recall: 'recall',
};
const CERTAIN_ENOUGH = 0.05;

/**
 * Values, difference (second − first), its 95 % interval by paired bootstrap, and a p-value: exact McNemar where the metric counts
 * right answers, for multi-label the same bootstrap, approximate randomisation for every other. Throws `unknown_option` for a metric the task does not have,
 * `not_enough_data` without examples.
 */
export function compareRuns({
  task,
  labels,
  examples: given,
  metric,
  seed = 1,
  names,
}: ComparisonRequest): Omit<Comparison, 'runs' | 'split'> {
  const chosen = metricFor(task, metric);
  const examples = given.filter(({ expected }) => isLabeled(expected));
  if (examples.length === 0)
    throw new ThawError({
      code: 'not_enough_data',
      message: 'The two runs share no labeled example to be compared on.',
      remedy: 'Compare on another split, or label some examples of this one.',
    });
  const known = labelsOf(labels, examples);
  const paired = examples.map((example) => pairedCounts(task, known, example));
  const totals = ['first' as const, 'second' as const].map((run) => totalOf(paired, run));
  const values: [number, number] = [metricOf(chosen, totals[0]), metricOf(chosen, totals[1])];
  const flips = countFlips(task, examples);
  const overall = (counts: Counts) => metricOf(chosen, counts);
  const shown = known.map((_, label) => label).filter((label) => totals.some((counts) => labelFigure(task, counts, label) !== null));
  const figures = shown.map((label) => (counts: Counts) => labelFigure(task, counts, label) ?? NaN);
  const [sampled, ...ofLabels] = pairedBootstrap(paired, [overall, ...figures], { seed });
  const confidenceInterval = sampled.interval;
  const test = testOf(task, chosen);
  const pValue = P_VALUES[test]({ flips, paired, overall, seed, sampled });
  const difference = values[1] - values[0];
  return {
    metric: chosen,
    values,
    difference,
    confidenceInterval,
    pValue,
    test,
    verdict: verdictOf({ names, metric: chosen, difference, confidenceInterval, pValue }),
    examples: examples.length,
    perLabel: shown.map((label, index) => ({
      label: known[label],
      support: totals[0][label * CELLS + SUPPORT],
      difference: figures[index](totals[1]) - figures[index](totals[0]) || 0,
      confidenceInterval: ofLabels[index].interval,
    })),
    flips,
  };
}

interface Evidence {
  flips: Comparison['flips'];
  paired: PairedCounts[];
  overall: (counts: Counts) => number;
  seed: number;
  sampled: Sampled;
}
const P_VALUES = {
  'exact McNemar': ({ flips }: Evidence) => mcnemarExact(flips.fixed, flips.broken),
  'paired bootstrap': ({ sampled }: Evidence) => sampled.pValue,
  'approximate randomisation': ({ paired, overall, seed }: Evidence) => approximateRandomisation(paired, overall, { seed }),
};

function testOf(task: Task, metric: CountMetric): keyof typeof P_VALUES {
  if (task === 'multilabel') return 'paired bootstrap';
  const countsAnswers = metric === 'accuracy' || (metric === 'microF1' && task === 'classification');
  return countsAnswers ? 'exact McNemar' : 'approximate randomisation';
}

function metricFor(task: Task, metric: string | undefined): CountMetric {
  const possible = METRICS_OF[task];
  if (metric === undefined) return possible[0];
  const found = METRICS.find((name) => name === metric);
  if (found && possible.includes(found)) return found;
  throw new ThawError({
    code: 'unknown_option',
    message: `Runs of this task cannot be compared by ${metric}.`,
    remedy: `Choose one of ${possible.join(', ')}.`,
  });
}

/** The labels given, and any that only an annotation or a prediction has. */
function labelsOf(labels: string[], examples: ComparedExample[]): string[] {
  const used = examples.flatMap(({ expected, first, second }) => [expected, first, second].flatMap(labelsNamed));
  return [...new Set([...labels, ...used])];
}

function pairedCounts(task: Task, labels: string[], { expected, first, second }: ComparedExample): PairedCounts {
  const index = new Map(labels.map((label, at) => [label, at]));
  const count = (prediction: Prediction): Counts => {
    const counts = new Float64Array(labels.length * CELLS);
    const indexes = (names: string[] = []) => [...new Set(names)].map((name) => index.get(name) ?? 0);
    if (task === 'ner') countSpans(counts, index, expected.spans ?? [], prediction.spans ?? []);
    else if (task === 'multilabel') countLabels(counts, indexes(expected.labels), indexes(prediction.labels));
    else countLabel(counts, index.get(expected.label ?? '') ?? 0, index.get(prediction.label ?? '') ?? null);
    return counts;
  };
  return { first: count(first), second: count(second) };
}

function totalOf(paired: PairedCounts[], run: keyof PairedCounts): Counts {
  const total = new Float64Array(paired[0][run].length);
  for (const example of paired) example[run].forEach((count, cell) => (total[cell] += count));
  return total;
}

/** Recall of a label; F1 where a text may have several. null: nothing to be right about. */
function labelFigure(task: Task, counts: Counts, label: number): number | null {
  const support = counts[label * CELLS + SUPPORT];
  if (task === 'classification') return support === 0 ? null : labelRecall(counts, label);
  return support + counts[label * CELLS + PREDICTED] === 0 ? null : labelF1(counts, label);
}

/** Whether a prediction is right in full: its label, or all of its labels or spans and no other. */
export function isRight(task: Task, expected: Annotation, prediction: Prediction): boolean {
  if (task === 'classification') return prediction.label === expected.label;
  const keys = ({ labels, spans }: Annotation) =>
    new Set(task === 'ner' ? (spans ?? []).map(({ start, end, label }) => `${start} ${end} ${label}`) : labels);
  const [wanted, found] = [keys(expected), keys(prediction)];
  return wanted.size === found.size && [...wanted].every((key) => found.has(key));
}

function countFlips(task: Task, examples: ComparedExample[]): Comparison['flips'] {
  const flips = { fixed: 0, broken: 0 };
  for (const { expected, first, second } of examples) {
    const [was, is] = [isRight(task, expected, first), isRight(task, expected, second)];
    if (!was && is) flips.fixed++;
    if (was && !is) flips.broken++;
  }
  return flips;
}

/** A share as signed points; what rounds to nothing has a plus. */
function points(share: number): string {
  const size = Math.abs(share * 100).toFixed(1);
  return `${share < 0 && size !== '0.0' ? '−' : '+'}${size}`;
}

/** One sentence. The better run's name comes first, and the difference is its gain. */
function verdictOf({
  names,
  metric,
  difference,
  confidenceInterval: [low, high],
  pValue,
}: Pick<Comparison, 'difference' | 'confidenceInterval' | 'pValue'> & { names: [string, string]; metric: CountMetric }): string {
  const figures = (gain: number, from: number, to: number) =>
    `${points(gain)} points ${IN_WORDS[metric]}, 95 % interval ${points(from)} to ${points(to)}`;
  if (pValue >= CERTAIN_ENOUGH || (low <= 0 && high >= 0))
    return `Not distinguishable: ${figures(difference, low, high)}, p = ${pValue.toFixed(2)}. More examples would tell more.`;
  if (difference > 0) return `${names[1]} is better: ${figures(difference, low, high)}.`;
  return `${names[0]} is better: ${figures(-difference, -high, -low)}.`;
}
