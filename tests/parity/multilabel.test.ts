/** Several labels a text: four steps on the binary cross-entropy against transformers (tests/fixtures/make_multilabel.py). */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { batchOf, type Reference } from '../../scripts/parity.ts';
import { openBase, openModel } from '../../src/engine/index.ts';

interface Case {
  folder: string;
  targets: number[][];
  losses: number[];
  gradientNorms: number[];
  /** Norm of the difference each parameter made. */
  moved: Record<string, number>;
}
const fixtures = path.join(import.meta.dirname, '..', 'fixtures');
const { options, steps } = JSON.parse(fs.readFileSync(path.join(fixtures, 'multilabel-expected.json'), 'utf8')) as {
  options: { learningRate: number; weightDecay: number; clip: number; betas: [number, number]; epsilon: number };
  steps: Case[];
};
const binary = { labelSmoothing: 0, classWeights: null, binary: true };

it.each(steps)('$folder: losses, gradients and weights', async ({ folder: name, targets, losses, gradientNorms, moved }) => {
  const folder = path.join(fixtures, 'models', name);
  const base = await openBase(folder);
  const reference: Reference = JSON.parse(fs.readFileSync(path.join(folder, 'expected.json'), 'utf8'));
  const model = await openModel({
    base,
    head: 'classification',
    labels: ['a', 'b', 'c'],
    frozen: [],
    dropout: null,
    seed: 1,
    device: 'cpu',
    threads: 1,
    keepHead: true,
    loss: binary,
  });
  const before = await model.parameters();
  for (const [i, loss] of losses.entries()) {
    const rows: [number, number] = i % 2 ? [5, 10] : [0, 5];
    const batch = batchOf(reference, 'classification', base.config.padId, rows);
    const found = await model.step(
      { ...batch, targets: Float32Array.from(targets.slice(...rows).flat()) },
      { ...options, decayAll: false },
    );
    expect(found.loss).toBeCloseTo(loss, 4);
    expect(found.gradientNorm).toBeCloseTo(gradientNorms[i], 4);
  }
  const after = await model.parameters();
  for (const [parameter, distance] of Object.entries(moved)) {
    const was = before.get(parameter)!.data;
    const found = Math.sqrt(after.get(parameter)!.data.reduce((sum, x, i) => sum + (x - was[i]) ** 2, 0));
    expect(Math.abs(found - distance), parameter).toBeLessThan(1e-5 + 2e-3 * distance);
  }
  await model.close();
});
