import { expect, test } from 'vitest';
import { compact, duration, percent, points, scientific, ticks } from './numbers.ts';

test('counts shrink to three digits and a unit', () => {
  expect([812, 12_345, 3_700_000, 22_714_496].map(compact)).toEqual(['812', '12 k', '3.70 M', '22.7 M']);
});

test('differences carry their sign and a real minus', () => {
  expect([0.019, -0.004, 0.0001, -0.0001].map(points)).toEqual(['+1.9', '−0.4', '0.0', '0.0']);
});

test('learning rates read as they are typed', () => {
  expect([5e-5, 0.00012, 0.01, 0.1, 1].map(scientific)).toEqual(['5e-5', '1.2e-4', '0.01', '0.1', '1']);
});

test('durations use the two largest units', () => {
  expect([0.84, 42, 185, 7800].map(duration)).toEqual(['0.8 s', '42 s', '3 min 5 s', '2 h 10 min']);
});

test('a share is written in percent', () => expect(percent(0.876)).toBe('87.6\u00a0%'));

test('ticks are round and inside the range', () => expect(ticks(0, 1.25)).toEqual([0, 0.25, 0.5, 0.75, 1, 1.25]));
