/**
 * Sentence embeddings: the mean of an encoder's last layer over a text's tokens, of length 1 (Reimers and Gurevych 2019; as sentence-transformers
 * computes all-MiniLM-L6-v2). Each is computed once and kept in files, by the weights and the text's tokens.
 */
import { hash } from 'node:crypto';
import type { InferenceSession } from 'onnxruntime-node';
import { openBase, type Base } from '../models/base.ts';
import { headGraph } from '../models/graphs.ts';
import { openSession, type Values } from '../runtimes/onnx.ts';
import { collate, openTokenizer, prepareClassification, IGNORED, type TextTokenizer, type TrainingItem } from '../text/index.ts';
import { textFeeds } from '../train/batch.ts';
import { breathe } from '../train/cancellation.ts';
import { batchesByLength } from '../train/evaluation.ts';
import { FeatureCache, type CacheOptions } from '../train/prefix/index.ts';
import { cacheName, normalize, specificationOf, throughCache, weightsOf } from './encoding.ts';

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

/** Throws as openBase and openTokenizer. */
export async function openEmbedder({ folder, threads, cache }: EmbedderOptions): Promise<Embedder> {
  const base = await openBase(folder);
  const specification = specificationOf(base);
  const { graph, outputs } = headGraph(specification, 'fused');
  const session = await openSession(graph.encode(new Map([['pooled', outputs.get('pooled')!]])), { device: 'cpu', threads });
  return new GraphEmbedder(base, session, weightsOf(base, specification, session), await openTokenizer(folder), cache);
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
    this.#cache = new FeatureCache(cacheName(base, this.#length, 'mean'), cache);
  }

  async embed(texts: string[], signal: AbortSignal): Promise<Float32Array> {
    const { hidden } = this;
    const labels = texts.map(() => IGNORED);
    const { items } = await prepareClassification(this.#tokenizer, texts, labels, this.#length);
    const keys = items.map(keyOf);
    const lengths = items.map(({ ids }) => ids.length);
    const rows = await throughCache(this.#cache, keys, async (missing, keep) => {
      for (const indexes of batchesByLength(lengths, missing)) {
        await breathe(signal);
        const computed = await this.#run(indexes.map((index) => items[index]));
        for (const [row, index] of indexes.entries()) await keep(index, computed.slice(row * hidden, (row + 1) * hidden));
      }
    });
    const embedded = new Float32Array(texts.length * hidden);
    rows.forEach((row, at) => embedded.set(row, at * hidden));
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
