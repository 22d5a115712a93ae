import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chooseStrength, outOfSample, stratifiedFolds, STRENGTHS, type LabeledRows } from './index.ts';

interface Expected {
  width: number;
  features: number[];
  labels: number[];
  folds: number[];
  strength: number;
  outOfSample: number[][];
}
const file = path.join(import.meta.dirname, '..', '..', '..', '..', 'tests', 'fixtures', 'active-expected.json');
const expected: Expected = JSON.parse(fs.readFileSync(file, 'utf8'));
const task = { classes: 3, classWeights: null };
const rows: LabeledRows = {
  features: Float32Array.from(expected.features),
  labels: Int32Array.from(expected.labels),
  targets: null,
  available: expected.labels.length,
};

function result<T>(steps: Generator<undefined, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

it('gives scikit-learn’s out-of-fold probabilities', () => {
  const probabilities = result(outOfSample(rows, task, expected.strength, Int32Array.from(expected.folds)));
  expected.outOfSample.forEach((row, at) => row.forEach((p, c) => expect(Math.abs(probabilities[3 * at + c] - p)).toBeLessThan(1e-3)));
});

it('chooses a strong penalty for labels that features say nothing of, a weaker one where they say all', () => {
  const labels = rows.labels.map((_, at) => (at * 7 + Math.floor(at / 11)) % 3);
  const folds = Int32Array.from(expected.folds);
  expect(result(chooseStrength({ ...rows, labels }, task, folds, STRENGTHS))).toBeGreaterThanOrEqual(1);
  const clear = {
    ...rows,
    features: Float32Array.from([...rows.labels].flatMap((label) => [0, 1, 2, 3, 4, 5].map((j) => (j === label ? 1 : 0)))),
  };
  expect(result(chooseStrength(clear, task, folds, STRENGTHS))).toBeLessThan(1e-2);
  expect(result(chooseStrength(clear, task, folds, [10, 1]))).toBe(1);
});

it('keeps groups together and spreads each class', () => {
  const row = fc.record({ group: fc.integer({ min: 0, max: 20 }).map(String), classes: fc.uniqueArray(fc.nat(3), { maxLength: 2 }) });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 60 }), fc.integer({ min: 2, max: 6 }), fc.nat(5), (all, folds, seed) => {
      const foldOf = stratifiedFolds(all, folds, seed);
      for (const members of Map.groupBy(all.keys(), (at) => all[at].group).values())
        expect(new Set(members.map((at) => foldOf[at])).size).toBe(1);
      for (const fold of foldOf) expect(fold >= 0 && fold < folds).toBe(true);
      expect(stratifiedFolds(all, folds, seed)).toEqual(foldOf);
    }),
  );
  const labels = Array.from({ length: 50 }, (_, at) => ({ group: `${at}`, classes: [at < 10 ? 1 : 0] }));
  const foldOf = stratifiedFolds(labels, 5, 1);
  for (let fold = 0; fold < 5; fold++) {
    const members = labels.filter((_, at) => foldOf[at] === fold);
    expect(members).toHaveLength(10);
    expect(members.filter(({ classes }) => classes[0] === 1)).toHaveLength(2);
  }
});
