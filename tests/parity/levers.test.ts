/** Learning rates by layer, decay of all parameters, label smoothing, class weights, accumulated gradients: four steps against PyTorch (tests/fixtures/make_levers.py). */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { batchOf, type Reference } from '../../scripts/parity.ts';
import { openBase, openModel, type HeadKind } from '../../src/engine/index.ts';
import { layerRates } from '../../src/engine/optimize/rates.ts';

interface Case {
  folder: string;
  head: HeadKind;
  decayAll: boolean;
  layerDecay: number;
  learningRateScale: Record<string, number>;
  labelSmoothing: number;
  classWeights: number[] | null;
  microBatches: number[];
  losses: number[];
  gradientNorms: number[];
  /** Norm of the difference each parameter made. */
  moved: Record<string, number>;
}
const fixtures = path.join(import.meta.dirname, '..', 'fixtures');
const {
  options,
  cases,
}: {
  options: { learningRate: number; weightDecay: number; clip: number; betas: [number, number]; epsilon: number };
  cases: Case[];
} = JSON.parse(fs.readFileSync(path.join(fixtures, 'levers-expected.json'), 'utf8'));

it.each(cases)(
  '$folder, $head: decay by layer $layerDecay, scales $learningRateScale, smoothing $labelSmoothing, class weights $classWeights, batches of $microBatches',
  async (expected) => {
    const folder = path.join(fixtures, 'models', expected.folder);
    const { head, decayAll, labelSmoothing, classWeights, microBatches } = expected;
    const base = await openBase(folder, { weights: head === 'token' ? 'token.safetensors' : 'model.safetensors' });
    const reference: Reference = JSON.parse(fs.readFileSync(path.join(folder, 'expected.json'), 'utf8'));
    const labels = ['a', 'b', 'c'];
    const model = await openModel({
      base,
      head,
      labels,
      frozen: [],
      dropout: null,
      seed: 1,
      device: 'cpu',
      threads: 1,
      keepHead: true,
      loss: { labelSmoothing, classWeights },
    });
    const before = await model.parameters();
    const step = { ...options, decayAll, layerRates: layerRates(base.config.layers, expected) };
    for (const [i, loss] of expected.losses.entries()) {
      let from = i % 2 ? 5 : 0;
      const batches = microBatches.map((size) => batchOf(reference, head, base.config.padId, [from, (from += size)]));
      const result = await model.step(batches, step);
      expect(result.loss).toBeCloseTo(loss, 4);
      expect(result.gradientNorm).toBeCloseTo(expected.gradientNorms[i], 4);
    }
    const after = await model.parameters();
    for (const [name, distance] of Object.entries(expected.moved)) {
      const was = before.get(name)!.data;
      const moved = Math.sqrt(after.get(name)!.data.reduce((sum, x, i) => sum + (x - was[i]) ** 2, 0));
      expect(Math.abs(moved - distance), name).toBeLessThan(1e-5 + 2e-3 * distance);
    }
    await model.close();
  },
);
