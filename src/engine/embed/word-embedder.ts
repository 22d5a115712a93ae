/**
 * What an encoder makes of each word of a text, for a head that tags words: its hidden state in the middle of the encoder at the word's first token, where a
 * tagger's label is, along the directions in which a sample of words differs most. Middle layers tell more of a word than the last one of a
 * model that was taught to compare texts (Tenney, Das and Pavlick 2019; see docs/decisions/active-learning.md).
 */
import { hash } from 'node:crypto';
import type { InferenceSession } from 'onnxruntime-node';
import { openBase, type Base } from '../models/base.ts';
import { wordGraph } from '../models/graphs.ts';
import { float32, openSession, type Values } from '../runtimes/onnx.ts';
import { collate, openTokenizer, prepareTokens, type PreparedTokens, type TextTokenizer, type Word, type WordCut } from '../text/index.ts';
import { textFeeds } from '../train/batch.ts';
import { breathe } from '../train/cancellation.ts';
import { batchesByLength } from '../train/evaluation.ts';
import { FeatureCache } from '../train/prefix/index.ts';
import { leadingDirections } from './directions.ts';
import { longestEmbedded, type EmbedderOptions } from './embedder.ts';
import { cacheName, normalize, specificationOf, throughCache, weightsOf } from './encoding.ts';

/** Numbers that are kept of a word's hidden state. */
const KEPT = 128;
/** Windows of a text that are read, each half a window after the one before: some 500 tokens. What follows has no features. */
const MOST_WINDOWS = 8;
/** UTF-16 units of a text that are cut into tokens for them: a document of megabytes takes no longer. */
const MOST_UNITS = 2 ** 13;
/** Words that the directions are found on: of more, evenly spaced ones. */
const SAMPLED = 4096;

export interface CutText {
  text: string;
  cut: WordCut;
}
export interface TextWords {
  /** The text's embedding, of length 1, as an Embedder's: [hidden]. */
  embedding: Float32Array;
  /** Those that a token begins in, as UTF-16 ranges. */
  words: Word[];
  /** [words, width], of about the size 1. */
  features: Float32Array;
}

export interface WordEmbedderOptions extends EmbedderOptions {
  /** Texts like those that will be read: their words decide which numbers are kept, once for a cache. */
  sample: CutText[];
}

/** The graph with its weights, along some directions. */
interface Reader {
  session: InferenceSession;
  feeds: Values;
  /** Values of a word. */
  width: number;
}

/** Throws as openBase and openTokenizer, and cancelled. */
export async function openWordEmbedder(
  { folder, threads, cache, sample }: WordEmbedderOptions,
  signal: AbortSignal,
): Promise<WordEmbedder> {
  const [base, tokenizer] = [await openBase(folder), await openTokenizer(folder)];
  const { hidden, positions, firstPosition } = base.config;
  const length = Math.min(longestEmbedded, positions - firstPosition);
  const kept = new FeatureCache(cacheName(base, length, 'directions', { kept: KEPT }), { ...cache, memory: 0 });
  const known = kept.get('directions');
  const { directions, words } = known
    ? { directions: known, words: SAMPLED }
    : await directionsOf({ base, tokenizer, threads, length, sample }, signal);
  // Those of a few words are found anew, once there are more.
  if (!known && words >= SAMPLED / 4) await kept.put('directions', directions);
  await kept.close();
  const reader = await openReader(base, directions, threads);
  const name = cacheName(base, length, 'words', { directions: hash('sha256', bytesOf(directions), 'hex') });
  return new WordEmbedder(reader, tokenizer, { hidden, length }, new FeatureCache(name, cache));
}

/** `directions`: [k, hidden] */
async function openReader(base: Base, directions: Float32Array, threads: number): Promise<Reader> {
  const specification = specificationOf(base);
  const { hidden, layers } = base.config;
  const width = directions.length / hidden;
  const { graph, outputs } = wordGraph(specification, Math.ceil(layers / 2), width, 'fused');
  const session = await openSession(graph.encode(outputs), { device: 'cpu', threads });
  const feeds = { ...weightsOf(base, specification, session), directions: float32(directions, [width, hidden]) };
  return { session, feeds, width };
}

/** [k, hidden], of a length that makes features of the size 1, and on how many words they were found. */
async function directionsOf(
  {
    base,
    tokenizer,
    threads,
    length,
    sample,
  }: { base: Base; tokenizer: TextTokenizer; threads: number; length: number; sample: CutText[] },
  signal: AbortSignal,
): Promise<{ directions: Float32Array; words: number }> {
  const { hidden } = base.config;
  const all = new Float32Array(hidden * hidden);
  for (let j = 0; j < hidden; j++) all[j * hidden + j] = 1;
  const reader = await openReader(base, all, threads);
  const words: Float32Array[] = [];
  const prepared = await prepare(tokenizer, sample, length);
  for await (const { rows } of readItems(reader, prepared, [...prepared.items.keys()], tokenizer.padId, signal)) words.push(rows);
  await reader.session.release();
  const features = sampled(words, hidden);
  const directions = leadingDirections(features, hidden, Math.min(KEPT, hidden));
  const scale = spreadOf(features) || 1;
  return { directions: directions.map((value) => value / scale), words: features.length / hidden };
}

function sampled(rows: Float32Array[], hidden: number): Float32Array {
  const count = rows.reduce((sum, { length }) => sum + length / hidden, 0);
  const stride = Math.max(1, Math.ceil(count / SAMPLED));
  const features = new Float32Array(Math.max(1, Math.ceil(count / stride)) * hidden);
  let seen = 0;
  for (const own of rows)
    for (let at = 0; at < own.length; at += hidden, seen++)
      if (seen % stride === 0) features.set(own.subarray(at, at + hidden), (seen / stride) * hidden);
  return features;
}

/** Standard deviation of all values. */
function spreadOf(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

const prepare = (tokenizer: TextTokenizer, texts: CutText[], length: number): Promise<PreparedTokens> =>
  prepareTokens(
    tokenizer,
    texts.map(({ text }) => beginningOf(text)),
    [],
    [],
    length,
    texts.map(({ cut }) => cut),
  );

/** Without half a character at its end. */
function beginningOf(text: string): string {
  const isSplit = text.length > MOST_UNITS && /[\ud800-\udbff]/.test(text[MOST_UNITS - 1]);
  return text.slice(0, isSplit ? MOST_UNITS - 1 : MOST_UNITS);
}

interface ReadItem {
  index: number;
  /** [hidden] */
  pooled: Float32Array;
  /** [words of the item, width] */
  rows: Float32Array;
}

/** Items by like lengths. @throws cancelled */
async function* readItems(
  { session, feeds, width }: Reader,
  { items }: PreparedTokens,
  indexes: number[],
  padId: number,
  signal: AbortSignal,
): AsyncGenerator<ReadItem> {
  const lengths = items.map(({ ids }) => ids.length);
  for (const batch of batchesByLength(lengths, indexes)) {
    await breathe(signal);
    const members = batch.map((index) => items[index]);
    const read = await session.run({ ...feeds, ...textFeeds(collate(members, padId)) });
    const [pooled, words] = [read.pooled.data as Float32Array, read.words.data as Float32Array];
    const [hidden, stride] = [pooled.length / batch.length, words.length / batch.length];
    for (const [row, index] of batch.entries()) {
      const { wordOf } = items[index];
      const tokens = [...wordOf.keys()].filter((token) => wordOf[token] >= 0);
      const rows = new Float32Array(tokens.length * width);
      tokens.forEach((token, at) => {
        const from = row * stride + token * width;
        rows.set(words.subarray(from, from + width), at * width);
      });
      yield { index, pooled: pooled.slice(row * hidden, (row + 1) * hidden), rows };
    }
  }
}

export class WordEmbedder {
  /** Values of an embedding. */
  readonly hidden: number;
  /** Values of a word. */
  readonly width: number;
  readonly #reader: Reader;
  readonly #tokenizer: TextTokenizer;
  readonly #length: number;
  readonly #cache: FeatureCache;

  constructor(reader: Reader, tokenizer: TextTokenizer, { hidden, length }: { hidden: number; length: number }, cache: FeatureCache) {
    this.hidden = hidden;
    this.width = reader.width;
    this.#reader = reader;
    this.#tokenizer = tokenizer;
    this.#length = length;
    this.#cache = cache;
  }

  /** A word that two windows see has the mean of what they say. @throws cancelled */
  async read(texts: CutText[], signal: AbortSignal): Promise<TextWords[]> {
    const prepared = await prepare(this.#tokenizer, texts, this.#length);
    const items = texts.map((): number[] => []);
    prepared.items.forEach(({ example }, index) => items[example].length < MOST_WINDOWS && items[example].push(index));
    const seen = items.map((own) => [...new Set(own.flatMap((index) => [...prepared.items[index].wordOf].filter((word) => word >= 0)))]);
    const keys = texts.map(({ text, cut }) => hash('sha256', `${cut}\n${text}`, 'base64url'));
    const rows = await throughCache(this.#cache, keys, async (missing, keep) => {
      const read = new Map<number, ReadItem>();
      const indexes = missing.flatMap((example) => items[example]);
      for await (const item of readItems(this.#reader, prepared, indexes, this.#tokenizer.padId, signal)) read.set(item.index, item);
      for (const example of missing)
        await keep(
          example,
          this.#joined(
            prepared,
            items[example].map((index) => read.get(index)!),
            seen[example],
          ),
        );
    });
    return rows.map((own, example) => ({
      embedding: own.subarray(0, this.hidden),
      words: seen[example].map((word) => prepared.words[example][word]),
      features: own.subarray(this.hidden),
    }));
  }

  /** The embedding and the words' features, one after another. */
  #joined({ items }: PreparedTokens, read: ReadItem[], seen: number[]): Float32Array {
    const { hidden, width } = this;
    const joined = new Float32Array(hidden + seen.length * width);
    const embedding = joined.subarray(0, hidden);
    embedding.set(read[0].pooled);
    normalize(embedding);
    const placeOf = new Map(seen.map((word, at) => [word, hidden + at * width]));
    const votes = new Map<number, number>();
    for (const { index } of read) for (const word of items[index].wordOf) votes.set(word, (votes.get(word) ?? 0) + 1);
    for (const { index, rows } of read)
      [...items[index].wordOf]
        .filter((word) => word >= 0)
        .forEach((word, at) => {
          const to = placeOf.get(word)!;
          for (let j = 0; j < width; j++) joined[to + j] += rows[at * width + j] / votes.get(word)!;
        });
    return joined;
  }

  /** Resolves when what was computed is in files. */
  keep(): Promise<void> {
    return this.#cache.close();
  }

  /** Frees the model's memory. */
  async close(): Promise<void> {
    await this.keep();
    await this.#reader.session.release();
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) => new Uint8Array(buffer, byteOffset, byteLength);
