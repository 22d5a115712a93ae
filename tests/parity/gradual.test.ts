/** Layers thawed from the top, on cached features of those still frozen, against PyTorch: losses, norms, and how far each parameter went. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { batchOf, type Reference } from '../../scripts/parity.ts';
import { openBase, openModel, type HeadKind } from '../../src/engine/index.ts';
import { layerOf } from '../../src/engine/models/base.ts';
import { cacheOptions } from '../../src/engine/train/prefix/index.ts';
import { thawedIn } from '../../src/engine/train/thawing.ts';

interface Case {
  folder: string;
  head: HeadKind;
  frozen: string[];
  /** What each epoch trains. */
  stages: string[][];
  losses: number[];
  gradientNorms: number[];
  moved: Record<string, number>[];
}
const fixtures = path.join(import.meta.dirname, '..', 'fixtures');
const {
  options,
  cases,
}: { options: { learningRate: number; weightDecay: number; clip: number; betas: [number, number]; epsilon: number }; cases: Case[] } =
  JSON.parse(fs.readFileSync(path.join(fixtures, 'gradual-expected.json'), 'utf8'));
const cache = fs.mkdtempSync(path.join(os.tmpdir(), 'thaw-gradual-'));
afterAll(() => fs.rmSync(cache, { recursive: true }));

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));

async function opened({ folder, head, frozen }: Case) {
  const base = await openBase(path.join(fixtures, 'models', folder), {
    weights: head === 'token' ? 'token.safetensors' : 'model.safetensors',
  });
  const model = await openModel({
    base,
    head,
    labels: ['a', 'b', 'c'],
    frozen,
    dropout: null,
    seed: 1,
    device: 'cpu',
    threads: 1,
    keepHead: true,
    cache: cacheOptions(cache),
  });
  const reference: Reference = JSON.parse(fs.readFileSync(path.join(fixtures, 'models', folder, 'expected.json'), 'utf8'));
  return { model, base, batch: (step: number) => batchOf(reference, head, base.config.padId, step % 2 ? [5, 10] : [0, 5]) };
}

it.each(cases)('$folder, $head, $frozen frozen', async (example) => {
  const { stages, losses, gradientNorms, moved } = example;
  const { model, base, batch } = await opened(example);
  const { layers } = base.config;
  const first = await model.parameters();
  const cached: number[] = [];
  for (const [epoch, stage] of stages.entries()) {
    const layersOfStage = thawedIn(epoch + 1, stages.length, model.layers());
    expect(layersOfStage).toEqual(stage);
    await model.thaw(layersOfStage);
    expect(new Set(model.trained().map((name) => layerOf(base, name)))).toEqual(new Set(stage));
    for (const step of [2 * epoch, 2 * epoch + 1]) {
      const taken = await model.step(batch(step), { ...options, decayAll: false });
      expect(taken.loss).toBeCloseTo(losses[step], 4);
      expect(taken.gradientNorm).toBeCloseTo(gradientNorms[step], 4);
    }
    cached.push(model.cachedPrefix());
    for (const [name, { data }] of await model.parameters()) {
      const went = norm(data.map((x, i) => x - first.get(name)!.data[i]));
      if (!stage.includes(layerOf(base, name))) expect(went, name).toBe(0);
      // A key's bias has no gradient, and PyTorch's is rounding noise, which AdamW blows up.
      if (!name.endsWith('key.bias')) expect(Math.abs(went - moved[epoch][name]), `${name}, epoch ${epoch + 1}`).toBeLessThan(1e-3);
    }
  }
  // What is read from the cache ends where the lowest trained layer begins; from the first layer down there is none.
  const lowest = (stage: string[]) =>
    Math.min(...stage.map((layer) => (layer === 'head' ? layers : layer === 'embeddings' ? 0 : Number(layer))));
  expect(cached).toEqual(stages.map(lowest));
  await model.close();
});

it('goes on from a saved state in the middle of the thawing, bit for bit', async () => {
  const [example] = cases;
  const { stages } = example;
  const whole = await opened(example);
  const resumed = await opened(example);
  const train = async ({ model, batch }: typeof whole, from: number, to: number) => {
    const taken: number[] = [];
    for (let epoch = from; epoch < to; epoch++) {
      await model.thaw(stages[epoch]);
      for (const step of [0, 1]) taken.push((await model.step(batch(step), { ...options, decayAll: false })).loss);
    }
    return taken;
  };
  await train(whole, 0, 2);
  const state = structuredClone(await whole.model.state());
  expect(state.thawedAt).toEqual({ head: 0, '1': 2, '2': 2 });
  await resumed.model.restore(state);
  expect(await train(resumed, 2, 3)).toEqual(await train(whole, 2, 3));
  expect(await resumed.model.parameters()).toEqual(await whole.model.parameters());
  expect((await resumed.model.state()).thawedAt).toEqual({ head: 0, '0': 4, '1': 2, '2': 2 });
  await whole.model.close();
  await resumed.model.close();
});
