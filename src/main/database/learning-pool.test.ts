import { expect, it } from 'vitest';
import { drawn } from './learning-pool.ts';

const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

it('draws a part that stays when others come', () => {
  const before = drawn(ids(1, 10_001), 500);
  const after = drawn(ids(1, 20_001), 500);
  expect(new Set(before).size).toBe(500);
  expect([...after].filter((id) => id <= 10_000)).toEqual([...before].filter((id) => after.includes(id)));
  expect([...drawn(ids(1, 11), 100)].sort((a, b) => a - b)).toEqual(ids(1, 11));
});

it('draws evenly', () => {
  // Of 1,000 from 10,000 about 100 are in each tenth: 5 standard deviations are 47.
  const tenths = Array<number>(10).fill(0);
  for (const id of drawn(ids(0, 10_000), 1000)) tenths[Math.floor(id / 1000)]++;
  for (const count of tenths) expect(Math.abs(count - 100)).toBeLessThan(47);
});
