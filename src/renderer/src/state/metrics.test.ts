import { expect, test } from 'vitest';
import type { Epoch } from '../../../shared/domain.ts';
import { bestEpoch, diagnose } from './metrics.ts';

const epoch = (n: number, trainLoss: number, validationLoss: number, accuracy = 0.5): Epoch => ({
  epoch: n,
  step: n * 10,
  trainLoss,
  validationLoss,
  validation: { examples: 10, accuracy, perLabel: [] },
});

test('a validation loss that rises while training loss falls is overfitting, from the lowest epoch on', () => {
  expect(diagnose([epoch(1, 1, 0.9), epoch(2, 0.6, 0.7), epoch(3, 0.3, 0.8)])).toMatchObject({ kind: 'overfitting', since: 2 });
});

test('losses that fall together are learning', () => expect(diagnose([epoch(1, 1, 0.9), epoch(2, 0.6, 0.7)]).kind).toBe('learning'));
test('a loss that does not move is said so', () => expect(diagnose([epoch(1, 0.69, 0.69), epoch(2, 0.69, 0.689)]).kind).toBe('flat'));
test('nothing is said before two epochs', () =>
  expect([diagnose([]).kind, diagnose([epoch(1, 1, 1)]).kind]).toEqual(['waiting', 'waiting']));
test('the best epoch is the first with the highest metric', () => {
  expect(bestEpoch([epoch(1, 1, 1, 0.6), epoch(2, 1, 1, 0.8), epoch(3, 1, 1, 0.8)])?.epoch).toBe(2);
});
