import fc from 'fast-check';
import { expect, it } from 'vitest';
import { blocksOf, partsOf } from './parts.ts';

const texts = fc
  .array(fc.constantFrom('word ', 'a\n', '😀', 'é', 'longer', ' ', '\r\n', '家族'), { maxLength: 400 })
  .map((pieces) => pieces.join(''));

it('gives parts that joined are the text, none of them empty, large or ending within a character', () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 2, max: 60 }), (text, size) => {
      const parts = partsOf(text, size);
      expect(parts.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
      for (const { start, end } of parts) {
        if (text !== '') expect(end).toBeGreaterThan(start);
        expect(end - start).toBeLessThanOrEqual(size);
        expect(text.slice(start, end).isWellFormed()).toBe(true);
      }
    }),
  );
});

it('never parts a span', () => {
  const spans = fc.array(fc.tuple(fc.nat(300), fc.integer({ min: 1, max: 50 })), { maxLength: 8 });
  fc.assert(
    fc.property(texts, spans, (text, found) => {
      const whole = found
        .map(([start, length]) => ({ start, end: Math.min(start + length, text.length) }))
        .filter(({ start, end }) => start < end);
      for (const { end } of partsOf(text, 20, whole)) expect(whole.some((span) => span.start < end && end < span.end)).toBe(false);
    }),
  );
});

it('parts after the end of a line, else between words', () => {
  expect(partsOf('one two\nthree four five', 12).map(({ end }) => end)).toEqual([8, 19, 23]);
});

it('leaves texts of a few pages whole', () => {
  expect(blocksOf('word '.repeat(3000))).toHaveLength(1);
  expect(blocksOf('word '.repeat(200_000)).length).toBeGreaterThan(200);
});
