import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { syntheticBatch } from '../../../tests/parity/batches.ts';
import { openBase, type Tensor } from '../models/base.ts';
import { openModel, type ModelOptions, type TrainableModel } from './step.ts';

const models = path.join(import.meta.dirname, '..', '..', '..', 'tests', 'fixtures', 'models');
const base = await openBase(path.join(models, 'bert'));
const open = (change: Partial<ModelOptions> = {}) =>
  openModel({
    base,
    head: 'classification',
    labels: ['a', 'b', 'c'],
    frozen: [],
    dropout: 0.1,
    seed: 1,
    device: 'cpu',
    threads: 1,
    ...change,
  });
const OPTIONS = { learningRate: 1e-3, weightDecay: 0.01, decayAll: false, clip: 1 };
async function train(model: TrainableModel, from: number, to: number) {
  const losses: number[] = [];
  for (let i = from; i < to; i++) losses.push((await model.step(syntheticBatch('classification', i % 5), OPTIONS)).loss);
  return losses;
}

it('learns a batch by heart', async () => {
  const model = await open({ dropout: 0 });
  const batch = syntheticBatch('classification', 2);
  for (let i = 0; i < 60; i++) await model.step(batch, { ...OPTIONS, learningRate: 5e-3 });
  const logits = await model.logits(batch);
  batch.labels.forEach((label, row) =>
    expect([...logits.slice(row * 3, row * 3 + 3)].every((x) => x <= logits[row * 3 + label])).toBe(true),
  );
  await model.close();
});
it('says of layers that share their weights that they freeze together', async () => {
  const shared = await openBase(path.join(models, 'albert'));
  await expect(open({ base: shared, frozen: ['1'] })).rejects.toMatchObject({
    code: 'unknown_option',
    remedy: expect.stringMatching(/embeddings, projection, 0, head\. ALBERT.* together/),
  });
});
it('goes on from a saved state bit for bit', async () => {
  const whole = await open();
  await train(whole, 0, 3);
  // As a checkpoint would: the state itself goes on with the model.
  const live = await whole.state();
  const copies = [...live.tensors].map(([name, { shape, data }]): [string, Tensor] => [name, { shape, data: data.slice() }]);
  const state = { ...live, tensors: new Map(copies) };
  const expected = await train(whole, 3, 6);
  const resumed = await open();
  await resumed.restore(state);
  expect(await train(resumed, 3, 6)).toEqual(expected);
  expect(await resumed.parameters()).toEqual(await whole.parameters());
});
it('keeps frozen layers and trains the rest', async () => {
  const model = await open({ frozen: ['embeddings', '1'] });
  const before = await model.parameters();
  await train(model, 0, 2);
  const after = await model.parameters();
  const trained = new Set(model.trained());
  // The bias of a key changes nothing, so it does not change either: its gradient is 0.
  const moves = (name: string) => trained.has(name) && !name.endsWith('key.bias');
  for (const [name, { data }] of after)
    expect(
      data.some((x, i) => x !== before.get(name)!.data[i]),
      name,
    ).toBe(moves(name));
  expect([...(await model.state()).tensors.keys()].filter((name) => name.startsWith('m.'))).toHaveLength(trained.size);
});
it('draws a new head from the seed and keeps the base’s pooler', async () => {
  const [one, same, other] = await Promise.all([open(), open(), open({ seed: 2 })]).then((all) =>
    Promise.all(all.map((model) => model.parameters())),
  );
  const head = 'classifier.weight';
  expect(same.get(head)).toEqual(one.get(head));
  expect(other.get(head)).not.toEqual(one.get(head));
  expect(one.get(head)).not.toEqual(base.read(head));
  expect(one.get('bert.pooler.dense.weight')).toEqual(base.read('bert.pooler.dense.weight'));
  const { data } = one.get(head)!;
  const deviation = Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length);
  expect(Math.abs(deviation - 0.02)).toBeLessThan(0.005);
});
it.each(['classification', 'token'] as const)('four batches of 4 make the step of one batch of 16: %s', async (head) => {
  // Of each part another number of labels counts.
  const parts = Array.from({ length: 4 }, (_, part) => {
    const { shape, ids, mask, labels } = syntheticBatch(head, 4);
    return { shape, ids: ids.map((id) => id && id + part), mask, labels: labels.map((label, i) => (i % 4 < part ? -100 : label)) };
  });
  const whole = {
    shape: [16, parts[0].shape[1]] as [number, number],
    ids: Int32Array.from(parts.flatMap(({ ids }) => [...ids])),
    mask: Float32Array.from(parts.flatMap(({ mask }) => [...mask])),
    labels: Int32Array.from(parts.flatMap(({ labels }) => [...labels])),
  };
  const [several, one] = [await open({ head, dropout: 0 }), await open({ head, dropout: 0 })];
  for (let i = 0; i < 3; i++) {
    const step = { ...OPTIONS, epsilon: 1e-4 };
    const [a, b] = [await several.step(parts, step), await one.step(whole, step)];
    expect(a.loss).toBeCloseTo(b.loss, 5);
    expect(a.gradientNorm).toBeCloseTo(b.gradientNorm, 4);
  }
  const expected = await one.parameters();
  for (const [name, { data }] of await several.parameters())
    expect(Math.max(...data.map((x, i) => Math.abs(x - expected.get(name)!.data[i]))), name).toBeLessThan(1e-5);
});
it('lets the highest layers and the pooler start anew, from the seed, and keeps the rest', async () => {
  const renewed = (name: string) => /\.layer\.[12]\.|pooler/.test(name);
  const of = async (change: Partial<ModelOptions>) => (await open(change)).parameters();
  const [two, same, other, plain] = [
    await of({ reinitTop: 2 }),
    await of({ reinitTop: 2 }),
    await of({ reinitTop: 2, seed: 2 }),
    await of({}),
  ];
  expect(same).toEqual(two);
  for (const [name, { data, shape }] of two) {
    if (!renewed(name)) expect(data, name).toEqual(plain.get(name)!.data);
    else if (shape.length === 1) expect(new Set(data), name).toEqual(new Set([/LayerNorm\.weight/.test(name) ? 1 : 0]));
    else {
      const mean = data.reduce((sum, x) => sum + x, 0) / data.length;
      expect(Math.abs(mean), name).toBeLessThan(0.003);
      expect(Math.abs(Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length) - base.config.initializerRange), name).toBeLessThan(
        0.002,
      );
      expect(other.get(name)!.data, name).not.toEqual(data);
    }
  }
});
it('takes labels that count nothing, and a hundred classes', async () => {
  const labels = Array.from({ length: 100 }, (_, i) => `${i}`);
  const model = await open({ head: 'token', labels, dropout: 0 });
  const batch = syntheticBatch('token', 3);
  expect((await model.step(batch, OPTIONS)).loss).toBeCloseTo(Math.log(100), 0);
  const none = await model.step({ ...batch, labels: new Int32Array(batch.labels.length).fill(-100) }, OPTIONS);
  expect(none).toEqual({ loss: 0, gradientNorm: 0 });
});
it('does not depend on the padding', async () => {
  const model = await open();
  const batch = syntheticBatch('classification', 0);
  const [rows, length] = batch.shape;
  const wider = {
    ...batch,
    shape: [rows, length + 4] as [number, number],
    ids: new Int32Array(rows * (length + 4)),
    mask: new Float32Array(rows * (length + 4)),
  };
  for (let row = 0; row < rows; row++) {
    wider.ids.set(batch.ids.subarray(row * length, (row + 1) * length), row * (length + 4));
    wider.mask.set(batch.mask.subarray(row * length, (row + 1) * length), row * (length + 4));
  }
  const [narrow, wide] = [await model.logits(batch), await model.logits(wider)];
  narrow.forEach((x, i) => expect(wide[i]).toBeCloseTo(x, 5));
});
it('loads parameters by name', async () => {
  const model = await open();
  await train(model, 0, 1);
  const trained = await model.parameters();
  const other = await open({ seed: 9, frozen: ['embeddings', '0', '1', '2', 'head'] });
  await other.load(trained);
  expect(await other.parameters()).toEqual(trained);
  expect(other.trained()).toEqual([]);
});
it.each([
  ['poisoned batch', 1, NaN],
  ['gradient too large for a number', 1e25, 1],
])('a %s changes nothing', async (_, headScale, mask) => {
  const model = await open();
  await train(model, 0, 2);
  const head = (await model.parameters()).get('classifier.weight')!;
  await model.load(new Map([['classifier.weight', { ...head, data: head.data.map((x) => x * headScale) }]]));
  const before = structuredClone(await model.state());
  const batch = syntheticBatch('classification', 2);
  const poisoned = { ...batch, mask: batch.mask.map((value) => value * mask) };
  await expect(model.step(poisoned, OPTIONS)).rejects.toMatchObject({ code: 'diverged', message: expect.stringContaining('step 3') });
  const { tensors, step } = await model.state();
  expect({ tensors, step }).toEqual({ tensors: before.tensors, step: 2 });
});
describe('errors', () => {
  it('an unknown layer', () =>
    expect(open({ frozen: ['3'] })).rejects.toMatchObject({
      code: 'unknown_option',
      remedy: expect.stringContaining('embeddings, 0, 1, 2, head'),
    }));
  it('nothing to train', async () => {
    const model = await open({ frozen: ['embeddings', '0', '1', '2', 'head'] });
    await expect(train(model, 0, 1)).rejects.toMatchObject({ code: 'unknown_option' });
  });
  it('a text too long for the base', async () => {
    const model = await open();
    await expect(
      model.logits({ shape: [1, 65], ids: new Int32Array(65), mask: new Float32Array(65), labels: new Int32Array(1) }),
    ).rejects.toMatchObject({ code: 'unknown_option' });
  });
  it('a loss that is no number', async () => {
    const model = await open();
    const head = (await model.parameters()).get('classifier.weight')!;
    await model.load(new Map([['classifier.weight', { ...head, data: new Float32Array(head.data.length).fill(NaN) }]]));
    await expect(train(model, 0, 1)).rejects.toMatchObject({ code: 'diverged' });
  });
  it('a state of another model', async () => {
    const state = await (await open()).state();
    await expect((await open({ labels: ['a', 'b'] })).restore(state)).rejects.toMatchObject({ code: 'damaged_file' });
  });
});
