import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collate, paddingFraction, planBatches, splitTokenLogits } from './batches.ts';
import { mulberry32, shuffle } from './random.ts';

const plan = fc.record({
  batchSize: fc.integer({ min: 1, max: 20 }),
  order: fc.constantFrom('grouped' as const, 'shuffle' as const, 'file' as const),
  seed: fc.nat(),
});
const lengths = fc.array(fc.integer({ min: 1, max: 128 }), { maxLength: 400 });

describe('planBatches', () => {
  it('takes each example exactly once, in full batches but the last', () => {
    fc.assert(
      fc.property(lengths, plan, (given, how) => {
        const batches = planBatches(given, how);
        expect(batches.flat().sort((a, b) => a - b)).toEqual(given.map((_, index) => index));
        batches.slice(0, -1).forEach((batch) => expect(batch).toHaveLength(how.batchSize));
      }),
    );
  });

  it('depends on the seed, and on nothing else', () => {
    const given = Array.from({ length: 300 }, (_, index) => 1 + (index % 60));
    for (const order of ['grouped', 'shuffle'] as const) {
      const of = (seed: number) => planBatches(given, { batchSize: 16, order, seed });
      expect(of(4)).toEqual(of(4));
      expect(of(4)).not.toEqual(of(5));
    }
    expect(planBatches(given, { batchSize: 16, order: 'file', seed: 1 }).flat()).toEqual(given.map((_, index) => index));
  });

  it('puts like lengths together and the longest first when grouped', () => {
    const random = mulberry32(9);
    const given = Array.from({ length: 3200 }, () => 1 + Math.floor(random() * 100));
    const of = (order: 'grouped' | 'shuffle') => planBatches(given, { batchSize: 16, order, seed: 1 });
    expect(paddingFraction(given, of('grouped'))).toBeLessThan(0.05);
    expect(paddingFraction(given, of('shuffle'))).toBeGreaterThan(0.3);
    expect(given[of('grouped')[0][0]]).toBe(Math.max(...given));
  });

  it('pads about 1 % of a data set of sentences, and still mixes the batches anew each epoch', () => {
    const random = mulberry32(3);
    const given = Array.from({ length: 6920 }, () => 4 + Math.floor(20 * (random() + random() + random() * random())));
    const of = (seed: number) => planBatches(given, { batchSize: 16, order: 'grouped', seed });
    expect(paddingFraction(given, of(1))).toBeLessThan(0.012);
    const pairs = (batches: number[][]) => new Set(batches.flatMap((batch) => batch.slice(1).map((index) => `${batch[0]} ${index}`)));
    const first = pairs(of(1));
    expect([...pairs(of(2))].filter((pair) => first.has(pair)).length).toBeLessThan(0.01 * first.size);
  });
});

describe('collate', () => {
  const item = (ids: number[], labels: number[]) => ({
    ids: Int32Array.from(ids),
    labels: Int32Array.from(labels),
    example: 0,
  });

  it('pads classification examples to the longest', () => {
    expect(collate([item([2, 7, 3], [1]), item([2, 3], [0])], 9)).toEqual({
      shape: [2, 3],
      ids: Int32Array.of(2, 7, 3, 2, 3, 9),
      mask: Float32Array.of(1, 1, 1, 1, 1, 0),
      labels: Int32Array.of(1, 0),
    });
  });

  it('pads token labels with −100, and token logits lose their padding again', () => {
    const items = [item([2, 7, 3], [-100, 4, -100]), item([2, 3], [-100, -100])];
    expect(collate(items, 0).labels).toEqual(Int32Array.of(-100, 4, -100, -100, -100, -100));
    const logits = Float32Array.from({ length: 2 * 3 * 2 }, (_, index) => index);
    expect(splitTokenLogits(logits, items, 2).map((row) => [...row])).toEqual([
      [0, 1, 2, 3, 4, 5],
      [6, 7, 8, 9],
    ]);
  });
});

describe('random', () => {
  it('is the published generator', () => {
    const random = mulberry32(1);
    expect([random(), random(), random()]).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
  });

  it('shuffles without losing anything', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(), (values, seed) => {
        const ascending = (list: number[]) => list.sort((a, b) => a - b);
        expect(ascending(shuffle([...values], mulberry32(seed)))).toEqual(ascending([...values]));
      }),
    );
  });
});
