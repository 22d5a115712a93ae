/**
 * Labels that look wrong: confident learning (Northcutt, Jiang and Chuang 2021, Confident Learning: Estimating Uncertainty in Dataset Labels), with
 * cleanlab's arithmetic. Probabilities are out of sample: by models that did not see the label in question.
 */

export interface LabelIssue {
  /** Of the example. */
  index: number;
  /** The class it is confidently counted to. Of several labels: every label that is to be turned over. */
  classes: number[];
  /** Normalized margin of the given label, in [0, 1]: 0 where another is certain. Of several labels the lowest of those in question. */
  score: number;
}

/** As cleanlab: what is so close below a threshold counts as on it. */
const TOLERANCE = 1e-6;

/**
 * One label each. `given`: [n]; `probabilities`: [n, classes]. An example is in question where a class other than its own is the likeliest of
 * those whose mean self-confidence its probability reaches: the off-diagonal of the confident joint. The worst first.
 */
export function labelIssues(given: ArrayLike<number>, probabilities: ArrayLike<number>, classes: number): LabelIssue[] {
  const thresholds = selfConfidences(given, probabilities, classes);
  const issues: LabelIssue[] = [];
  for (let index = 0; index < given.length; index++) {
    const row = rowOf(probabilities, classes, index);
    const confident = confidentClass(row, thresholds);
    if (confident === -1 || confident === given[index]) continue;
    issues.push({ index, classes: [confident], score: normalizedMargin(row, given[index]) });
  }
  return issues.sort(worstFirst);
}

/**
 * Several labels each: every label is a question of its own, answered yes or no. `given`: the labels of each example; `probabilities`: [n, classes], of
 * each label by itself.
 */
export function severalLabelIssues(given: readonly (readonly number[])[], probabilities: ArrayLike<number>, classes: number): LabelIssue[] {
  const issues = new Map<number, LabelIssue>();
  for (let label = 0; label < classes; label++) {
    const yes = given.map((labels) => Number(labels.includes(label)));
    const both = Float64Array.from({ length: 2 * given.length }, (_, at) => {
      const probability = probabilities[Math.floor(at / 2) * classes + label];
      return at % 2 === 0 ? 1 - probability : probability;
    });
    for (const { index, score } of labelIssues(yes, both, 2)) {
      const known = issues.get(index);
      issues.set(index, { index, classes: [...(known?.classes ?? []), label], score: Math.min(score, known?.score ?? 1) });
    }
  }
  return [...issues.values()].sort(worstFirst);
}

/** (p of the given label − p of the likeliest other + 1) / 2. */
export function normalizedMargin(row: readonly number[], given: number): number {
  const other = Math.max(...row.filter((_, label) => label !== given));
  return (row[given] - other + 1) / 2;
}

const worstFirst = (a: LabelIssue, b: LabelIssue): number => a.score - b.score || a.index - b.index;

const rowOf = (probabilities: ArrayLike<number>, classes: number, index: number): number[] =>
  Array.from({ length: classes }, (_, label) => probabilities[index * classes + label]);

/** Of each class the mean of its probability over the examples that are given it; 1 where none is. */
function selfConfidences(given: ArrayLike<number>, probabilities: ArrayLike<number>, classes: number): number[] {
  const [sums, counts] = [new Float64Array(classes), new Float64Array(classes)];
  for (let index = 0; index < given.length; index++) {
    sums[given[index]] += probabilities[index * classes + given[index]];
    counts[given[index]]++;
  }
  return Array.from(sums, (sum, label) => (counts[label] > 0 ? sum / counts[label] : 1));
}

/** The class whose threshold is reached; of more, the likeliest of all; −1: none. */
function confidentClass(row: number[], thresholds: number[]): number {
  const reached = row.flatMap((probability, label) => (probability >= thresholds[label] - TOLERANCE ? [label] : []));
  if (reached.length === 0) return -1;
  return reached.length === 1 ? reached[0] : row.indexOf(Math.max(...row));
}
