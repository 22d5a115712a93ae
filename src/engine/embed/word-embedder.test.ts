/** Features of words: where they are read, in any script, and that they come back from files. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { mulberry32 } from '../text/index.ts';
import type { CacheOptions } from '../train/prefix/index.ts';
import { leadingDirections } from './directions.ts';
import { openEmbedder, openWordEmbedder, type CutText, type WordEmbedder } from './index.ts';

const model = (name: string) => path.join(import.meta.dirname, '..', '..', '..', 'tests', 'fixtures', 'models', name);
const never = new AbortController().signal;
const plain = (text: string): CutText => ({ text, cut: 'segments' });
const sample = ['The film was dull.', 'A warm and long plot in Berlin.', 'Cold.'].map(plain);

let cache: CacheOptions;
let embedder: WordEmbedder | null = null;
beforeEach(() => {
  cache = { folder: fs.mkdtempSync(path.join(os.tmpdir(), 'thaw-words-')), memory: 0, disk: 2 ** 26 };
});
afterEach(async () => {
  await embedder?.close();
  embedder = null;
  fs.rmSync(cache.folder, { recursive: true, force: true });
});
const open = async (family: string) => (embedder = await openWordEmbedder({ folder: model(family), threads: 1, cache, sample }, never));
const wordsOf = async (text: string) => (await embedder!.read([plain(text)], never))[0].words.map((word) => text.slice(...word));

it.each(['bert', 'roberta', 'xlm-roberta'])(
  'has a row for each word that a token of %s begins in, emoji and right-to-left ones too',
  async (family) => {
    await open(family);
    expect(await wordsOf('Anna 👍🏽 שלום עולם, 𝒳!')).toEqual(['Anna', '👍🏽', 'שלום', 'עולם', ',', '𝒳', '!']);
    expect(await wordsOf('')).toEqual([]);
    const [{ words, features }] = await embedder!.read([plain('a long plot')], never);
    expect(features).toHaveLength(words.length * embedder!.width);
  },
);

it('reads a word alike whatever stands beside its text in a batch, and the text’s embedding as embedders do', async () => {
  await open('bert');
  const alone = (await embedder!.read([plain('a warm plot')], never))[0];
  fs.rmSync(cache.folder, { recursive: true });
  await embedder!.close();
  await open('bert');
  const [, among] = await embedder!.read([plain('the film was long and dull and cold and fine'), plain('a warm plot')], never);
  among.features.forEach((value, at) => expect(value).toBeCloseTo(alone.features[at], 4));
  const sentences = await openEmbedder({ folder: model('bert'), threads: 1, cache });
  const embedding = await sentences.embed(['a warm plot'], never);
  await sentences.close();
  embedding.forEach((value, at) => expect(among.embedding[at]).toBeCloseTo(value, 5));
});

it('reads a long text in windows, each word once', async () => {
  await open('bert');
  const long = Array.from({ length: 150 }, (_, at) => `w${at}`).join(' ');
  const [{ words, features }] = await embedder!.read([plain(long)], never);
  const read = words.map((word) => long.slice(...word));
  expect(read).toEqual(long.split(' ').slice(0, read.length));
  expect(read.length).toBeGreaterThan(60);
  expect(features).toHaveLength(read.length * embedder!.width);
  expect(features.every(Number.isFinite)).toBe(true);
  const [document] = await embedder!.read([plain(`${long} ${'👍🏽'.repeat(1_000_000)}`)], never);
  expect(document.words.slice(0, read.length)).toEqual(words);
});

it('keeps in files what it read, the same to the last bit', async () => {
  const many = Array.from({ length: 400 }, (_, at) => plain(`${at} films of ${at % 7} warm plots`));
  const reopened = async () => {
    await embedder?.close();
    return (embedder = await openWordEmbedder({ folder: model('bert'), threads: 1, cache, sample: many }, never));
  };
  const first = await (await reopened()).read(many.slice(0, 9), never);
  await embedder!.keep();
  const files = fs.readdirSync(cache.folder).sort();
  expect(files.map((name) => name.split('-')[0])).toEqual(['directions', 'words']);
  const again = await (await reopened()).read(many.slice(0, 9).toReversed(), never);
  await embedder!.keep();
  expect(again.toReversed()).toEqual(first);
  expect(fs.readdirSync(cache.folder).sort()).toEqual(files);
});

it('stops when it is cancelled', async () => {
  await open('bert');
  await expect(embedder!.read(sample, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
});

it('finds the directions along which features differ most', () => {
  const random = mulberry32(3);
  // Along (3, 4, 0) / 5 ten times as far as along (0, 0, 1), and hardly along the third.
  const rows = Array.from({ length: 500 }, () => {
    const [a, b, c] = [10 * (random() - 0.5), random() - 0.5, 0.01 * (random() - 0.5)];
    return [0.6 * a - 0.8 * c + 5, 0.8 * a + 0.6 * c, b];
  });
  const [x, y, z, ...rest] = leadingDirections(Float32Array.from(rows.flat()), 3, 2);
  expect([Math.abs(x), Math.abs(y), Math.abs(z)]).toEqual([0.6, 0.8, 0].map((value) => expect.closeTo(value, 2)));
  expect(rest.map(Math.abs)).toEqual([0, 0, 1].map((value) => expect.closeTo(value, 2)));
  // Of fewer rows than directions there are as many all the same.
  const few = leadingDirections(Float32Array.of(1, 2, 3), 3, 3);
  for (let row = 0; row < 3; row++) expect(Math.hypot(...few.subarray(3 * row, 3 * row + 3))).toBeCloseTo(1, 5);
});
