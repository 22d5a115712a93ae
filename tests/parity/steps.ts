/**
 * Trains a tiny fixture for eight steps with dropout and prints the losses, the gradients' norms and a hash of all weights as JSON.
 * Usage: steps.ts cpu|webgpu FAMILY classification|token
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { openBase, openModel, type HeadKind } from '../../src/engine/index.ts';
import { toThawError } from '../../src/shared/errors.ts';
import { syntheticBatch } from './batches.ts';

const [device, family, head] = process.argv.slice(2) as ['cpu' | 'webgpu', string, HeadKind];
try {
  const base = await openBase(path.join(import.meta.dirname, '..', 'fixtures', 'models', family));
  const model = await openModel({ base, head, labels: ['a', 'b', 'c'], frozen: [], dropout: 0.1, seed: 5, device, threads: 2 });
  const losses: number[] = [];
  const gradientNorms: number[] = [];
  for (let i = 0; i < 8; i++) {
    const { loss, gradientNorm } = await model.step(syntheticBatch(head, i % 2), {
      learningRate: 1e-3,
      weightDecay: 0.01,
      decayAll: false,
      clip: 1,
    });
    losses.push(loss);
    gradientNorms.push(gradientNorm);
  }
  const hash = createHash('sha256');
  for (const { data } of (await model.parameters()).values()) hash.update(new Uint8Array(data.buffer));
  console.log(JSON.stringify({ losses, gradientNorms, weights: hash.digest('hex') }));
  await model.close();
} catch (error) {
  const { code, message } = toThawError(error);
  console.log(JSON.stringify({ code, message }));
}
