import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { AdamW } from './adamw.ts';

interface Golden {
  betas: [number, number];
  eps: number;
  weight_decay: number;
  parameters: number[];
}
// torch.optim.AdamW([1, -2, 3, 0.5, 4], lr=0.1, …) after three steps (tests/fixtures/make_levers.py).
const fixture = path.join(import.meta.dirname, '..', '..', '..', 'tests', 'fixtures', 'levers-expected.json');
const { adamw: golden }: { adamw: { gradients: number[][]; cases: Golden[] } } = JSON.parse(fs.readFileSync(fixture, 'utf8'));
const FIRST = [1, -2, 3, 0.5, 4];
const options = { learningRate: 0.1, weightDecay: 0.1, betas: [0.9, 0.999] as [number, number], epsilon: 1e-8, scale: 1 };

async function train(change: Partial<typeof options>, factor = 1) {
  const adamw = await AdamW.open(new Map([['other', [3]], ['p', [5]]])); // prettier-ignore
  adamw.view('p', 'p').set(FIRST);
  for (const [i, gradient] of golden.gradients.entries()) {
    adamw.view('p', 'g').set(gradient.map((value) => value * factor));
    adamw.update('p', { ...options, ...change, step: i + 1 });
  }
  return adamw;
}
it.each(golden.cases)('gives torch’s parameters, betas $betas, epsilon $eps, decay $weight_decay', async (expected) => {
  const { betas, eps: epsilon, weight_decay: weightDecay, parameters } = expected;
  const adamw = await train({ betas, epsilon, weightDecay });
  parameters.forEach((value, i) => expect(adamw.view('p', 'p')[i]).toBeCloseTo(value, 5));
});
it('scales the gradient before everything else', async () => {
  const [scaled, plain] = [await train({ scale: 0.25 }, 4), await train({})];
  for (const part of ['p', 'm', 'v'] as const) expect(scaled.view('p', part)).toEqual(plain.view('p', part));
});
it('leaves other tensors alone', async () => {
  const adamw = await train({});
  for (const part of ['p', 'm', 'v'] as const) expect([...adamw.view('other', part)]).toEqual([0, 0, 0]);
});
it('decays what has no gradient', async () => {
  const adamw = await AdamW.open(new Map([['p', [1]]]));
  adamw.view('p', 'p')[0] = 2;
  adamw.update('p', { ...options, step: 1 });
  expect(adamw.view('p', 'p')[0]).toBeCloseTo(2 * (1 - 0.01), 6);
});
it('says what to do about a tensor that can not be trained', () =>
  expect(AdamW.open(new Map([['word', [2 ** 29]]]))).rejects.toMatchObject({
    code: 'out_of_memory',
    message: expect.stringContaining('word'),
  }));
