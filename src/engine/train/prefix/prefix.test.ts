import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { syntheticBatch } from '../../../../tests/parity/batches.ts';
import { openBase } from '../../models/base.ts';
import type { HeadKind } from '../../models/family.ts';
import { openModel, type Batch, type ModelOptions, type TrainableModel } from '../step.ts';
import type { CacheOptions } from './cache.ts';

const models = path.join(import.meta.dirname, '..', '..', '..', '..', 'tests', 'fixtures', 'models');
const OPTIONS = { learningRate: 1e-3, weightDecay: 0.01, decayAll: false, clip: 1 };
const frozenBelow = (depth: number) => ['embeddings', ...Array.from({ length: depth }, (_, layer) => `${layer}`)];

let folder: string;
let cache: CacheOptions;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'thaw-prefix-'));
  cache = { folder: path.join(folder, 'cache'), memory: 2 ** 20, disk: 2 ** 20 };
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

async function open(change: Partial<ModelOptions> & { family?: string } = {}): Promise<TrainableModel> {
  const { family = 'bert', ...options } = change;
  const base = await openBase(path.join(models, family));
  const labels = ['a', 'b', 'c'];
  const fixed = { base, head: 'classification', dropout: 0.1, seed: 1, device: 'cpu', threads: 1, cache } as const;
  return openModel({ ...fixed, labels, frozen: frozenBelow(2), ...options });
}
interface Outcome {
  losses: number[];
  gradientNorms: number[];
  logits: number[];
}
/** Nine steps over three batches of different lengths, then the logits of one. */
async function train(model: TrainableModel, head: HeadKind = 'classification', padId = 0): Promise<Outcome> {
  const outcome: Outcome = { losses: [], gradientNorms: [], logits: [] };
  for (let i = 0; i < 9; i++) {
    const { loss, gradientNorm } = await model.step(syntheticBatch(head, i % 3, padId), OPTIONS);
    outcome.losses.push(loss);
    outcome.gradientNorms.push(gradientNorm);
  }
  const batch = syntheticBatch(head, 4, padId);
  const logits = await model.logits(batch);
  const classes = logits.length / batch.labels.length;
  // What a padding token is said to be means nothing.
  outcome.logits = [...logits].filter((_, i) => batch.labels[Math.floor(i / classes)] >= 0);
  await model.close();
  return outcome;
}
function expectClose(actual: Outcome, expected: Outcome): void {
  for (const part of ['losses', 'gradientNorms', 'logits'] as const) {
    expect(actual[part]).toHaveLength(expected[part].length);
    actual[part].forEach((value, i) => expect(Math.abs(value - expected[part][i]), `${part} ${i}`).toBeLessThan(1e-4));
  }
}
const pieces = () => fs.readdirSync(cache.folder).map((name) => path.join(cache.folder, name));

describe('trains as it does without a cache', () => {
  const cases = ['bert', 'distilbert', 'roberta', 'electra', 'mpnet', 'modernbert'].flatMap((family) =>
    (['classification', 'token'] as const).flatMap((head) => [1, 2, 3].map((depth) => ({ family, head, depth }))),
  );
  it.each(cases)('$family, $head, $depth layers below', async ({ family, head, depth }) => {
    const { config } = await openBase(path.join(models, family));
    // With the masks of what is trained: the same ones, since nothing is dropped below.
    const frozen = [...frozenBelow(depth), ...(family === 'mpnet' ? ['positions'] : [])];
    const options = { family, head, frozen };
    const cached = await open(options);
    await cached.prepare();
    expect(cached.cachedPrefix()).toBe(depth);
    expectClose(await train(cached, head, config.padId), await train(await open({ ...options, cache: undefined }), head, config.padId));
  });
});

it('reads layers that share their weights, below a head', async () => {
  const options = { family: 'albert', frozen: ['embeddings', 'projection', '0'] };
  const cached = await open(options);
  await cached.prepare();
  expect(cached.cachedPrefix()).toBeGreaterThan(1);
  expectClose(await train(cached), await train(await open({ ...options, cache: undefined })));
});

describe('bit for bit the same', () => {
  it.each(['classification', 'token'] as const)('%s: cold, warm, from files, and without room for anything', async (head) => {
    const depths = head === 'classification' ? [2, 3] : [2];
    for (const depth of depths) {
      const run = async (change: Partial<CacheOptions> = {}) =>
        train(await open({ head, frozen: frozenBelow(depth), cache: { ...cache, ...change } }), head);
      const nowhere = await run({ memory: 0, disk: 0 });
      expect(fs.existsSync(cache.folder)).toBe(depth !== depths[0]);
      const cold = await run();
      expect(await run()).toEqual(cold);
      expect(await run({ memory: 0 })).toEqual(cold);
      expect(nowhere).toEqual(cold);
    }
  });
  it('whoever asks first, and with whom', async () => {
    const ids = [5, 17, 33, 60, 71, 80, 99, 120];
    const of = (rows: number[]): Batch => ({
      shape: [rows.length, ids.length],
      ids: Int32Array.from(rows.flatMap((row) => ids.map((id) => id + row))),
      mask: new Float32Array(rows.length * ids.length).fill(1),
      labels: new Int32Array(rows.length),
    });
    const all = of([0, 1, 2, 3, 4]);
    for (const depth of [1, 2, 3]) {
      const answers: number[][] = [];
      for (const earlier of [[], [[0]], [[3, 1], [4]], [[2, 0, 4], [1], [3]]]) {
        const model = await open({ frozen: frozenBelow(depth), cache: { ...cache, disk: 0 } });
        for (const rows of earlier) await model.logits(of(rows));
        answers.push([...(await model.logits(all))]);
        await model.close();
      }
      for (const answer of answers) expect(answer).toEqual(answers[0]);
    }
  });
});

describe('what is kept', () => {
  it('serves another head, seed, label set, padding and rate of dropout', async () => {
    await train(await open());
    const first = pieces();
    expect(first).toHaveLength(1);
    await train(await open({ seed: 2, labels: ['x', 'y', 'z', 'w'], dropout: 0.3 }));
    await train(await open({ head: 'token' }), 'token');
    expect(pieces()).toEqual(first);
  });
  it('does not serve other layers, depths or thread counts', async () => {
    await train(await open());
    await train(await open({ frozen: frozenBelow(1) }));
    await train(await open({ threads: 2 }));
    const changed = await open();
    const { shape, data } = (await changed.parameters()).get('bert.encoder.layer.0.output.dense.weight')!;
    await changed.load(new Map([['bert.encoder.layer.0.output.dense.weight', { shape, data: data.map((x) => 2 * x) }]]));
    await train(changed);
    expect(pieces()).toHaveLength(4);
  });
  it('is computed anew when the folder is deleted or its pieces are damaged', async () => {
    const cold = await train(await open());
    const [file] = pieces();
    const content = fs.readFileSync(file);
    const flipped = Buffer.from(content);
    flipped[flipped.length - 100] ^= 1;
    const head = Buffer.from(content);
    head[10] ^= 255;
    for (const damaged of [flipped, content.subarray(0, 3), content.subarray(0, 40), content.subarray(0, -8), head]) {
      fs.writeFileSync(file, damaged);
      expect(await train(await open({ cache: { ...cache, memory: 0 } }))).toEqual(cold);
    }
    const model = await open({ cache: { ...cache, memory: 0 } });
    await model.step(syntheticBatch('classification', 0), { ...OPTIONS, learningRate: 0, weightDecay: 0 });
    fs.rmSync(cache.folder, { recursive: true });
    const alone = await model.logits(syntheticBatch('classification', 4));
    await model.close();
    const fresh = await open({ cache: undefined });
    (await fresh.logits(syntheticBatch('classification', 4))).forEach((logit, i) => expect(Math.abs(logit - alone[i])).toBeLessThan(1e-4));
    await fresh.close();
  });
  it('stays within its bytes on disk: what was used longest ago goes', async () => {
    const use = async (depth: number, disk = 2 ** 20) => train(await open({ frozen: frozenBelow(depth), cache: { ...cache, disk } }));
    await use(1);
    const [first] = pieces();
    const { size } = fs.statSync(first);
    await use(2);
    const second = pieces().find((file) => file !== first)!;
    const hoursAgo = (hours: number) => Date.now() / 1000 - hours * 3600;
    fs.utimesSync(first, hoursAgo(1), hoursAgo(1));
    fs.utimesSync(second, hoursAgo(2), hoursAgo(2));
    // Used again: the other one is now the older.
    await train(await open({ frozen: frozenBelow(2), cache: { ...cache, memory: 0 } }));
    await expect.poll(() => fs.statSync(second).mtimeMs).toBeGreaterThan(fs.statSync(first).mtimeMs);
    await use(3, 2 * size);
    expect(pieces()).toContain(second);
    expect(pieces()).not.toContain(first);
    expect(pieces().reduce((sum, file) => sum + fs.statSync(file).size, 0)).toBeLessThanOrEqual(2 * size);
  });
  it('leaves nothing behind that was half written', async () => {
    fs.mkdirSync(cache.folder);
    fs.writeFileSync(path.join(cache.folder, 'x.features.partial'), 'half');
    await train(await open());
    await expect.poll(pieces).toHaveLength(1);
  });
  it('is done without where nothing can be written', async () => {
    const cold = await train(await open());
    fs.writeFileSync(path.join(folder, 'a file'), '');
    expect(await train(await open({ cache: { ...cache, folder: path.join(folder, 'a file') } }))).toEqual(cold);
  });
});

it('has no prefix where the lowest trained layer is the embeddings or the first', async () => {
  for (const frozen of [['0', '1', '2'], ['embeddings'], [], ['embeddings', '1', '2']]) {
    const model = await open({ frozen });
    await model.prepare();
    expect(model.cachedPrefix()).toBe(0);
    await model.close();
  }
});
