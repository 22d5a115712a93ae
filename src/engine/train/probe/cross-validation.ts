/** Probes that are fitted to all folds but one, and what they say of that one. */
import { sigmoid, softmax } from '../../evaluate/softmax.ts';
import type { Probe } from './fit.ts';
import type { LabeledRows } from './labeled-rows.ts';
import { fitRows, lossOf, type ProbeTask } from './strength.ts';

/** Some of the rows, copied. */
export function someRows({ features, labels, targets }: LabeledRows, rows: number[]): LabeledRows {
  const width = features.length / labels.length;
  const classes = (targets?.length ?? 0) / labels.length;
  const copied = (values: Float32Array, columns: number) => {
    const some = new Float32Array(rows.length * columns);
    rows.forEach((row, at) => some.set(values.subarray(row * columns, (row + 1) * columns), at * columns));
    return some;
  };
  return {
    features: copied(features, width),
    labels: Int32Array.from(rows, (row) => labels[row]),
    targets: targets && copied(targets, classes),
    available: rows.length,
  };
}
/** The rows outside a fold and those in it. */
function parted(rows: LabeledRows, foldOf: Int32Array, fold: number): { kept: LabeledRows; held: LabeledRows; heldRows: number[] } {
  const all = [...foldOf.keys()];
  const heldRows = all.filter((row) => foldOf[row] === fold);
  const keptRows = all.filter((row) => foldOf[row] !== fold);
  return { kept: someRows(rows, keptRows), held: someRows(rows, heldRows), heldRows };
}

/** Probabilities of rows [n, width]: [n, classes]; each row sums to 1, or of several labels none need. */
export function probabilitiesOf({ weights, bias }: Probe, features: Float32Array, several: boolean): Float32Array<ArrayBuffer> {
  const classes = bias.length;
  const width = weights.length / classes;
  const n = features.length / width;
  const logits = new Float32Array(n * classes);
  for (let row = 0; row < n; row++)
    for (let c = 0; c < classes; c++) {
      let score = bias[c];
      for (let j = 0; j < width; j++) score += features[row * width + j] * weights[c * width + j];
      logits[row * classes + c] = score;
    }
  return several ? logits.map(sigmoid) : softmax(logits, classes);
}

/** What probes of the other folds say of each row: [n, classes]. Yields before each fold, so that its caller can do other things in between. */
export function* outOfSample(
  rows: LabeledRows,
  task: ProbeTask,
  strength: number,
  foldOf: Int32Array,
): Generator<undefined, Float32Array<ArrayBuffer>> {
  const folds = Math.max(...foldOf) + 1;
  const probabilities = new Float32Array(rows.labels.length * task.classes);
  for (let fold = 0; fold < folds; fold++) {
    yield;
    const { kept, held, heldRows } = parted(rows, foldOf, fold);
    const own = probabilitiesOf(fitRows(kept, task, strength), held.features, held.targets !== null);
    heldRows.forEach((row, at) => probabilities.set(own.subarray(at * task.classes, (at + 1) * task.classes), row * task.classes));
  }
  return probabilities;
}

/**
 * Of penalties from the strongest the one with the lowest loss on rows that its probes were not fitted to. Yields before each fit, so that its
 * caller can do other things in between.
 */
export function* chooseStrength(
  rows: LabeledRows,
  task: ProbeTask,
  foldOf: Int32Array,
  strengths: readonly number[],
): Generator<undefined, number> {
  const folds = Math.max(...foldOf) + 1;
  const losses = strengths.map(() => 0);
  for (let fold = 0; fold < folds; fold++) {
    const { kept, held } = parted(rows, foldOf, fold);
    let last: Probe | undefined;
    for (const [index, strength] of strengths.entries()) {
      yield;
      last = fitRows(kept, task, strength, last);
      losses[index] += lossOf(last, held) * held.labels.length;
    }
  }
  return strengths[losses.indexOf(Math.min(...losses))];
}
