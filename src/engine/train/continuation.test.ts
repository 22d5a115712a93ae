import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { syntheticBatch } from '../../../tests/parity/batches.ts';
import { saveCheckpoint } from './checkpoints.ts';
import { continueFrom } from './continuation.ts';
import { newProgress } from './progress.ts';
import { openStart, type Start } from './start.ts';
import { openModel, type TrainableModel } from './step.ts';

const bert = path.join(import.meta.dirname, '..', '..', '..', 'tests', 'fixtures', 'models', 'bert');
const OPTIONS = { learningRate: 1e-2, weightDecay: 0.01, decayAll: false, clip: 1 };
let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'thaw-continuation-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const origin: Start = { folder: bert, scratch: null, ancestors: [] };
async function open(start: Start, { labels = ['a', 'b', 'c'], frozen = [] as string[] } = {}) {
  const { base, checkpoint } = await openStart(start);
  const model = await openModel({ base, head: 'classification', labels, frozen, dropout: 0.1, seed: 7, device: 'cpu', threads: 1 });
  return { base, checkpoint, model, labels };
}
async function steps(model: TrainableModel, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) await model.step(syntheticBatch('classification', i % 3), OPTIONS);
}
/** Two steps, saved as a run. */
async function firstRun(frozen: string[] = []): Promise<Start> {
  const { base, model, labels } = await open(origin, { frozen });
  await steps(model, 0, 2);
  const { dropoutState, thawedAt, ...state } = await model.state();
  const place = { ...newProgress(), epoch: 1, step: 2, base: base.hash, words: 'segments' as const, dropoutState, thawedAt };
  const directory = path.join(folder, 'r1');
  await saveCheckpoint(directory, { ...state, dropoutState, thawedAt }, place, true);
  await model.close();
  return { ...origin, ancestors: [{ run: 'r1', directory, checkpoint: 'last', task: 'classification', labels, seed: 7 }] };
}
async function continued(start: Start, options: Parameters<typeof open>[1] = {}, device: 'cpu' | 'webgpu' = 'cpu') {
  const { base, checkpoint, model, labels } = await open(start, options);
  const before = await continueFrom(checkpoint!, { base, labeling: { classes: labels }, configuration: { device } }, model);
  return { model, before };
}

it('steps as the run would have stepped on, to the last bit', async () => {
  const { model, before } = await continued(await firstRun());
  expect(before).toEqual({ epochsBefore: 1, stepsBefore: 2 });
  const { model: whole } = await open(origin);
  await steps(model, 2, 4);
  await steps(whole, 0, 4);
  expect(await model.state()).toEqual({ ...(await whole.state()), thawedAt: expect.anything() });
});

it('begins with layers that the run froze as with layers that are thawed in the course of it', async () => {
  const { model } = await continued(await firstRun(['embeddings', '0', '1']));
  const { model: whole } = await open(origin);
  await whole.thaw(['2', 'head']);
  await steps(whole, 0, 2);
  await whole.thaw(['embeddings', '0', '1', '2', 'head']);
  await steps(whole, 2, 4);
  await steps(model, 2, 4);
  expect((await model.state()).thawedAt).toEqual({ embeddings: 2, '0': 2, '1': 2, '2': 0, head: 0 });
  expect(await model.parameters()).toEqual(await whole.parameters());
});

it('knows the moments of labels by name, in whatever order', async () => {
  const start = await firstRun();
  const { model } = await continued(start, { labels: ['c', 'a', 'b'] });
  const { model: same } = await continued(start);
  const [turned, kept] = [(await model.state()).tensors, (await same.state()).tensors];
  for (const name of ['classifier.weight', 'm.classifier.weight', 'v.classifier.weight', 'm.classifier.bias']) {
    const width = kept.get(name)!.data.length / 3;
    const row = (tensors: typeof kept, index: number) => tensors.get(name)!.data.slice(index * width, (index + 1) * width);
    expect([0, 1, 2].map((index) => row(turned, index))).toEqual([2, 0, 1].map((index) => row(kept, index)));
  }
  expect(turned.get('m.bert.pooler.dense.weight')).toEqual(kept.get('m.bert.pooler.dense.weight'));
});

it('a head with a new label begins its moments and its count of steps anew, on the weights that were there', async () => {
  const start = await firstRun();
  const { model } = await continued(start, { labels: ['a', 'b', 'c', 'd'] });
  const { tensors, step, thawedAt } = await model.state();
  expect({ step, head: thawedAt.head, lowest: thawedAt['0'] }).toEqual({ step: 2, head: 2, lowest: 0 });
  for (const name of ['m.classifier.weight', 'v.bert.pooler.dense.weight'])
    expect(tensors.get(name)!.data.every((x) => x === 0)).toBe(true);
  expect(tensors.get('m.bert.encoder.layer.0.output.dense.weight')!.data.some((x) => x !== 0)).toBe(true);
  const known = (await openStart(start)).base.read('classifier.weight').data;
  expect(tensors.get('classifier.weight')!.data.slice(0, known.length)).toEqual(known);
});

it('says where a device cannot begin with a layer later', async () => {
  await expect(continued(await firstRun(['0']), {}, 'webgpu')).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('did not train 0'),
  });
});
