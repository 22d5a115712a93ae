/** Low-rank adapters against peft (tests/fixtures/make_lora.py): losses, norms, how far each parameter went, and the merged model's logits. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { batchOf, type Reference } from '../../scripts/parity.ts';
import { openBase, openModel, type HeadKind, type TrainableModel } from '../../src/engine/index.ts';
import { adaptersOfRank } from '../../src/engine/models/adapters.ts';
import { cacheOptions } from '../../src/engine/train/prefix/index.ts';

interface Case {
  folder: string;
  head: HeadKind;
  /** That have adapters. */
  layers: string[];
  losses: number[];
  gradientNorms: number[];
  moved: Record<string, number>;
  /** Of the first five texts, without padding. */
  logits: number[];
}
interface Expected {
  options: { learningRate: number; weightDecay: number; clip: number; betas: [number, number]; epsilon: number };
  rank: number;
  alpha: number;
  cases: Case[];
}
const fixtures = path.join(import.meta.dirname, '..', 'fixtures');
const { options, rank, alpha, cases }: Expected = JSON.parse(fs.readFileSync(path.join(fixtures, 'lora-expected.json'), 'utf8'));
const cache = fs.mkdtempSync(path.join(os.tmpdir(), 'thaw-lora-'));
afterAll(() => fs.rmSync(cache, { recursive: true }));

type Tensors = Awaited<ReturnType<TrainableModel['parameters']>>;
const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
/** A state is a view of memory that the next step changes. */
const copied = (tensors: Tensors): Tensors => new Map([...tensors].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
const isA = (name: string) => name.endsWith('lora_A.weight');

async function opened({ folder, head, layers }: Pick<Case, 'folder' | 'head' | 'layers'>, lora: { rank: number; alpha: number } | null) {
  const weights = head === 'token' ? 'token.safetensors' : 'model.safetensors';
  const base = await openBase(path.join(fixtures, 'models', folder), { weights });
  const frozen = ['embeddings', ...['0', '1', '2'].slice(0, base.config.groups).filter((layer) => !layers.includes(layer))];
  const fixed = { dropout: null, seed: 1, device: 'cpu', threads: 1, keepHead: true, cache: cacheOptions(cache) } as const;
  const model = await openModel({ base, head, labels: ['a', 'b', 'c'], frozen: lora ? frozen : [], lora, ...fixed });
  const reference: Reference = JSON.parse(fs.readFileSync(path.join(fixtures, 'models', folder, 'expected.json'), 'utf8'));
  const batch = (step: number) => batchOf(reference, head, base.config.padId, step % 2 ? [5, 10] : [0, 5]);
  return { model, batch };
}
/** A as the script begins with it. */
function formula(tensors: Tensors): Tensors {
  const first = [...tensors].filter(([name]) => isA(name));
  return new Map(first.map(([name, { shape }]) => [name, { shape, data: Float32Array.from({ length: shape[0] * shape[1] }, (_, k) => Math.sin(0.7 * k + 1) / Math.sqrt(shape[1])) }])); // prettier-ignore
}

it.each(cases)('$folder, $head, layers $layers', async (example) => {
  const { losses, gradientNorms, moved, logits, head } = example;
  expect(alpha).toBe(adaptersOfRank(rank).alpha);
  const { model, batch } = await opened(example, { rank, alpha });
  const before = await model.parameters();
  const drawn = (await model.state()).tensors;
  for (const [name, { shape, data }] of drawn) {
    if (name.endsWith('lora_B.weight')) expect(data.every((x) => x === 0)).toBe(true);
    // Kaiming and He's bound for a = √5, of which the values fill all.
    if (isA(name) && !/^[mv]\./.test(name)) {
      const largest = data.reduce((most, x) => Math.max(most, Math.abs(x)), 0) * Math.sqrt(shape[1]);
      expect(largest).toBeLessThanOrEqual(1);
      expect(largest).toBeGreaterThan(0.9);
    }
  }
  await model.load(formula(drawn));
  const first = copied((await model.state()).tensors);
  for (const [step, loss] of losses.entries()) {
    const taken = await model.step(batch(step), { ...options, decayAll: false });
    expect(Math.abs(taken.loss - loss)).toBeLessThan(1e-4);
    expect(Math.abs(taken.gradientNorm - gradientNorms[step])).toBeLessThan(1e-3);
  }
  expect(new Set(model.trained())).toEqual(new Set(Object.keys(moved)));
  const last = (await model.state()).tensors;
  for (const [name, distance] of Object.entries(moved)) {
    const went = norm(last.get(name)!.data.map((x, i) => x - first.get(name)!.data[i]));
    expect(Math.abs(went - distance), name).toBeLessThan(1e-3);
  }

  const after = await model.parameters();
  const plain = (await opened(example, null)).model;
  await plain.load(last);
  expect(await plain.parameters()).toEqual(after);
  expect([...after.keys()].some((name) => name.includes('lora'))).toBe(false);
  const changed = [...after].filter(([name, { data }]) => norm(data.map((x, i) => x - before.get(name)!.data[i])) > 0);
  expect(changed).toHaveLength(Object.keys(moved).filter((name) => !name.includes('lora_B')).length);

  const found = [await model.logits(batch(0)), await plain.logits(batch(0))];
  const [unmerged, merged] = found.map((values) =>
    [...values].filter((_, i) => head !== 'token' || batch(0).mask[Math.floor(i / 3)] === 1),
  );
  merged.forEach((value, i) => expect(Math.abs(value - unmerged[i])).toBeLessThan(1e-5));
  logits.forEach((value, i) => expect(Math.abs(value - merged[i])).toBeLessThan(1e-3));
  await model.close();
  await plain.close();
});

const steps = { learningRate: 1e-2, weightDecay: 0.01, decayAll: false, clip: 1 };
async function train({ model, batch }: Awaited<ReturnType<typeof opened>>, from: number, to: number): Promise<number[]> {
  const taken: number[] = [];
  for (let step = from; step < to; step++) taken.push((await model.step(batch(step), steps)).loss);
  return taken;
}
const bert = (layers: string[]) => opened({ folder: 'bert', head: 'classification', layers }, adaptersOfRank(8));

it('begins above the frozen layers, on cached features', async () => {
  for (const [layers, depth] of [
    [['2'], 2],
    [['1', '2'], 1],
    [['0', '1', '2'], 0],
  ] as const) {
    // prettier-ignore
    const one = await bert([...layers]);
    await train(one, 0, 1);
    expect(one.model.cachedPrefix()).toBe(depth);
    expect(one.model.trained().filter((name) => name.includes('lora_A'))).toHaveLength(6 * layers.length);
    await one.model.close();
  }
});
it('thaws adapters layer by layer', async () => {
  const one = await bert(['0', '1', '2']);
  expect(one.model.layers()).toEqual(['head', '2', '1', '0']);
  const before = await one.model.parameters();
  await one.model.thaw(['head', '2']);
  await train(one, 0, 2);
  const after = await one.model.parameters();
  const moved = [...after.keys()].filter((name) => !after.get(name)!.data.every((x, i) => x === before.get(name)!.data[i]));
  expect(new Set(moved.map((name) => /layer\.(\d)/.exec(name)?.[1] ?? 'head'))).toEqual(new Set(['2', 'head']));
  await one.model.thaw(['head', '2', '1', '0']);
  const [loss] = await train(one, 2, 3);
  expect(loss).toBeGreaterThan(0);
  await one.model.close();
});
it('goes on from a saved state, bit for bit', async () => {
  const [whole, resumed] = [await bert(['1', '2']), await bert(['1', '2'])];
  await train(whole, 0, 3);
  const state = await whole.model.state();
  await resumed.model.restore({ ...state, tensors: copied(state.tensors) });
  expect(await train(resumed, 3, 6)).toEqual(await train(whole, 3, 6));
  expect(await resumed.model.parameters()).toEqual(await whole.model.parameters());
  await whole.model.close();
  await resumed.model.close();
});
