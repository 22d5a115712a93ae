/**
 * Sentence embeddings: the mean of an encoder's last layer over a text's tokens, of length 1 (Reimers and Gurevych 2019; as sentence-transformers
 * computes all-MiniLM-L6-v2). Each is computed once and kept in files, by the weights and the text's tokens.
 */
import { createHash, hash } from 'node:crypto';
import type { InferenceSession } from 'onnxruntime-node';
import { familyOf, openBase, type Base } from '../models/base.ts';
import { headGraph, type Specification } from '../models/graphs.ts';
import { parametersOf } from '../models/parameters.ts';
import { float32, openSession, type Values } from '../runtimes/onnx.ts';
import { collate, openTokenizer, prepareClassification, IGNORED, type TextTokenizer, type TrainingItem } from '../text/index.ts';
import { textFeeds } from '../train/batch.ts';
import { breathe } from '../train/cancellation.ts';
import { batchesByLength } from '../train/evaluation.ts';
import { FeatureCache, type CacheOptions } from '../train/prefix/index.ts';

/** Tokens of a text, its special ones included, that are read; the rest is cut off. */
export const longestEmbedded = 128;

export interface EmbedderOptions {
  /** Of the base model. */
  folder: string;
  /** 0: the physical cores. */
  threads: number;
  cache: CacheOptions;
}
export interface Embedder {
  /** Values of an embedding. */
  hidden: number;
  /** [texts, hidden], each of length 1. @throws cancelled */
  embed(texts: string[], signal: AbortSignal): Promise<Float32Array>;
  /** Resolves when what was computed is in files. */
  keep(): Promise<void>;
  /** Frees the model's memory. */
  close(): Promise<void>;
}

/** The encoder with a head that reads the mean: what the head reads is the embedding. */
const specificationOf = ({ family, config }: Base): Specification => ({
  family: familyOf(family),
  config: { ...config, pooling: 'mean' },
  head: 'classification',
  classes: 1,
});

/** Throws as openBase and openTokenizer. */
export async function openEmbedder({ folder, threads, cache }: EmbedderOptions): Promise<Embedder> {
  const base = await openBase(folder);
  const specification = specificationOf(base);
  const { graph, outputs } = headGraph(specification, 'fused');
  const session = await openSession(graph.encode(new Map([['pooled', outputs.get('pooled')!]])), { device: 'cpu', threads });
  return new GraphEmbedder(base, session, weightsOf(base, specification, session), await openTokenizer(folder), cache);
}

function weightsOf(base: Base, { family, config, head, classes }: Specification, { inputNames }: InferenceSession): Values {
  const needed = parametersOf(family, config, head, classes).filter(({ name }) => inputNames.includes(name));
  return Object.fromEntries(needed.map(({ name, shape }) => [name, float32(base.read(name).data, shape)]));
}

/** Of the weights' hash and all else that decides an embedding but for rounding. */
function cacheName({ hash: weights, family, config }: Base, length: number): string {
  const { dropout: _, ...decisive } = config;
  const digest = createHash('sha256').update(JSON.stringify({ weights, family, config: decisive, length, pooling: 'mean' }));
  return `mean-${digest.digest('hex').slice(0, 32)}`;
}

class GraphEmbedder implements Embedder {
  readonly hidden: number;
  readonly #session: InferenceSession;
  readonly #weights: Values;
  readonly #tokenizer: TextTokenizer;
  readonly #length: number;
  readonly #cache: FeatureCache;

  constructor(base: Base, session: InferenceSession, weights: Values, tokenizer: TextTokenizer, cache: CacheOptions) {
    const { hidden, positions, firstPosition } = base.config;
    this.hidden = hidden;
    this.#session = session;
    this.#weights = weights;
    this.#tokenizer = tokenizer;
    this.#length = Math.min(longestEmbedded, positions - firstPosition);
    this.#cache = new FeatureCache(cacheName(base, this.#length), cache);
  }

  async embed(texts: string[], signal: AbortSignal): Promise<Float32Array> {
    const { hidden } = this;
    const labels = texts.map(() => IGNORED);
    const { items } = await prepareClassification(this.#tokenizer, texts, labels, this.#length);
    const keys = items.map(keyOf);
    const embedded = new Float32Array(texts.length * hidden);
    const missing: number[] = [];
    keys.forEach((key, at) => {
      const known = this.#cache.get(key);
      if (known) embedded.set(known, at * hidden);
      else missing.push(at);
    });
    const lengths = items.map(({ ids }) => ids.length);
    for (const indexes of batchesByLength(lengths, missing)) {
      await breathe(signal);
      const rows = await this.#run(indexes.map((index) => items[index]));
      for (const [row, index] of indexes.entries()) {
        const own = rows.slice(row * hidden, (row + 1) * hidden);
        embedded.set(own, index * hidden);
        await this.#cache.put(keys[index], own);
      }
    }
    return embedded;
  }

  async #run(items: TrainingItem[]): Promise<Float32Array> {
    const feeds = { ...this.#weights, ...textFeeds(collate(items, this.#tokenizer.padId)) };
    const rows = (await this.#session.run(feeds)).pooled.data as Float32Array;
    for (let row = 0; row < items.length; row++) normalize(rows.subarray(row * this.hidden, (row + 1) * this.hidden));
    return rows;
  }

  keep(): Promise<void> {
    return this.#cache.close();
  }

  async close(): Promise<void> {
    await this.keep();
    await this.#session.release();
  }
}

const keyOf = ({ ids }: TrainingItem): string => hash('sha256', new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength), 'base64url');

/** torch.nn.functional.normalize, in place. */
function normalize(row: Float32Array): void {
  const length = Math.max(Math.sqrt(row.reduce((sum, value) => sum + value * value, 0)), 1e-12);
  for (let j = 0; j < row.length; j++) row[j] /= length;
}
