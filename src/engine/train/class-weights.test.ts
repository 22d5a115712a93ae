import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { balancedWeights } from './class-weights.ts';

const fixture = path.join(import.meta.dirname, '..', '..', '..', 'tests', 'fixtures', 'levers-expected.json');
const { balanced }: { balanced: { labels: number[]; weights: number[] }[] } = JSON.parse(fs.readFileSync(fixture, 'utf8'));

it.each(balanced)('gives scikit-learn’s weights of $labels', ({ labels, weights }) => {
  balancedWeights(labels, weights.length).forEach((weight, label) => expect(weight).toBeCloseTo(weights[label], 12));
});
it('passes over what has no label, and leaves a class without examples alone', () =>
  expect(balancedWeights([0, -100, 0, 2, 0], 4)).toEqual([4 / 6, 1, 2, 1]));
