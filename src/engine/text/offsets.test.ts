import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCodePoints, toUtf16 } from './offsets.ts';

describe('offsets', () => {
  it('count emoji and flags as their code points', () => {
    const text = '🇩🇪 Köln';
    expect(toCodePoints(text, [{ start: 5, end: 9 }])).toEqual([{ start: 3, end: 7 }]);
    expect(toUtf16(text, [{ start: 3, end: 7 }])).toEqual([{ start: 5, end: 9 }]);
  });

  it('widen to whole code points', () => {
    expect(toCodePoints('a🙂b', [{ start: 2, end: 2 }])).toEqual([{ start: 1, end: 2 }]);
  });

  it('come back the same for every slice of code points, and name the same characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(), fc.nat(), (text, a, b) => {
        const characters = [...text];
        const [start, end] = [a % (characters.length + 1), b % (characters.length + 1)].sort((x, y) => x - y);
        const [units] = toUtf16(text, [{ start, end }]);
        expect(text.slice(units.start, units.end)).toBe(characters.slice(start, end).join(''));
        expect(toCodePoints(text, [units])).toEqual([{ start, end }]);
      }),
    );
  });
});
