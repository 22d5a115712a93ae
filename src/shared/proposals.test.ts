import { expect, it } from 'vitest';
import { FEW_TEXTS, proposedFor } from './proposals.ts';

it('gives few texts more epochs and a warm-up, and many what the command line gives', () => {
  expect(proposedFor(200)).toEqual({ epochs: 20, warmup: 0.1 });
  expect(proposedFor(500)).toEqual({ epochs: 8, warmup: 0.1 });
  expect(proposedFor(FEW_TEXTS - 1).epochs).toBeGreaterThanOrEqual(3);
  expect(proposedFor(FEW_TEXTS)).toEqual({ epochs: 3, warmup: 0 });
  expect(proposedFor(0)).toEqual({ epochs: 20, warmup: 0.1 });
});
