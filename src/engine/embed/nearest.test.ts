import { expect, it } from 'vitest';
import { mulberry32 } from '../text/random.ts';
import { nearestCentres, rowsOf } from './index.ts';

const width = 5;
function unitRows(count: number, seed: number): Float32Array {
  const random = mulberry32(seed);
  const rows = Array.from({ length: count }, () => Array.from({ length: width }, () => random() - 0.5));
  return Float32Array.from(rows.flatMap((row) => row.map((value) => value / Math.hypot(...row))));
}

it('is the smallest distance to any centre', async () => {
  const [values, centres] = [unitRows(40, 1), unitRows(7, 2)];
  const rows = Uint32Array.from({ length: 20 }, (_, at) => 2 * at);
  const nearest = await nearestCentres({ values, width, rows }, centres, 1);
  rows.forEach((row, at) => {
    const distances = Array.from({ length: 7 }, (_, centre) =>
      Math.hypot(...Array.from({ length: width }, (__, j) => values[row * width + j] - centres[centre * width + j])),
    );
    expect(nearest[at]).toBeCloseTo(Math.min(...distances), 5);
  });
});

it('is infinite without centres, and empty without points', async () => {
  const values = unitRows(3, 1);
  expect([...(await nearestCentres({ values, width, rows: Uint32Array.of(0, 2) }, new Float32Array(0), 1))]).toEqual([Infinity, Infinity]);
  expect(await nearestCentres({ values, width, rows: new Uint32Array(0) }, values, 1)).toHaveLength(0);
});

it('copies rows', () => {
  expect([...rowsOf(Float32Array.of(1, 2, 3, 4, 5, 6), 2, Uint32Array.of(2, 0))]).toEqual([5, 6, 1, 2]);
});
