/** Probes that are fitted to all folds but one, and what they say of that one. */
import { sigmoid, softmax } from '../../evaluate/softmax.ts';
import type { Probe } from './fit.ts';
import { someRows, type LabeledRows } from './labeled-rows.ts';
import { scoreRows } from './rows.ts';
import { fitRows, lossOf, type ProbeTask } from './strength.ts';

/** The rows outside a fold and those in it. */
function parted(rows: LabeledRows, foldOf: Int32Array, fold: number): { kept: LabeledRows; held: LabeledRows; heldRows: number[] } {
  const all = [...foldOf.keys()];
  const heldRows = all.filter((row) => foldOf[row] === fold);
  const keptRows = all.filter((row) => foldOf[row] !== fold);
  return { kept: someRows(rows, keptRows), held: someRows(rows, heldRows), heldRows };
}

/** Probabilities of rows [n, width]: [n, classes]; each row sums to 1, or of several labels none need. */
export function probabilitiesOf(probe: Probe, features: Float32Array, several: boolean): Float32Array<ArrayBuffer> {
  const classes = probe.bias.length;
  const d = probe.weights.length / classes;
  const n = features.length / d;
  const scores = new Float64Array(n * classes);
  scoreRows({ features, n, d }, 0, n, probe, scores);
  const logits = Float32Array.from(scores);
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
