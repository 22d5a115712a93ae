/** How strongly a probe's weights are penalized: chosen on other rows than it is fitted to. */
import { fitBinaryProbes, fitProbe, type FittedProbe, type Probe, type ProbeOptions } from './fit.ts';
import { someRows, type LabeledRows } from './labeled-rows.ts';

/**
 * Penalties from the strongest, as shares of the mean variance of a feature times the rows' weights, so that they mean the same for features of
 * any scale and for any number of rows.
 */
export const STRENGTHS = [100, 10, 1, 0.1, 1e-2, 1e-3, 1e-4];

export interface ProbeTask extends Pick<ProbeOptions, 'tolerance' | 'maxIterations'> {
  classes: number;
  classWeights: readonly number[] | null;
}

/** Mean over the features of their variances over the rows. */
function varianceOf({ features, labels: { length: n } }: LabeledRows): number {
  const d = features.length / n;
  const [sums, squares] = [new Float64Array(d), new Float64Array(d)];
  features.forEach((value, at) => {
    sums[at % d] += value;
    squares[at % d] += value * value;
  });
  return squares.reduce((total, square, j) => total + square / n - (sums[j] / n) ** 2, 0) / d;
}
/** Solves for rows at a strength. */
export function fitRows(rows: LabeledRows, task: ProbeTask, strength: number, start?: Probe): FittedProbe {
  const { classes, classWeights, tolerance, maxIterations } = task;
  const { features, labels, targets } = rows;
  const weight = targets || !classWeights ? labels.length : labels.reduce((sum, label) => sum + classWeights[label], 0);
  // Features that are all constant have nothing to be penalized by.
  const l2 = strength * weight * (varianceOf(rows) || 1);
  const options = { classes, l2, start, tolerance, maxIterations };
  return targets ? fitBinaryProbes(features, targets, options) : fitProbe(features, labels, { ...options, classWeights });
}

/** Mean loss over rows, or cells where a row may have several classes, without the penalty: what an evaluation's `loss` is. */
export function lossOf({ weights, bias }: Probe, { features, labels, targets }: LabeledRows): number {
  const [classes, n] = [bias.length, labels.length];
  const d = features.length / n;
  let sum = 0;
  for (let row = 0; row < n; row++) {
    const logits = bias.map((b, c) => {
      let score = b;
      for (let j = 0; j < d; j++) score += features[row * d + j] * weights[c * d + j];
      return score;
    });
    sum += targets ? binaryLoss(logits, targets.subarray(row * classes, (row + 1) * classes)) : crossEntropy(logits, labels[row]);
  }
  return sum / n;
}
function crossEntropy(logits: Float64Array, label: number): number {
  const largest = Math.max(...logits);
  return largest + Math.log(logits.reduce((total, logit) => total + Math.exp(logit - largest), 0)) - logits[label];
}
function binaryLoss(logits: Float64Array, targets: Float32Array): number {
  const losses = logits.map((logit, c) => Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit))) - targets[c] * logit);
  return losses.reduce((a, b) => a + b) / logits.length;
}

/** Rows · features · classes up to which strengths are compared on all rows: a pass over them takes a tenth of a second. */
const COMPARED = 2 ** 25;

/** Evenly spaced rows, where there are more than `most`. */
function thinned(rows: LabeledRows, classes: number, most: number): LabeledRows {
  const stride = Math.ceil((rows.features.length * classes) / most);
  if (stride <= 1) return rows;
  return someRows(
    rows,
    [...rows.labels.keys()].filter((row) => row % stride === 0),
  );
}

export interface Chosen {
  strength: number;
  probe: FittedProbe;
}
/**
 * The probe of all training rows at the strength that has the lowest loss on `validation`. Strengths are solved each from the one before, from the
 * strongest on until two in a row are worse; of many rows, on evenly spaced ones. `told` comes after each; what it returns is waited for.
 */
export async function fitBest(train: LabeledRows, validation: LabeledRows, task: ProbeTask, told: () => Promise<void>): Promise<Chosen> {
  const some = thinned(train, task.classes, COMPARED);
  let best: (Chosen & { loss: number }) | null = null;
  let last: FittedProbe | undefined;
  let worse = 0;
  for (const strength of STRENGTHS) {
    last = fitRows(some, task, strength, last);
    const loss = lossOf(last, validation);
    worse = best && loss >= best.loss ? worse + 1 : 0;
    if (!best || loss < best.loss) best = { strength, probe: last, loss };
    await told();
    if (worse === 2) break;
  }
  const { strength, probe } = best!;
  return { strength, probe: some === train ? probe : fitRows(train, task, strength, probe) };
}
