import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splits, type TextGroup } from './splits.ts';
import { stratifyLabels } from './stratify.ts';

const shares = { train: 0.8, validation: 0.1, test: 0.1 };
const group = fc.record({ labels: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd')), size: fc.constant(1) });
const having = (groups: TextGroup[], label: string) => groups.filter(({ labels }) => labels.includes(label)).length;

test('every label keeps its shares, the rare ones and the whole too', () => {
  const groups: TextGroup[] = Array.from({ length: 1000 }, (_, index) => ({
    labels: ['a', 'b', 'c', 'rare'].filter((_, at) => index % [2, 3, 7, 50][at] === 0),
    size: 1,
  }));
  const drawn = stratifyLabels(groups, shares, 1);
  const of = (split: string) => groups.filter((_, index) => drawn[index] === split);
  for (const split of splits) {
    expect(Math.abs(of(split).length - shares[split] * 1000)).toBeLessThanOrEqual(5);
    for (const label of ['a', 'b', 'c', 'rare'])
      expect(Math.abs(having(of(split), label) - shares[split] * having(groups, label))).toBeLessThanOrEqual(5);
  }
  expect(having(of('validation'), 'rare')).toBe(2);
});

test('every group has a split, the same for a seed, none without a share, and every label a training example', () => {
  fc.assert(
    fc.property(fc.array(group, { minLength: 1, maxLength: 60 }), fc.nat(), (groups, seed) => {
      const drawn = stratifyLabels(groups, { train: 0.9, validation: 0.1, test: 0 }, seed);
      expect(drawn).toHaveLength(groups.length);
      expect(drawn.every((split) => split === 'train' || split === 'validation')).toBe(true);
      expect(stratifyLabels(groups, { train: 0.9, validation: 0.1, test: 0 }, seed)).toEqual(drawn);
      const train = groups.filter((_, index) => drawn[index] === 'train');
      for (const label of new Set(groups.flatMap(({ labels }) => labels))) expect(having(train, label)).toBeGreaterThan(0);
    }),
  );
});
