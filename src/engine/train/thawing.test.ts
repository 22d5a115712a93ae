import path from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { familyOf, openBase } from '../models/base.ts';
import { parametersOf } from '../models/parameters.ts';
import { fromTheTop, thawedIn } from './thawing.ts';

const models = path.join(import.meta.dirname, '..', '..', '..', 'tests', 'fixtures', 'models');
const stack = (layers: number) => ['head', ...Array.from({ length: layers }, (_, above) => `${layers - 1 - above}`), 'embeddings'];
const counts = (epochs: number, downwards: string[]) =>
  Array.from({ length: epochs }, (_, before) => thawedIn(before + 1, epochs, downwards).length);

it.each([
  ['bert', ['head', '2', '1', '0', 'embeddings']],
  ['albert', ['head', '0', 'projection', 'embeddings']],
])('%s: from the head down to the embeddings, each layer once', async (name, downwards) => {
  const { family, config } = await openBase(path.join(models, name));
  expect(fromTheTop(parametersOf(familyOf(family), config, 'classification', 2), config)).toEqual(downwards);
});
it('thaws one layer an epoch, then trains all', () => {
  expect(thawedIn(2, 9, stack(3))).toEqual(['head', '2']);
  expect(counts(7, stack(3))).toEqual([1, 2, 3, 4, 5, 5, 5]);
});
it('spreads many layers over few epochs', () => {
  expect(counts(3, stack(6))).toEqual([1, 5, 8]);
  expect(counts(2, stack(6))).toEqual([1, 8]);
});
it('begins with one layer, never freezes again, and ends with all', () =>
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 30 }), fc.integer({ min: 1, max: 26 }), (epochs, layers) => {
      const trained = counts(epochs, stack(layers));
      expect(trained[0]).toBe(1);
      expect(trained.at(-1)).toBe(layers + 2);
      trained.slice(1).forEach((count, i) => expect(count).toBeGreaterThanOrEqual(trained[i]));
    }),
  ));
