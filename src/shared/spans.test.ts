import fc from 'fast-check';
import { expect, it } from 'vitest';
import { learnable } from './spans.ts';

it('keeps the outer of nested spans and the first of crossing ones', () => {
  const span = (start: number, end: number) => ({ start, end });
  const [outer, inner, crossing, apart] = [span(0, 10), span(0, 4), span(8, 14), span(14, 16)];
  expect(learnable([apart, crossing, inner, outer])).toEqual({ learned: [outer, apart], leftOut: [inner, crossing] });
});

it('learns spans that lie apart, and leaves out only what overlaps one of them', () => {
  const spans = fc.array(fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 9 })).map(([start, length]) => ({ start, end: start + length })));
  fc.assert(
    fc.property(spans, (given) => {
      const { learned, leftOut } = learnable(given);
      expect(learned.length + leftOut.length).toBe(given.length);
      learned.forEach((span, at) => expect(at === 0 || learned[at - 1].end <= span.start).toBe(true));
      for (const span of leftOut) expect(learned.some((other) => other.start < span.end && span.start < other.end)).toBe(true);
    }),
  );
});
