import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NearDuplicates, nearThreshold } from '../duplicates/index.ts';
import { jaccard, shinglesOf } from '../duplicates/shingles.ts';
import { splits } from './splits.ts';
import { drawTogether, rowsTogether } from './together.ts';

const shares = { train: 0.8, validation: 0.1, test: 0.1 };

function nearOf(texts: string[]): Uint32Array {
  const near = new NearDuplicates();
  for (const text of texts) near.add(text);
  return near.groups((row) => texts[row]).groups;
}

const word = fc.constantFrom(
  'parcel',
  'refund',
  'kettle',
  'leaks',
  'again',
  'today',
  'broken',
  'charged',
  'twice',
  'please',
  'card',
  'late',
);
/** A text, and copies of it with a word changed. */
const family = fc
  .tuple(fc.array(word, { minLength: 12, maxLength: 24 }), fc.array(fc.tuple(fc.nat(23), word), { maxLength: 3 }))
  .map(([words, edits]) => [words.join(' '), ...edits.map(([at, other]) => words.with(at % words.length, other).join(' '))]);
const corpus = fc.array(family, { minLength: 1, maxLength: 30 }).map((families) => families.flat());

describe('splits drawn of rows that belong together', () => {
  test('have no near-duplicate pair across them, compared each with each', () => {
    fc.assert(
      fc.property(corpus, fc.nat(), (texts, seed) => {
        const together = rowsTogether(
          nearOf(texts),
          texts.map(() => null),
        );
        const drawn = drawTogether(
          { task: 'classification', labels: texts.map((_, row) => [row % 2 ? 'a' : 'b']), together },
          shares,
          seed,
        );
        const shingles = texts.map(shinglesOf);
        for (let a = 0; a < texts.length; a++)
          for (let b = a + 1; b < texts.length; b++)
            if (drawn[a] !== drawn[b]) expect(jaccard(shingles[a], shingles[b])).toBeLessThan(nearThreshold);
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  test('have no value of the group column across them, also over rows that are near-duplicates', () => {
    const row = fc.record({ value: fc.constantFrom(null, '', 'u1', 'u2', 'u3', 'u4'), near: fc.nat(40) });
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 60 }),
        fc.nat(),
        fc.constantFrom('classification', 'multilabel'),
        (rows, seed, task) => {
          const near = Uint32Array.from(rows, (each, index) => (each.near < index && each.near % 7 === 0 ? each.near : index));
          const together = rowsTogether(
            near,
            rows.map(({ value }) => value),
          );
          const drawn = drawTogether({ task, labels: rows.map(() => ['a']), together }, shares, seed);
          const splitOf = new Map<string, string>();
          rows.forEach(({ value }, index) => {
            expect(drawn[index]).toBe(drawn[near[index]]);
            if (!value) return;
            expect(splitOf.get(value) ?? drawn[index]).toBe(drawn[index]);
            splitOf.set(value, drawn[index]);
          });
        },
      ),
    );
  });

  test('keep their shares, in all and of each label, but for the largest groups', () => {
    const groups = fc.array(fc.record({ label: fc.constantFrom('a', 'b', 'c'), size: fc.integer({ min: 1, max: 4 }) }), {
      minLength: 20,
      maxLength: 120,
    });
    fc.assert(
      fc.property(groups, fc.nat(), (given, seed) => {
        const labels = given.flatMap(({ label, size }) => Array.from({ length: size }, () => [label]));
        const values = given.flatMap(({ size }, index) => Array.from({ length: size }, () => `g${index}`));
        const together = rowsTogether(
          Uint32Array.from(labels, (_, row) => row),
          values,
        );
        const drawn = drawTogether({ task: 'classification', labels, together }, shares, seed);
        const count = (split: string, label?: string) =>
          drawn.filter((each, row) => each === split && (!label || labels[row][0] === label)).length;
        for (const split of splits) {
          expect(Math.abs(count(split) - shares[split] * labels.length)).toBeLessThan(2 * 4);
          for (const label of ['a', 'b', 'c']) {
            const all = labels.filter(([own]) => own === label).length;
            expect(Math.abs(count(split, label) - shares[split] * all)).toBeLessThan(3 * 4);
          }
        }
      }),
    );
  });

  test('are the same for a seed, and differ between seeds', () => {
    const labels = Array.from({ length: 100 }, (_, row) => [row % 3 ? 'a' : 'b']);
    const together = Uint32Array.from(labels, (_, row) => row - (row % 2));
    const draw = (seed: number) => drawTogether({ task: 'classification', labels, together }, shares, seed);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });
});
