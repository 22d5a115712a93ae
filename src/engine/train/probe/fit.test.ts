import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../text/random.ts';
import { fitBinaryProbes, fitProbe, type FittedProbe, type Probe } from './index.ts';

interface Case {
  kind: 'classes' | 'two' | 'binary';
  l2: number;
  classes: number;
  classWeights: number[] | null;
  weights: number[][];
  bias: number[];
  probabilities: number[][];
}
const file = path.join(import.meta.dirname, '..', '..', '..', '..', 'tests', 'fixtures', 'probe-expected.json');
const expected: { width: number; features: number[]; labels: number[]; targets: number[]; cases: Case[] } = JSON.parse(
  fs.readFileSync(file, 'utf8'),
);
const features = Float32Array.from(expected.features);
const d = expected.width;

const labelsOf = (kind: Case['kind']) => Int32Array.from(expected.labels, (label) => (kind === 'two' ? label % 2 : label));
function solved({ kind, classes, l2, classWeights }: Case, start?: Probe): FittedProbe {
  const options = { classes, l2, start, tolerance: 1e-14 };
  if (kind === 'binary') return fitBinaryProbes(features, Float32Array.from(expected.targets), options);
  return fitProbe(features, labelsOf(kind), { ...options, classWeights });
}
const logitsOf = ({ weights, bias }: Probe, row: number) =>
  [...bias].map((b, c) => b + Array.from({ length: d }, (_, j) => features[row * d + j] * weights[c * d + j]).reduce((x, y) => x + y, 0));

function probabilitiesOf(kind: Case['kind'], logits: number[]): number[] {
  const powers = logits.map(Math.exp);
  if (kind === 'binary') return powers.map((power) => power / (1 + power));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}

describe('scikit-learn’s LogisticRegression', () => {
  it.each(expected.cases)('$kind, penalty $l2, class weights $classWeights', (one) => {
    const probe = solved(one);
    expect(probe.converged).toBe(true);
    const coefficients =
      one.kind === 'two'
        ? [[...probe.weights.subarray(d)].map((w, j) => w - probe.weights[j])]
        : one.weights.map((_, c) => [...probe.weights.subarray(c * d, (c + 1) * d)]);
    one.weights.forEach((row, c) => row.forEach((w, j) => expect(Math.abs(coefficients[c][j] - w)).toBeLessThan(1e-4)));
    const bias = one.kind === 'two' ? [probe.bias[1] - probe.bias[0]] : [...probe.bias];
    one.bias.forEach((b, c) => expect(Math.abs(bias[c] - b)).toBeLessThan(1e-4));
    one.probabilities.forEach((row, at) =>
      probabilitiesOf(one.kind, logitsOf(probe, at)).forEach((p, c) => expect(Math.abs(p - row[c])).toBeLessThan(1e-4)),
    );
  });
});

it('begins where it is told, and comes to the same solution in fewer passes', () => {
  for (const one of expected.cases) {
    const cold = solved(one);
    const less = fitProbeWithout(one);
    const warm = solved(one, less);
    warm.weights.forEach((w, at) => expect(Math.abs(w - cold.weights[at])).toBeLessThan(1e-4));
    expect(warm.evaluations).toBeLessThan(cold.evaluations);
    expect(solved(one, cold).evaluations).toBeLessThanOrEqual(3);
  }
});
/** The solution with one example less. */
function fitProbeWithout({ kind, classes, l2, classWeights }: Case): FittedProbe {
  const some = features.subarray(0, features.length - d);
  if (kind === 'binary') return fitBinaryProbes(some, Float32Array.from(expected.targets.slice(0, -classes)), { classes, l2 });
  return fitProbe(some, labelsOf(kind).slice(0, -1), { classes, l2, classWeights });
}

it('gives the same bits each time', () => {
  for (const one of expected.cases) expect(solved(one)).toEqual(solved(one));
});

it('passes over rows without a label', () => {
  const [one] = expected.cases;
  const labels = labelsOf(one.kind);
  const half = labels.map((label, row) => (row % 2 ? -100 : label));
  const kept = [...labels.keys()].filter((row) => row % 2 === 0);
  const some = Float32Array.from(kept.flatMap((row) => [...features.subarray(row * d, (row + 1) * d)]));
  const options = { classes: one.classes, l2: 1, tolerance: 1e-14 };
  const [all, alone] = [
    fitProbe(features, half, options),
    fitProbe(
      some,
      Int32Array.from(kept, (row) => labels[row]),
      options,
    ),
  ];
  alone.weights.forEach((w, at) => expect(Math.abs(w - all.weights[at])).toBeLessThan(1e-4));
});

describe('what labels say little about', () => {
  const options = { classes: 3, l2: 1 };
  it('a class without an example, a single example, and none that counts', () => {
    for (const labels of [labelsOf('two'), labelsOf('two').fill(-100), labelsOf('two').map((label, row) => (row ? -100 : label))]) {
      const { weights, bias, converged } = fitProbe(features, labels, options);
      expect(converged).toBe(true);
      for (const value of [...weights, ...bias]) expect(value).toBeTypeOf('number');
      expect([...weights, ...bias].every(Number.isFinite)).toBe(true);
    }
  });
  it('features that are constant or the same twice', () => {
    const random = mulberry32(1);
    const rows = Array.from({ length: 50 }, () => [random(), 7, 0]);
    const twice = Float32Array.from(rows.flatMap(([x]) => [x, x, 7, 0]));
    const labels = Int32Array.from(rows, ([x]) => (x > 0.6 ? 2 : x > 0.3 ? 1 : 0));
    const { weights, converged } = fitProbe(twice, labels, options);
    expect(converged).toBe(true);
    for (let c = 0; c < 3; c++) {
      expect(weights[4 * c]).toBeCloseTo(weights[4 * c + 1], 8);
      expect(Math.abs(weights[4 * c + 2])).toBeLessThan(1e-8);
      expect(Math.abs(weights[4 * c + 3])).toBeLessThan(1e-8);
    }
  });
});
