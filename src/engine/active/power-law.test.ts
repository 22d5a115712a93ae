import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { errorAt, fitPowerLaw, type ErrorPoint } from './power-law.ts';

interface Expected {
  n: number[];
  error: number[];
  weight: number[];
  /** Of the best of SciPy's fits. */
  squares: number;
  /** What its curve says of other sizes. */
  at: Record<string, number>;
}
const file = path.join(import.meta.dirname, '..', '..', '..', 'tests', 'fixtures', 'power-laws-expected.json');
const curves: Expected[] = JSON.parse(fs.readFileSync(file, 'utf8'));

it('fits no worse than SciPy’s curve_fit within the same bounds, and says the same of sizes beyond', () => {
  for (const { n, error, weight, squares, at } of curves) {
    const law = fitPowerLaw(n.map((size, index) => ({ n: size, error: error[index], weight: weight[index] })));
    const own = n.reduce((sum, size, index) => sum + weight[index] * (error[index] - errorAt(law, size)) ** 2, 0);
    expect(own).toBeLessThanOrEqual(squares * (1 + 1e-6) + 1e-12);
    for (const [size, value] of Object.entries(at)) expect(errorAt(law, Number(size))).toBeCloseTo(value, 4);
  }
});

it('finds the curve again that points lie on, whatever their weights', () => {
  const curve = fc.record({
    a: fc.double({ min: 0, max: 0.4, noNaN: true }),
    b: fc.double({ min: 0.2, max: 2, noNaN: true }),
    c: fc.double({ min: 0.15, max: 1.5, noNaN: true }),
  });
  const weights = fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 6, maxLength: 6 });
  fc.assert(
    fc.property(curve, weights, (law, weight) => {
      const points = weight.map((of, at) => ({ n: 20 * 2 ** at, error: errorAt(law, 20 * 2 ** at), weight: of }));
      const found = fitPowerLaw(points);
      for (const n of [30, 500, 2000]) expect(errorAt(found, n)).toBeCloseTo(errorAt(law, n), 4);
    }),
  );
});

it('never rises and never falls below 0, whatever the points', () => {
  const point = fc.record({
    n: fc.integer({ min: 5, max: 50_000 }),
    error: fc.double({ min: 0, max: 1, noNaN: true }),
    weight: fc.double({ min: 0.01, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 10 }), (points: ErrorPoint[]) => {
      const law = fitPowerLaw(points);
      const values = [5, 50, 500, 50_000, 500_000].map((n) => errorAt(law, n));
      expect(values.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
      expect(values).toEqual(values.toSorted((a, b) => b - a));
    }),
  );
});

it('is a level where more labels were no better', () => {
  const law = fitPowerLaw([20, 40, 80].map((n, at) => ({ n, error: 0.2 + 0.01 * at, weight: 1 })));
  expect(law.b).toBe(0);
  expect(errorAt(law, 1000)).toBeCloseTo(0.21, 12);
});
