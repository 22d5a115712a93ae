/**
 * A linear probe: logistic regression on features that do not change (Alain and Bengio 2016), solved to its minimum. The problems are
 * scikit-learn's: Σ loss + l2/2 · ‖weights‖², the bias not penalized, so that its C is 1/l2.
 *
 * Features are taken as they are, neither scaled nor copied. They are centred in the arithmetic, which only moves the bias; their differing scales
 * and correlations go into a preconditioner, one matrix for all classes: some thirty passes do where plain L-BFGS takes hundreds, and a refit from the
 * solution before takes a few.
 */
import { factorize, solve } from './cholesky.ts';
import { minimize } from './lbfgs.ts';
import { sigmoidLoss, softmaxLoss, type Loss } from './losses.ts';
import { addGradient, BLOCK, meanOf, scatterOf, scoreRows, type Rows } from './rows.ts';

export interface ProbeOptions {
  classes: number;
  /** Strength of the penalty, above 0. */
  l2: number;
  /** What an example of each class weighs; left out: all the same. */
  classWeights?: readonly number[] | null;
  /** Where to begin: the solution of a problem like this one, such as with a label less. */
  start?: Probe;
  /** Share of the objective that may still be gained. */
  tolerance?: number;
  maxIterations?: number;
}
/** logits = features · weightsᵀ + bias. */
export interface Probe {
  /** [classes, d], row-major. */
  weights: Float64Array;
  /** [classes] */
  bias: Float64Array;
}
export interface FittedProbe extends Probe {
  /** Σ loss + penalty, at the solution. */
  objective: number;
  /** Passes over the features. */
  evaluations: number;
  /** False where `maxIterations` came first. */
  converged: boolean;
}

const TOLERANCE = 1e-7;
const MOST_ITERATIONS = 1000;
/** Rows for each feature that the preconditioner is made of. */
const SAMPLED = 4;

interface Problem {
  rows: Rows;
  /** Columns of the scores. */
  outputs: number;
  l2: number;
  loss: Loss;
}

/**
 * One class of several for each row: softmax and cross-entropy. `features`: [n, d]; `labels`: [n], those outside [0, classes) count nothing. With
 * two classes scikit-learn penalizes their one difference: its C is then 2/l2.
 */
export function fitProbe(features: Float32Array, labels: Int32Array, options: ProbeOptions): FittedProbe {
  const { classes, l2, classWeights } = options;
  const rows = rowsOf(features, labels.length);
  if (classes === 2) return fitTwoClasses(rows, labels, options);
  return fit({ rows, outputs: classes, l2, loss: softmaxLoss(labels, classes, classWeights ?? null) }, options);
}
/** By the difference of the two logits, which is all that their probabilities depend on: half the work. */
function fitTwoClasses(rows: Rows, labels: Int32Array, { start, ...options }: ProbeOptions): FittedProbe {
  const { d } = rows;
  const counts = (label: number) => label === 0 || label === 1;
  const cellWeights = Float32Array.from(labels, (label) => (counts(label) ? (options.classWeights?.[label] ?? 1) : 0));
  const difference = start && {
    weights: start.weights.slice(d).map((w, j) => w - start.weights[j]),
    bias: Float64Array.of(start.bias[1] - start.bias[0]),
  };
  const loss = sigmoidLoss(Float32Array.from(labels), 1, cellWeights);
  const { weights, bias, ...rest } = fit({ rows, outputs: 1, l2: options.l2 / 2, loss }, { ...options, start: difference });
  const halves = new Float64Array(2 * d);
  weights.forEach((w, j) => {
    halves[j] = -w / 2;
    halves[d + j] = w / 2;
  });
  return { weights: halves, bias: Float64Array.of(-bias[0] / 2, bias[0] / 2), ...rest };
}
/** A yes or no for each class: sigmoid and binary cross-entropy, one-vs-rest. `features`: [n, d]; `targets`: [n, classes], 0 or 1. */
export function fitBinaryProbes(features: Float32Array, targets: Float32Array, options: Omit<ProbeOptions, 'classWeights'>): FittedProbe {
  const { classes, l2 } = options;
  const rows = rowsOf(features, targets.length / classes);
  return fit({ rows, outputs: classes, l2, loss: sigmoidLoss(targets, classes, null) }, options);
}
const rowsOf = (features: Float32Array, n: number): Rows => ({ features, n, d: features.length / n });

/** Minimizes over x = [weights [outputs, d], bias of the centred features [outputs]]. */
function fit(problem: Problem, { start, tolerance = TOLERANCE, maxIterations = MOST_ITERATIONS }: ProbeOptions): FittedProbe {
  const { rows, outputs } = problem;
  const { d } = rows;
  const mean = meanOf(rows);
  const first = new Float64Array(outputs * (d + 1));
  if (start) {
    first.set(start.weights);
    first.set(shifted(start, mean, 1), outputs * d);
  }
  const evaluate = objectiveOf(problem, mean);
  const precondition = preconditionerOf(problem, mean);
  const { x, value, evaluations, converged } = minimize(first, { evaluate, precondition, tolerance, maxIterations });
  return { ...partsOf(x, outputs, mean), objective: value, evaluations, converged };
}
/** bias + sign · weights · mean. */
function shifted({ weights, bias }: Probe, mean: Float64Array, sign: 1 | -1): Float64Array {
  const d = mean.length;
  return bias.map((value, c) => mean.reduce((sum, m, j) => sum + sign * m * weights[c * d + j], value));
}
/** The weights and the bias for features that are not centred. */
function partsOf(x: Float64Array, outputs: number, mean: Float64Array): Probe {
  const weights = x.subarray(0, outputs * mean.length);
  return { weights, bias: shifted({ weights, bias: x.subarray(weights.length) }, mean, -1) };
}
function objectiveOf({ rows, outputs, l2, loss }: Problem, mean: Float64Array) {
  const { n, d } = rows;
  const scores = new Float64Array(BLOCK * outputs);
  return (x: Float64Array, gradient: Float64Array): number => {
    const probe = partsOf(x, outputs, mean);
    const [slopes, biasSlopes] = [gradient.subarray(0, outputs * d), gradient.subarray(outputs * d)];
    gradient.fill(0);
    let value = 0;
    for (let first = 0; first < n; first += BLOCK) {
      const count = Math.min(BLOCK, n - first);
      scoreRows(rows, first, count, probe, scores);
      for (let row = 0; row < count; row++) value += loss.differentiate(scores, row * outputs, first + row);
      addGradient(rows, first, count, scores, slopes, biasSlopes);
    }
    for (let at = 0; at < slopes.length; at++) {
      slopes[at] += l2 * x[at] - biasSlopes[Math.floor(at / d)] * mean[at % d];
      value += (l2 / 2) * x[at] ** 2;
    }
    return value;
  };
}
/**
 * The inverse of variance · Σ x·xᵀ + l2 for the weights of each output, and of variance · Σ 1 for its bias: the curvature where nothing is known yet.
 * That at a starting point, or made anew on the way, was tried and takes more passes: classes differ too much there for one matrix.
 */
function preconditionerOf({ rows, outputs, l2, loss: { variance, weight } }: Problem, mean: Float64Array) {
  const { n, d } = rows;
  const factor = scatterOf(rows, mean, SAMPLED * d);
  const scale = (variance * weight) / n;
  for (let row = 0; row < d; row++) {
    for (let j = 0; j <= row; j++) factor[row * d + j] *= scale;
    factor[row * d + row] += l2;
  }
  factorize(factor, d);
  // Where no row counts there is no curvature, nor a gradient.
  const biasCurvature = Math.max(variance * weight, Number.MIN_VALUE);
  return (gradient: Float64Array): void => {
    for (let c = 0; c < outputs; c++) {
      solve(factor, d, gradient.subarray(c * d, (c + 1) * d));
      gradient[outputs * d + c] /= biasCurvature;
    }
  };
}
