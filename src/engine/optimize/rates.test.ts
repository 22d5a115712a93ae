import fc from 'fast-check';
import { expect, it } from 'vitest';
import { layerRates } from './rates.ts';

it('falls by the same factor from the head to the embeddings', () => {
  const rates = layerRates(3, { layerDecay: 0.5, learningRateScale: {} });
  expect([...rates]).toEqual([
    ['head', 1],
    ['2', 0.5],
    ['1', 0.25],
    ['0', 0.125],
    ['embeddings', 0.0625],
    ['projection', 0.0625],
    ['positions', 0.125],
  ]);
});
it('multiplies with the factors of single layers, and is 1 everywhere without either', () =>
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 24 }), fc.double({ min: 0.1, max: 1, noNaN: true }), fc.nat(23), (layers, layerDecay, k) => {
      const layer = `${k % layers}`;
      const plain = layerRates(layers, { layerDecay, learningRateScale: {} });
      const scaled = layerRates(layers, { layerDecay, learningRateScale: { [layer]: 3 } });
      for (const [name, rate] of plain) expect(scaled.get(name)).toBe(name === layer ? rate * 3 : rate);
      expect([...layerRates(layers, { layerDecay: 1, learningRateScale: {} }).values()].every((rate) => rate === 1)).toBe(true);
    }),
  ));
