import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { familyOf } from './base.ts';
import { baseParameters } from './parameters.ts';
import { openScratch } from './scratch.ts';

const fixtures = path.join(import.meta.dirname, '..', '..', '..', 'tests', 'fixtures');
const folder = (family: string) => path.join(fixtures, 'models', family);
interface Drawn {
  value?: number;
  deviation: number;
  zeroRows?: number[];
}
/** What transformers draws. */
const expected: Record<string, Record<string, Drawn>> = JSON.parse(fs.readFileSync(path.join(fixtures, 'scratch-expected.json'), 'utf8'));

it.each(Object.keys(expected))('draws %s as transformers does', (name) => {
  const { family, config, read } = openScratch(folder(name), 1);
  for (const parameter of baseParameters(familyOf(family), config)) {
    const reference = expected[name][parameter.name];
    const { shape, data } = read(parameter.name);
    expect(shape, parameter.name).toEqual(parameter.shape);
    if (reference.value !== undefined) {
      expect(new Set(data), parameter.name).toEqual(new Set([reference.value]));
      continue;
    }
    const width = shape.at(-1)!;
    const rows = Array.from({ length: data.length / width }, (_, row) => data.subarray(row * width, (row + 1) * width));
    const zero = rows.flatMap((row, index) => (row.every((x) => x === 0) ? [index] : []));
    expect(zero, parameter.name).toEqual(reference.zeroRows ?? []);
    const count = data.length - zero.length * width;
    const mean = data.reduce((sum, x) => sum + x, 0) / count;
    const deviation = Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / count);
    // Five standard errors of a mean, and of two deviations of which each is an estimate.
    expect(Math.abs(mean), parameter.name).toBeLessThan((5 * reference.deviation) / Math.sqrt(count));
    expect(Math.abs(deviation / reference.deviation - 1), parameter.name).toBeLessThan(5 / Math.sqrt(count));
  }
});

it('draws the same from the same seed in any order, other numbers from another, and says so by its hash', () => {
  const [one, same, other] = [openScratch(folder('bert'), 1), openScratch(folder('bert'), 1), openScratch(folder('bert'), 2)];
  const names = baseParameters(familyOf('bert'), one.config).map(({ name }) => name);
  const values = new Map(names.map((name) => [name, one.read(name).data]));
  for (const name of [...names].reverse()) expect(same.read(name).data, name).toEqual(values.get(name));
  const matrices = names.filter((name) => one.read(name).shape.length > 1);
  for (const name of matrices) expect(other.read(name).data, name).not.toEqual(values.get(name));
  expect(same.hash).toBe(one.hash);
  expect(other.hash).not.toBe(one.hash);
  expect(openScratch(folder('distilbert'), 1).hash).not.toBe(one.hash);
});

it('draws no number twice', () => {
  const { config, read } = openScratch(folder('bert'), 1);
  const drawn = baseParameters(familyOf('bert'), config)
    .filter(({ fresh }) => fresh.deviation > 0)
    .map(({ name }) => read(name).data.find((x) => x !== 0)!);
  expect(new Set(drawn).size).toBe(drawn.length);
});

it('goes by names with the prefix or without', () => {
  const { has, read } = openScratch(folder('bert'), 1);
  expect(has('embeddings.word_embeddings.weight')).toBe(true);
  expect(has('classifier.weight')).toBe(false);
  expect(read('embeddings.word_embeddings.weight')).toEqual(read('bert.embeddings.word_embeddings.weight'));
});
