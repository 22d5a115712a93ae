import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../text/random.ts';
import { AdamW } from './adamw.ts';
import { LONGEST_DEBT } from './table-rows.ts';

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

const bytes = ({ buffer, byteOffset, byteLength }: Float32Array) => Buffer.from(buffer, byteOffset, byteLength);

async function train(change: Partial<typeof options>, factor = 1) {
  const adamw = await AdamW.open(new Map([['other', [3]], ['p', [5]]])); // prettier-ignore
  adamw.view('p', 'p').set(FIRST);
  for (const [i, gradient] of golden.gradients.entries()) {
    adamw.view('p', 'g').set(gradient.map((value) => value * factor));
    adamw.step([['p', { ...options, ...change, step: i + 1 }]]);
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
  adamw.step([['p', { ...options, step: 1 }]]);
  expect(adamw.view('p', 'p')[0]).toBeCloseTo(2 * (1 - 0.01), 6);
});
describe('a table of which only some rows are in use', () => {
  const [height, width] = [40, 8];
  const shape = new Map([['table', [height, width]], ['other', [3]]]); // prettier-ignore
  /** Steps of both kinds on the same gradients, which `touched` rows have. */
  async function both(steps: number, touched: (step: number) => number[], act: (adamw: AdamW, step: number) => void = () => {}) {
    const optimizers = await Promise.all([AdamW.open(shape, { table: 'table' }), AdamW.open(shape)]);
    const random = mulberry32(7);
    const first = Float32Array.from({ length: height * width }, () => random() - 0.5);
    for (const adamw of optimizers) adamw.write('table', 'p', first);
    for (let step = 1; step <= steps; step++) {
      const rows = touched(step);
      const gradient = new Float32Array(height * width);
      for (const row of rows) for (let i = 0; i < width; i++) gradient[row * width + i] = random() - 0.5;
      for (const adamw of optimizers) {
        adamw.use(rows);
        adamw.view('table', 'g').set(gradient);
        adamw.step([['table', { ...options, learningRate: 0.1 / step, step }]]);
        act(adamw, step);
      }
    }
    for (const adamw of optimizers) adamw.settle();
    return optimizers;
  }
  function expectEqual([some, all]: AdamW[]) {
    for (const part of ['p', 'm', 'v'] as const) expect(some.view('table', part)).toEqual(all.view('table', part));
  }
  it('comes out as if all were visited, to the last bit', async () =>
    expectEqual(await both(30, (step) => [step % 7, (step * step) % 23])));
  it('over more steps than are made up for at once', async () =>
    expectEqual(await both(LONGEST_DEBT + 40, (step) => (step % 1500 === 0 ? [step % 11] : []))));
  it('also when it is read in between', async () =>
    expectEqual(await both(20, (step) => [step], (adamw, step) => step % 6 === 0 && adamw.settle()))); // prettier-ignore
  it('and when a state is written back into another optimizer', async () => {
    const [some, all] = await both(12, (step) => [step % 5]);
    const again = await AdamW.open(shape, { table: 'table' });
    for (const part of ['p', 'm', 'v'] as const) again.write('table', part, some.view('table', part));
    for (const adamw of [again, all]) {
      adamw.view('table', 'g').fill(0);
      adamw.step([['table', { ...options, step: 13 }]]);
      adamw.settle();
    }
    expectEqual([again, all]);
  });
});
it('gives the same on several threads, to the last bit', async () => {
  const large = new Map([['a', [700, 1000]], ['table', [4000, 64]]]); // prettier-ignore
  const optimizers = await Promise.all([1, 3].map((threads) => AdamW.open(large, { threads, table: 'table' })));
  for (const adamw of optimizers) {
    adamw.use(Array.from({ length: 900 }, (_, i) => i * 4));
    for (let step = 1; step <= 5; step++) {
      const random = mulberry32(step);
      for (const name of ['a', 'table'])
        adamw.view(name, 'g').forEach((_, i, g) => (g[i] = name === 'a' || (i >> 6) % 4 === 0 ? random() : 0));
      adamw.step([...large.keys()].map((name) => [name, { ...options, step }]));
    }
    adamw.settle();
  }
  const [one, three] = optimizers;
  for (const name of large.keys())
    for (const part of ['p', 'm', 'v'] as const) expect(Buffer.compare(bytes(one.view(name, part)), bytes(three.view(name, part)))).toBe(0);
  await Promise.all(optimizers.map((adamw) => adamw.close()));
});
it('says what to do about a tensor that can not be trained', () =>
  expect(AdamW.open(new Map([['word', [2 ** 29]]]))).rejects.toMatchObject({
    code: 'out_of_memory',
    message: expect.stringContaining('word'),
  }));
describe('gradients of several micro-batches', () => {
  // More than a job's piece, and no whole vector.
  const COUNT = 2 ** 19 + 3;
  const random = mulberry32(11);
  const batches = Array.from({ length: 3 }, () => Float32Array.from({ length: COUNT }, () => random() - 0.5));
  const shapes = new Map([['table', [5, 4]], ['p', [COUNT]], ['other', [6]]]); // prettier-ignore

  it.each([1, 3])('are summed in their order, with the sum of their squares, on %i threads', async (threads) => {
    const adamw = await AdamW.open(shapes, { threads, table: 'table' });
    const gradient = adamw.view('p', 'g');
    adamw.view('other', 'g').fill(2);
    // Twice: the second step begins anew.
    for (let step = 0; step < 2; step++) {
      for (const [at, batch] of batches.entries()) {
        gradient.set(batch);
        if (at < batches.length - 1) adamw.accumulate(['p']);
      }
      const squares = adamw.takeSums(['p']);
      const expected = batches[2].map((value, i) => value + Math.fround(batches[0][i] + batches[1][i]));
      expect(bytes(gradient).equals(bytes(expected))).toBe(true);
      const exact = expected.reduce((sum, value) => sum + value * value, 0);
      expect(Math.abs(squares / exact - 1)).toBeLessThan(1e-12);
    }
    expect([...adamw.view('other', 'g')]).toEqual(new Array(6).fill(2));
    await adamw.close();
  });
  it('have a sum each, in every arena’s memory', async () => {
    const adamw = await AdamW.open(new Map([['p', [4]], ['q', [4]]])); // prettier-ignore
    adamw.view('p', 'g').set([1, 2, 3, 4]);
    adamw.view('q', 'g').set([10, 20, 30, 40]);
    adamw.accumulate(['p', 'q']);
    expect(adamw.takeSums(['q'])).toBe(4 * (100 + 400 + 900 + 1600));
    expect(adamw.takeSums(['p'])).toBe(4 * (1 + 4 + 9 + 16));
    expect([...adamw.view('p', 'g')]).toEqual([2, 4, 6, 8]);
    expect([...adamw.view('p', 'm'), ...adamw.view('q', 'p')]).toEqual(new Array(8).fill(0));
  });
});
