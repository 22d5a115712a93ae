import { expect, it } from 'vitest';
import { AdamW } from './adamw.ts';

// torch.optim.AdamW([p], lr=0.1, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.1), p = [1, -2, 3, 0.5, 4], gradients below, float32:
// written out in double precision from the formula in torch's documentation.
const FIRST = [1, -2, 3, 0.5, 4];
const GRADIENTS = [
  [0.5, -0.25, 0, 1e-4, 2],
  [-1, 0.25, 0, 1e-4, 2],
  [0.1, 3, 1e-3, -1e-4, 2],
];
const options = { learningRate: 0.1, weightDecay: 0.1, betas: [0.9, 0.999] as [number, number], epsilon: 1e-8, scale: 1 };
function reference(
  first: number,
  gradients: number[],
  { learningRate: lr, weightDecay, betas: [b1, b2], epsilon, scale }: typeof options,
): number {
  let [p, m, v] = [first, 0, 0];
  gradients.forEach((raw, i) => {
    const g = raw * scale;
    p -= lr * weightDecay * p;
    m = b1 * m + (1 - b1) * g;
    v = b2 * v + (1 - b2) * g * g;
    p -= (lr * m) / (1 - b1 ** (i + 1)) / (Math.sqrt(v / (1 - b2 ** (i + 1))) + epsilon);
  });
  return p;
}
async function train(change: Partial<typeof options>) {
  const adamw = await AdamW.open(new Map([['other', [3]], ['p', [5]]])); // prettier-ignore
  adamw.view('p', 'p').set(FIRST);
  for (const [i, gradient] of GRADIENTS.entries()) {
    adamw.view('p', 'g').set(gradient);
    adamw.update('p', { ...options, ...change, step: i + 1 });
  }
  return adamw;
}
it.each([{}, { weightDecay: 0 }, { scale: 0.3 }, { betas: [0.5, 0.9] as [number, number], epsilon: 1e-3 }])(
  'follows the formula with %o',
  async (change) => {
    const adamw = await train(change);
    FIRST.forEach((first, i) => expect(adamw.view('p', 'p')[i]).toBeCloseTo(reference(first, GRADIENTS.map((g) => g[i]), { ...options, ...change }), 5)); // prettier-ignore
  },
);
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
