/** Buckets of relative positions, against transformers (tests/fixtures/make_relative_positions.py). */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import * as deberta from './deberta.ts';
import * as mpnet from './mpnet.ts';

const file = path.join(import.meta.dirname, '..', '..', '..', 'tests', 'fixtures', 'relative-positions-expected.json');
const expected: { mpnet: number[]; 'deberta-v2': Record<string, number[]> } = JSON.parse(fs.readFileSync(file, 'utf8'));

it('mpnet', () => expect(expected.mpnet.map((_, i) => mpnet.bucketOf(i - 200))).toEqual(expected.mpnet));
it.each(Object.entries(expected['deberta-v2']))('deberta-v2, %s', (sizes, numbers) => {
  const [buckets, farthest] = sizes.split(',').map(Number);
  const found = numbers.map((_, i) => deberta.bucketOf(i + 1 - farthest, buckets, farthest));
  expect(found.map((bucket) => bucket + 0)).toEqual(numbers);
});
