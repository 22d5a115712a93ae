import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runConfigurationSchema, type Epoch, type RunConfiguration, type Task } from '../../shared/domain.ts';
import { openBase } from '../models/base.ts';
import { balancedWeights } from './class-weights.ts';
import { readCheckpoint } from './checkpoints.ts';
import { headOf, labelingOf, prepareDataset } from './dataset.ts';
import { evaluate } from './evaluation.ts';
import { trainHead } from './head-only.ts';
import type { TrainingJob, TrainingResult } from './loop.ts';
import type { LabeledExample } from './requirements.ts';
import { openModel, type TrainableModel } from './step.ts';

const models = path.join(import.meta.dirname, '..', '..', '..', 'tests', 'fixtures', 'models');
const signal = new AbortController().signal;
let folder: string;
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'thaw-head-'))));
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const WORDS = ['good', 'bad', 'film', 'story', 'dull', 'bright', 'the', 'a'];
const [GOOD, FILM] = [0, 2];
/** Texts of three to six words; what is said of one depends on the words in it. */
function examplesFor(task: Task, count: number): LabeledExample[] {
  return Array.from({ length: count }, (_, id) => {
    const own = Array.from({ length: 3 + (id % 4) }, (_, at) => (id * 7 + at * (3 + (id % 5))) % WORDS.length);
    const starts = own.map((_, at) => own.slice(0, at).reduce((sum, word) => sum + WORDS[word].length + 1, 0));
    const entities = own.flatMap((word, at) =>
      word === FILM ? [{ start: starts[at], end: starts[at] + WORDS[word].length, label: 'WORK' }] : [],
    );
    const labels = [...(own.includes(GOOD) ? ['good'] : []), ...(own.includes(FILM) ? ['film'] : [])];
    return {
      id,
      text: own.map((word) => WORDS[word]).join(' '),
      split: id % 4 === 3 ? 'validation' : 'train',
      label: task === 'classification' ? (own.includes(GOOD) ? 'good' : own.length > 4 ? 'long' : 'other') : null,
      ...(task === 'multilabel' && { labels }),
      spans: task === 'ner' ? entities : null,
    };
  });
}
const LABELS: Record<Task, string[]> = { classification: ['good', 'long', 'other'], multilabel: ['film', 'good'], ner: ['WORK'] };

async function jobOf(family: string, task: Task, change: Partial<RunConfiguration> = {}): Promise<TrainingJob> {
  const base = await openBase(path.join(models, family));
  const layers = ['embeddings', 'projection', 'positions', ...Array.from({ length: base.config.groups }, (_, layer) => `${layer}`)];
  const has = (layer: string) =>
    layer === 'projection' ? family === 'albert' : layer !== 'positions' || ['mpnet', 'deberta-v2'].includes(family);
  return {
    base,
    labeling: labelingOf(task, LABELS[task], 'segments'),
    configuration: runConfigurationSchema.parse({ headOnly: true, freeze: layers.filter(has), threads: 1, ...change }),
    examples: examplesFor(task, 60),
    directory: path.join(folder, 'run'),
    cache: path.join(folder, 'cache'),
    resume: false,
    notes: [],
    continues: null,
  };
}
async function run(job: TrainingJob): Promise<{ result: TrainingResult; epochs: Epoch[] }> {
  const epochs: Epoch[] = [];
  const result = await trainHead(job, { signal, phase: () => {}, step: () => {}, epoch: (epoch) => epochs.push(epoch), resumed: () => {} });
  return { result, epochs };
}
/** The model of a run as it is opened to predict: from token ids, nothing known of a cache. */
async function opened({ base, labeling, directory }: TrainingJob): Promise<TrainableModel> {
  const fixed = { dropout: 0, seed: 7, device: 'cpu', threads: 1 } as const;
  const model = await openModel({ base, head: headOf(labeling.task), labels: labeling.classes, frozen: [], ...fixed });
  await model.load(readCheckpoint(directory, 'best', base).tensors);
  return model;
}

describe.each(['bert', 'distilbert', 'roberta', 'electra', 'mpnet', 'albert', 'modernbert', 'deberta-v2'])('%s', (family) => {
  it.each<Task>(['classification', 'multilabel', 'ner'])(
    '%s: the saved model says what was solved for, and nothing below the head changed',
    async (task) => {
      const job = await jobOf(family, task);
      const { result, epochs } = await run(job);
      expect(epochs).toHaveLength(1);
      expect(epochs[0].validation).toEqual(result.validation.metrics);
      const saved = readCheckpoint(job.directory, 'last', job.base).tensors;
      expect([...saved.keys()].every((name) => !name.includes('layer'))).toBe(true);

      const model = await opened(job);
      const data = await prepareDataset(job.labeling, job.base.folder, job.examples, 64);
      const again = await evaluate(model, data.train, data.padId, signal);
      await model.close();
      expect(Math.abs(again.loss! - epochs[0].trainLoss)).toBeLessThan(1e-4);
      // However strong the penalty, the solution beats saying how frequent each class is.
      expect(again.loss!).toBeLessThan(0.999 * priorLoss(data.train));
      expect(result.figures).toMatchObject({ bestEpoch: 1, cachedPrefix: job.base.config.layers, steps: epochs[0].step });
      expect(result.figures.notes).toEqual([expect.stringMatching(/^The head was solved for, with an L2 penalty of/)]);
    },
  );
});
/** Of saying what share of the rows each class has. */
function priorLoss({ items, labeling }: Awaited<ReturnType<typeof prepareDataset>>['train']): number {
  const entropy = (p: number) => (p > 0 ? -p * Math.log(p) : 0);
  if (labeling.task === 'multilabel') {
    const shares = labeling.labels.map((_, c) => items.reduce((sum, { targets }) => sum + targets![c], 0) / items.length);
    return shares.reduce((sum, p) => sum + entropy(p) + entropy(1 - p), 0) / shares.length;
  }
  const labels = items.flatMap((item) => [...item.labels]).filter((label) => label >= 0);
  return labeling.classes.reduce((sum, _, c) => sum + entropy(labels.filter((label) => label === c).length / labels.length), 0);
}

it('gives the same bits whatever the seed, from a cache or none', async () => {
  const bytes = [];
  for (const seed of [1, 2]) {
    const job = await jobOf('bert', 'classification', { seed });
    await run(job);
    bytes.push(fs.readFileSync(path.join(job.directory, 'best.safetensors')));
    fs.rmSync(job.directory, { recursive: true });
  }
  const tensorsOf = (file: Buffer) => file.subarray(8 + Number(file.readBigUInt64LE(0)));
  expect(tensorsOf(bytes[1]).equals(tensorsOf(bytes[0]))).toBe(true);
});
it.each(['none', 'balanced'] as const)('is at the minimum: class weights %s', async (classWeights) => {
  const job = await jobOf('bert', 'classification', { classWeights });
  await run(job);
  const model = await opened(job);
  const { train, padId } = await prepareDataset(job.labeling, job.base.folder, job.examples, 64);
  const { predictions } = await evaluate(model, train, padId, signal);
  await model.close();
  // The bias is not penalized: there each class is as likely, over all weighted examples, as it is frequent.
  const weights = classWeights === 'balanced' ? balancedWeights(train.expected, 3) : [1, 1, 1];
  const sum = (of: (example: number) => number) =>
    train.expected.reduce((total, label, example) => total + weights[label] * of(example), 0);
  for (const c of [0, 1, 2]) {
    const likely = sum((example) => predictions[example].scores[c]);
    expect(Math.abs(likely - sum((example) => Number(train.expected[example] === c)))).toBeLessThan(0.02);
  }
});
it('stops when it is told to', async () => {
  const stopped = AbortSignal.abort();
  const observer = { signal: stopped, phase: () => {}, step: () => {}, epoch: () => {}, resumed: () => {} };
  await expect(trainHead(await jobOf('bert', 'classification'), observer)).rejects.toMatchObject({ code: 'cancelled' });
});
