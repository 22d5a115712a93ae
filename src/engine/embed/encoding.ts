/** What embeddings of texts and features of words have in common: the encoder they are read from, and the files that keep them. */
import { createHash } from 'node:crypto';
import type { InferenceSession } from 'onnxruntime-node';
import { familyOf, type Base } from '../models/base.ts';
import type { Specification } from '../models/graphs.ts';
import { parametersOf } from '../models/parameters.ts';
import { float32, type Values } from '../runtimes/onnx.ts';
import type { FeatureCache } from '../train/prefix/index.ts';

/** The encoder with a head that reads the mean: what the head reads is the embedding. */
export const specificationOf = ({ family, config }: Base): Specification => ({
  family: familyOf(family),
  config: { ...config, pooling: 'mean' },
  head: 'classification',
  classes: 1,
});

/** Those that a session takes, by name. */
export function weightsOf(base: Base, { family, config, head, classes }: Specification, { inputNames }: InferenceSession): Values {
  const needed = parametersOf(family, config, head, classes).filter(({ name }) => inputNames.includes(name));
  return Object.fromEntries(needed.map(({ name, shape }) => [name, float32(base.read(name).data, shape)]));
}

/** Of the weights' hash and all else that decides what is computed, but for rounding. */
export function cacheName({ hash: weights, family, config }: Base, length: number, kind: string, more: object = {}): string {
  const { dropout: _, ...decisive } = config;
  const digest = createHash('sha256').update(JSON.stringify({ weights, family, config: decisive, length, pooling: 'mean', ...more }));
  return `${kind}-${digest.digest('hex').slice(0, 32)}`;
}

/**
 * What each key stands for, in their order. `compute` is given the places of keys that the cache does not know, and keeps what it makes of each;
 * keys are made known as they come.
 */
export async function throughCache(
  cache: FeatureCache,
  keys: string[],
  compute: (missing: number[], keep: (at: number, rows: Float32Array) => Promise<void>) => Promise<void>,
): Promise<Float32Array[]> {
  const found = keys.map((key) => cache.get(key));
  const missing = [...keys.keys()].filter((at) => !found[at]);
  await compute(missing, async (at, rows) => {
    found[at] = rows;
    await cache.put(keys[at], rows);
  });
  return found as Float32Array[];
}

/** torch.nn.functional.normalize, in place. */
export function normalize(row: Float32Array): void {
  const length = Math.max(Math.sqrt(row.reduce((sum, value) => sum + value * value, 0)), 1e-12);
  for (let j = 0; j < row.length; j++) row[j] /= length;
}
