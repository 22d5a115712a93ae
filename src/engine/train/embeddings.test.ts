import { expect, it } from 'vitest';
import { EmbeddingGradient } from './embeddings.ts';
import { positionRows } from './batch.ts';
import type { EncoderConfig } from '../models/family.ts';

const config = { embedding: 2, padId: 1, firstPosition: 0 } as EncoderConfig;
const tables = () => ({ word: new Float32Array(10), position: new Float32Array(8), type: new Float32Array(4) });

it('sums each token’s gradient into its rows, and clears them for the next batch', () => {
  const into = tables();
  const gradient = new EmbeddingGradient(config, into);
  // tokens 3, 4 and 3 and padding
  gradient.clear();
  gradient.add({ ids: Int32Array.of(3, 4, 3, 1), shape: [2, 2] }, Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  expect([...into.word]).toEqual([0, 0, 0, 0, 0, 0, 6, 8, 3, 4]);
  expect([...into.position]).toEqual([6, 8, 10, 12, 0, 0, 0, 0]);
  expect([...into.type]).toEqual([16, 20, 0, 0]);
  const all = [...into.word, ...into.position, ...into.type];
  expect(gradient.squaredNorm()).toBe(all.reduce((sum, x) => sum + x * x, 0));
  gradient.clear();
  for (let i = 0; i < 2; i++) gradient.add({ ids: Int32Array.of(0), shape: [1, 1] }, Float32Array.of(1, 1));
  expect([...into.word]).toEqual([2, 2, 0, 0, 0, 0, 0, 0, 0, 0]);
});
it('counts roberta’s positions over the tokens that are no padding', () => {
  const rows = positionRows({ ids: Int32Array.of(5, 6, 1, 7, 1, 1), shape: [2, 3] }, { padId: 1, firstPosition: 2 });
  expect([...rows]).toEqual([2, 3, 1, 2, 1, 1]);
});
