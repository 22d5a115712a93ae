import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { syntheticBatch } from '../../../tests/parity/batches.ts';
import type { Task } from '../../shared/domain.ts';
import { openBase, type Base } from '../models/base.ts';
import { saveCheckpoint } from './checkpoints.ts';
import { headOf, labelingOf } from './dataset.ts';
import { newProgress } from './progress.ts';
import { openStart, type Ancestor, type Start } from './start.ts';
import { openModel, type ModelOptions, type TrainableModel } from './step.ts';

const models = path.join(import.meta.dirname, '..', '..', '..', 'tests', 'fixtures', 'models');
const OPTIONS = { learningRate: 1e-2, weightDecay: 0.01, decayAll: false, clip: 1 };
let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'thaw-start-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const folderStart = (family: string): Start => ({ folder: path.join(models, family), scratch: null, ancestors: [] });
type Parameters = Awaited<ReturnType<TrainableModel['parameters']>>;

function open(base: Base, task: Task, labels: string[], options: Partial<ModelOptions> = {}): Promise<TrainableModel> {
  const { classes } = labelingOf(task, labels, 'segments');
  return openModel({ base, head: headOf(task), labels: classes, frozen: [], dropout: 0, seed: 5, device: 'cpu', threads: 1, ...options });
}

/** Two steps on what `start` makes, kept as the checkpoints of a run: the run, what it started from, and all its parameters. */
async function trainRun(
  start: Start,
  { run = 'r1', task = 'classification' as Task, labels = ['a', 'b', 'c'], frozen = [] as string[] } = {},
): Promise<{ start: Start; ancestor: Ancestor; parameters: Parameters }> {
  const { base } = await openStart(start);
  const model = await open(base, task, labels, { frozen, seed: 7 });
  for (let i = 0; i < 2; i++) await model.step(syntheticBatch(headOf(task), i, base.config.padId), OPTIONS);
  const ancestor: Ancestor = { run, directory: path.join(folder, run), checkpoint: 'best', task, labels, seed: 7 };
  const state = await model.state();
  const { dropoutState, thawedAt } = state;
  const place = { ...newProgress(), base: base.hash, epoch: 1, step: 2, dropoutState, thawedAt, words: 'segments' as const };
  await saveCheckpoint(ancestor.directory, state, place, true);
  const parameters = await model.parameters();
  await model.close();
  return { start: { ...start, ancestors: [...start.ancestors, ancestor] }, ancestor, parameters };
}
async function parametersOf(start: Start, task: Task, labels: string[], options: Partial<ModelOptions> = {}): Promise<Parameters> {
  const model = await open((await openStart(start)).base, task, labels, options);
  const parameters = await model.parameters();
  await model.close();
  return parameters;
}

it.each(['bert', 'distilbert', 'roberta', 'electra', 'mpnet', 'albert', 'modernbert', 'deberta-v2'])(
  'a run of the same labels starts with what the run before it ended with: %s',
  async (family) => {
    const { start, parameters } = await trainRun(folderStart(family));
    expect(await parametersOf(start, 'classification', ['a', 'b', 'c'])).toEqual(parameters);
  },
);

it('takes what the run froze from the base, a frozen head from its seed', async () => {
  const { start, parameters } = await trainRun(folderStart('roberta'), { frozen: ['embeddings', '0', 'head'] });
  expect(await parametersOf(start, 'classification', ['a', 'b', 'c'])).toEqual(parameters);
});

it('takes over the rows of labels that both have, by name, and draws the others', async () => {
  const { start, parameters } = await trainRun(folderStart('roberta'));
  const child = await parametersOf(start, 'multilabel', ['c', 'new', 'a']);
  const fresh = await parametersOf(folderStart('roberta'), 'multilabel', ['c', 'new', 'a']);
  for (const part of ['weight', 'bias']) {
    const name = `classifier.out_proj.${part}`;
    const [parent, own, drawn] = [parameters, child, fresh].map((all) => all.get(name)!.data);
    const width = parent.length / 3;
    const row = (values: Float32Array, index: number) => values.subarray(index * width, (index + 1) * width);
    expect(row(own, 0)).toEqual(row(parent, 2));
    expect(row(own, 1)).toEqual(row(drawn, 1));
    expect(row(own, 2)).toEqual(row(parent, 0));
  }
  for (const [name, tensor] of parameters) if (!name.includes('out_proj')) expect(child.get(name), name).toEqual(tensor);
});

it('takes over the rows of tags that both have', async () => {
  const { start, parameters } = await trainRun(folderStart('bert'), { task: 'ner', labels: ['PER'] });
  const child = await parametersOf(start, 'ner', ['LOC', 'PER']);
  const row = (all: Parameters, index: number) => all.get('classifier.weight')!.data.subarray(index * 32, (index + 1) * 32);
  const fresh = await parametersOf(folderStart('bert'), 'ner', ['LOC', 'PER']);
  // O, B-LOC, I-LOC, B-PER, I-PER of O, B-PER, I-PER.
  const rows = [0, 1, 2, 3, 4].map((index) => row(child, index));
  expect(rows).toEqual([row(parameters, 0), row(fresh, 1), row(fresh, 2), row(parameters, 1), row(parameters, 2)]);
});

it.each([
  ['classification', 'ner'],
  ['ner', 'classification'],
] as [Task, Task][])('from %s to %s the encoder alone is taken over', async (from, to) => {
  const { start, parameters } = await trainRun(folderStart('bert'), { task: from });
  const child = await parametersOf(start, to, ['a', 'b', 'c']);
  const fresh = await parametersOf(folderStart('bert'), to, ['a', 'b', 'c']);
  for (const [name, tensor] of child) {
    const isEncoder = name.startsWith('bert.') && !name.includes('pooler');
    expect(tensor, name).toEqual((isEncoder ? parameters : fresh).get(name));
  }
});

it('layers that start anew take the head with them', async () => {
  const { start } = await trainRun(folderStart('bert'));
  const anew = { reinitTop: 1 };
  const [child, fresh] = [start, folderStart('bert')].map((from) => parametersOf(from, 'classification', ['a', 'b', 'c'], anew));
  for (const name of ['classifier.weight', 'bert.pooler.dense.weight', 'bert.encoder.layer.2.output.dense.weight'])
    expect((await child).get(name), name).toEqual((await fresh).get(name));
});

it('goes through chains of runs, from random weights too', async () => {
  const first = await trainRun({ ...folderStart('bert'), scratch: 3 }, { frozen: ['embeddings', '0'] });
  const second = await trainRun(first.start, { run: 'r2', frozen: ['1', '2', 'head'] });
  const third = await parametersOf(second.start, 'classification', ['a', 'b', 'c']);
  expect(third).toEqual(second.parameters);
  const word = 'bert.encoder.layer.1.output.dense.weight';
  expect(third.get(word)).toEqual(first.parameters.get(word));
  const hashes = await Promise.all(
    [folderStart('bert'), first.start, second.start].map(async (start) => (await openStart(start)).base.hash),
  );
  expect(new Set(hashes).size).toBe(3);
});

it('names the run whose files are gone, and one that was trained again', async () => {
  const first = await trainRun(folderStart('bert'));
  const second = await trainRun(first.start, { run: 'r2' });
  await trainRun(folderStart('bert'), { labels: ['x', 'y', 'z'], frozen: ['0'] });
  await expect(openStart(second.start)).rejects.toMatchObject({ code: 'not_a_model', message: expect.stringContaining('Run r2') });
  fs.rmSync(first.ancestor.directory, { recursive: true });
  await expect(openStart(second.start)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('Run r1'),
    remedy: expect.stringContaining('r1'),
  });
});

it('knows a base that is not what the run was trained from', async () => {
  const { start } = await trainRun(folderStart('bert'));
  const other = { ...start, scratch: 1 };
  await expect(openStart(other)).rejects.toMatchObject({ code: 'not_a_model', message: expect.stringContaining('r1') });
  expect((await openBase(start.folder)).hash).not.toBe((await openStart(start)).base.hash);
});
