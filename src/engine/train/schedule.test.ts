import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { learningRateFactor } from './schedule.ts';

const rates = (schedule: Parameters<typeof learningRateFactor>[1]) =>
  Array.from({ length: schedule.totalSteps }, (_, step) => learningRateFactor(step, schedule));

const fixture = path.join(import.meta.dirname, '..', '..', '..', 'tests', 'fixtures', 'levers-expected.json');
const { cosine }: { cosine: { totalSteps: number; warmupSteps: number; rates: number[] }[] } = JSON.parse(fs.readFileSync(fixture, 'utf8'));

describe('learningRateFactor', () => {
  it.each(cosine)('follows $warmupSteps of $totalSteps steps up and then half a cosine down, as transformers does', (expected) => {
    const { totalSteps, warmupSteps } = expected;
    const actual = rates({ kind: 'cosine', totalSteps, warmup: warmupSteps / totalSteps });
    actual.forEach((rate, step) => expect(rate).toBeCloseTo(expected.rates[step], 12));
  });
  // Values of transformers' get_linear_schedule_with_warmup(optimizer, 0 | 2, 8) at steps 0…7.
  it('falls linearly to zero, as transformers does', () => {
    expect(rates({ kind: 'linear', totalSteps: 8, warmup: 0 })).toEqual([1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125]);
  });
  it('rises from zero over the warm-up', () => {
    expect(rates({ kind: 'linear', totalSteps: 8, warmup: 0.25 })).toEqual([0, 0.5, 1, 5 / 6, 4 / 6, 3 / 6, 2 / 6, 1 / 6]);
  });
  it('rounds the warm-up up to a whole step', () => {
    expect(rates({ kind: 'constant', totalSteps: 8, warmup: 0.2 })).toEqual([0, 0.5, 1, 1, 1, 1, 1, 1]);
  });
  it('stays put without warm-up when constant', () => {
    expect(rates({ kind: 'constant', totalSteps: 3, warmup: 0 })).toEqual([1, 1, 1]);
  });
});
