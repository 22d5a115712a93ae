import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawSplits, parseShares, splits } from './splits.ts';
import type { TextGroup } from './splits.ts';

const shares = { train: 0.8, validation: 0.1, test: 0.1 };
const groupsOf = (label: string, count: number): TextGroup[] => Array.from({ length: count }, () => ({ labels: [label], size: 1 }));
const strata = fc.array(fc.integer({ min: 3, max: 60 }), { minLength: 1, maxLength: 6 });

const sizes = (groups: TextGroup[], drawn: string[], keep: (group: TextGroup) => boolean = () => true) =>
  splits.map((split) => groups.reduce((sum, group, index) => sum + (drawn[index] === split && keep(group) ? group.size : 0), 0));

describe('drawn splits', () => {
  test('keep every stratum in proportion, and the whole to the example', () => {
    fc.assert(
      fc.property(strata, fc.nat(), (counts, seed) => {
        const groups = counts.flatMap((count, index) => groupsOf(`s${index}`, count));
        const drawn = drawSplits(groups, shares, seed);
        const total = sizes(groups, drawn);
        splits.forEach((split, at) => expect(Math.abs(total[at] - shares[split] * groups.length)).toBeLessThan(1 + 1e-6));
        counts.forEach((count, index) => {
          const found = sizes(groups, drawn, ({ labels }) => labels[0] === `s${index}`);
          splits.forEach((split, at) => expect(Math.abs(found[at] - shares[split] * count)).toBeLessThan(2 + 1e-6));
        });
      }),
    );
  });

  test('leave no label out of training, however rare', () => {
    const rare = fc.array(
      fc.record({ labels: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 3 }), size: fc.constant(1) }),
      {
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(rare, fc.nat(), (groups, seed) => {
        const drawn = drawSplits(groups, shares, seed);
        const trained = new Set(groups.filter((_, index) => drawn[index] === 'train').flatMap(({ labels }) => labels));
        for (const label of groups.flatMap(({ labels }) => labels)) expect(trained).toContain(label);
      }),
    );
  });

  test('with texts that occur often, are off by no more than the largest of them', () => {
    const groups = fc.array(fc.record({ labels: fc.constantFrom(['a'], ['b']), size: fc.integer({ min: 1, max: 5 }) }), {
      minLength: 1,
      maxLength: 80,
    });
    fc.assert(
      fc.property(groups, fc.nat(), (given, seed) => {
        const drawn = drawSplits(given, shares, seed);
        const all = given.reduce((sum, { size }) => sum + size, 0);
        sizes(given, drawn).forEach((size, at) => expect(Math.abs(size - shares[splits[at]] * all)).toBeLessThan(2 * 5));
      }),
    );
  });

  test('are the same for a seed and differ between seeds', () => {
    const groups = groupsOf('a', 200);
    expect(drawSplits(groups, shares, 1)).toEqual(drawSplits(groups, shares, 1));
    expect(drawSplits(groups, shares, 1)).not.toEqual(drawSplits(groups, shares, 2));
  });

  test('give nothing to a split without a share', () => {
    expect(new Set(drawSplits(groupsOf('a', 50), { train: 0.9, validation: 0.1, test: 0 }, 1))).toEqual(new Set(['train', 'validation']));
  });
});

test('shares in any unit', () => {
  expect(parseShares('70:15:15')).toEqual({ train: 0.7, validation: 0.15, test: 0.15 });
  for (const text of ['70:30', 'a:b:c', '0:0:0', '-1:1:1', 'half'])
    expect(() => parseShares(text)).toThrow(expect.objectContaining({ code: 'wrong_format' }));
});
