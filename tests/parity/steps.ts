/**
 * Trains a tiny fixture for eight steps with dropout and prints the losses, the gradients' norms and a hash of all weights as JSON; then
 * what a step ends with whose gradient is too large for a number, and whether it left parameters and moments alone.
 * Usage: steps.ts cpu|webgpu FAMILY classification|token [RANK of adapters]
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { openBase, openModel, type HeadKind, type TrainableModel } from '../../src/engine/index.ts';
import { toThawError } from '../../src/shared/errors.ts';
import { adaptersOfRank } from '../../src/engine/models/adapters.ts';
import { syntheticBatch } from './batches.ts';

const OPTIONS = { learningRate: 1e-3, weightDecay: 0.01, decayAll: false, clip: 1 };

function hashOf(tensors: Awaited<ReturnType<TrainableModel['parameters']>>): string {
  const hash = createHash('sha256');
  for (const { data } of tensors.values()) hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest('hex');
}
async function overflow(model: TrainableModel): Promise<{ overflow: string; untouched: boolean }> {
  const [name, tensor] = [...(await model.parameters())].at(-2)!;
  await model.load(new Map([[name, { ...tensor, data: tensor.data.map((x) => x * 1e25) }]]));
  const before = hashOf((await model.state()).tensors);
  // Labels it was not taught: one that it gets right has no gradient.
  const batch = syntheticBatch(head, 0);
  const wrong = { ...batch, labels: batch.labels.map((label) => (label < 0 ? label : (label + 1) % 3)) };
  const ended = await model.step(wrong, OPTIONS).then(
    () => 'trained',
    (error: unknown) => toThawError(error).code,
  );
  return { overflow: ended, untouched: hashOf((await model.state()).tensors) === before };
}

const [device, family, head, rank] = process.argv.slice(2) as ['cpu' | 'webgpu', string, HeadKind, string | undefined];
const lora = rank === undefined ? null : adaptersOfRank(Number(rank));
try {
  const base = await openBase(path.join(import.meta.dirname, '..', 'fixtures', 'models', family));
  const model = await openModel({ base, head, labels: ['a', 'b', 'c'], frozen: [], dropout: 0.1, lora, seed: 5, device, threads: 2 });
  const losses: number[] = [];
  const gradientNorms: number[] = [];
  for (let i = 0; i < 8; i++) {
    // Every other step is one of two batches.
    const batches = [i, i + 1].slice(0, 1 + (i % 2)).map((seed) => syntheticBatch(head, seed % 2));
    const { loss, gradientNorm } = await model.step(batches, OPTIONS);
    losses.push(loss);
    gradientNorms.push(gradientNorm);
  }
  const weights = hashOf(await model.parameters());
  console.log(JSON.stringify({ losses, gradientNorms, weights, ...(await overflow(model)) }));
  await model.close();
} catch (error) {
  const { code, message } = toThawError(error);
  console.log(JSON.stringify({ code, message }));
}
