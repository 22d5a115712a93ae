import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { centralPoint, disagreement, entropies, highest, kCenterGreedy, margins, mixAtRandom, type Points } from './index.ts';

interface Expected {
  one: number[][];
  several: number[][];
  entropyOfOne: number[];
  entropyOfSeveral: number[];
}
const file = path.join(import.meta.dirname, '..', '..', '..', 'tests', 'fixtures', 'active-expected.json');
const expected: Expected = JSON.parse(fs.readFileSync(file, 'utf8'));
const flat = (rows: number[][]) => Float32Array.from(rows.flat());

describe('uncertainty', () => {
  it('is SciPy’s entropy, as a share of the largest', () => {
    [...entropies(flat(expected.one), 3, 'one')].forEach((value, row) => expect(value).toBeCloseTo(expected.entropyOfOne[row], 5));
    [...entropies(flat(expected.several), 3, 'several')].forEach((value, row) =>
      expect(value).toBeCloseTo(expected.entropyOfSeveral[row], 5),
    );
    expect([...entropies(Float32Array.of(0.5, 0.5, 1, 0), 2, 'one')]).toEqual([1, 0]);
    expect([...entropies(Float32Array.of(1), 1, 'one')]).toEqual([0]);
  });

  it('is small where the two likeliest are close', () => {
    const values = margins(Float32Array.of(0.5, 0.3, 0.2, 0.1, 0.45, 0.45), 3, 'one');
    expect(values[0]).toBeCloseTo(0.2, 6);
    expect(values[1]).toBeCloseTo(0, 6);
    const [several] = margins(Float32Array.of(0.9, 0.4, 0.1), 3, 'several');
    expect(several).toBeCloseTo(0.2, 6);
  });

  it('grows with what two sides give otherwise', () => {
    expect(disagreement([1, 0, 0], [0, 1, 0], 'one')).toBe(1);
    expect(disagreement([0.7, 0.3], [0.5, 0.5], 'one')).toBeCloseTo(0.2);
    expect(disagreement([0.7, 0.3], [0.7, 0.9], 'several')).toBeCloseTo(0.6);
  });
});

it('finds the highest, equal ones in their order', () => {
  expect(highest(Float32Array.of(1, 3, 2, 3), 3)).toEqual([1, 3, 2]);
  expect(highest(Float32Array.of(1), 5)).toEqual([0]);
});

const points = fc
  .array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })), { minLength: 1, maxLength: 30 })
  .map((rows): Points => ({ values: flat(rows), width: 2, rows: Uint32Array.from(rows.keys()) }));
const distance = ({ values }: Points, a: number, b: number) =>
  Math.hypot(values[2 * a] - values[2 * b], values[2 * a + 1] - values[2 * b + 1]);

describe('k-center greedy', () => {
  it('chooses each time the point furthest from all centres', () => {
    fc.assert(
      fc.property(points, fc.nat(29), fc.integer({ min: 1, max: 30 }), (all, first, count) => {
        const centres = [first % all.rows.length];
        const nearest = Float32Array.from(all.rows, (row) => distance(all, row, centres[0]));
        const chosen = kCenterGreedy(all, nearest, count);
        expect(chosen).toHaveLength(Math.min(count, all.rows.length));
        for (const { index, distance: told } of chosen) {
          const reach = [...all.rows].map((row) =>
            centres.slice(1).includes(row) ? -1 : Math.min(...centres.map((c) => distance(all, row, c))),
          );
          expect(told).toBeCloseTo(Math.max(...reach), 4);
          expect(reach[index]).toBeCloseTo(Math.max(...reach), 4);
          centres.push(index);
        }
        expect(new Set(chosen.map(({ index }) => index)).size).toBe(chosen.length);
      }),
    );
  });

  it('begins in the middle where there is no centre', () => {
    const all = { values: Float32Array.of(0, 0, 10, 0, 4, 1), width: 2, rows: Uint32Array.of(0, 1, 2) };
    expect(centralPoint(all)).toBe(2);
    expect(centralPoint({ ...all, rows: new Uint32Array(0) })).toBe(-1);
  });
});

describe('a random share', () => {
  it('is one place in so many, counted on from the labels there are', () => {
    const ranked = Array.from({ length: 30 }, (_, id) => id);
    const of = (place: number) =>
      mixAtRandom(ranked, [100, 101, 102], 25, place, 10).flatMap(({ drawnAtRandom }, at) => (drawnAtRandom ? [at] : []));
    expect(of(0)).toEqual([9, 19]);
    expect(of(7)).toEqual([2, 12, 22]);
    expect(of(9)).toEqual([0, 10, 20]);
  });

  it('gives each text once, and all that are asked for where there are so many', () => {
    const ids = fc.uniqueArray(fc.nat(60), { maxLength: 40 });
    fc.assert(
      fc.property(ids, ids, fc.nat(30), fc.nat(50), (ranked, drawn, count, place) => {
        const mixed = mixAtRandom(ranked, drawn, count, place, 10);
        expect(new Set(mixed.map(({ id }) => id)).size).toBe(mixed.length);
        expect(mixed.length).toBeGreaterThanOrEqual(Math.min(count, ranked.length));
        for (const { id, drawnAtRandom } of mixed) expect((drawnAtRandom ? drawn : ranked).includes(id)).toBe(true);
      }),
    );
  });
});
