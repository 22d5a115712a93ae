/** Embeddings against transformers: the built-in base's, and those of small models of other families. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CacheOptions } from '../train/prefix/index.ts';
import { openEmbedder } from './index.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const fixture = (name: string) => JSON.parse(fs.readFileSync(path.join(root, 'tests', 'fixtures', name), 'utf8'));
const builtIn = path.join(root, 'resources', 'models', 'all-MiniLM-L6-v2');

let cache: CacheOptions;
beforeEach(() => {
  cache = { folder: fs.mkdtempSync(path.join(os.tmpdir(), 'thaw-embed-')), memory: 0, disk: 2 ** 26 };
});
afterEach(() => fs.rmSync(cache.folder, { recursive: true, force: true }));

const never = new AbortController().signal;

async function embed(folder: string, texts: string[]): Promise<number[][]> {
  const embedder = await openEmbedder({ folder, threads: 1, cache });
  const all = await embedder.embed(texts, never);
  await embedder.close();
  return texts.map((_, row) => [...all.subarray(row * embedder.hidden, (row + 1) * embedder.hidden)]);
}

function expectClose(actual: number[][], expected: number[][]): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((row, at) => row.forEach((value, j) => expect(Math.abs(actual[at][j] - value)).toBeLessThan(1e-5)));
}

it('gives the built-in base’s embeddings, of length 1', async () => {
  const { texts, mean_pooled }: { texts: string[]; mean_pooled: number[][] } = fixture('minilm-expected.json');
  const normalized = mean_pooled.map((row) => row.map((value) => value / Math.hypot(...row)));
  const actual = await embed(builtIn, texts);
  expectClose(actual, normalized);
  for (const row of actual) expect(Math.hypot(...row)).toBeCloseTo(1, 6);
});

const families: { texts: string[]; embeddings: Record<string, number[][]> } = fixture('embeddings-expected.json');
it.each(Object.keys(families.embeddings))('gives those of %s, texts cut and padded', async (family) => {
  expectClose(await embed(path.join(root, 'tests', 'fixtures', 'models', family), families.texts), families.embeddings[family]);
});

it('reads what was computed before from files, the same to the last bit', async () => {
  const folder = path.join(root, 'tests', 'fixtures', 'models', 'bert');
  const first = await embed(folder, families.texts);
  const [piece] = fs.readdirSync(cache.folder);
  const written = fs.statSync(path.join(cache.folder, piece));
  expect(await embed(folder, families.texts.toReversed())).toEqual(first.toReversed());
  // Nothing was computed again, which would have been written.
  expect(fs.readdirSync(cache.folder)).toEqual([piece]);
  expect(fs.statSync(path.join(cache.folder, piece)).size).toBe(written.size);
});

it('stops when it is cancelled', async () => {
  const embedder = await openEmbedder({ folder: builtIn, threads: 1, cache });
  await expect(embedder.embed(['a'], AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  await embedder.close();
});
