import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lanesOf, nesting, resized, withSpan, wordRange, wordsOf } from './passage.ts';

const text = 'Dr Weiß moved to Leipzig, in 1989.';
const words = wordsOf(text);
const written = words.map(({ start, end }) => text.slice(start, end));

describe('words of a passage', () => {
  it('are its words and marks', () => {
    expect(written).toEqual(['Dr', 'Weiß', 'moved', 'to', 'Leipzig', ',', 'in', '1989', '.']);
  });

  it('cover everything but space, in order, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (any) => {
        let end = 0;
        for (const word of wordsOf(any)) {
          expect(any.slice(end, word.start).trim()).toBe('');
          expect(word.end).toBeGreaterThan(word.start);
          end = word.end;
        }
        expect(any.slice(end).trim()).toBe('');
      }),
    );
  });
});

describe('spans of a passage', () => {
  const person = { start: 0, end: 7, label: 'Person' };

  it('touch the words they are over, in whole or in part', () => {
    expect(wordRange(words, person)).toEqual([0, 1]);
    expect(wordRange(words, { start: 4, end: 5 })).toEqual([1, 1]);
  });

  it('may lie over each other, each once, an outer one before those inside it', () => {
    const place = { start: 17, end: 24, label: 'Place' };
    const both = withSpan([place], person);
    expect(both).toEqual([person, place]);
    expect(withSpan(both, person)).toEqual(both);
    const [crossing, outer] = [
      { start: 3, end: 24, label: 'Other' },
      { start: 0, end: 24, label: 'Other' },
    ];
    expect(withSpan(withSpan(both, crossing), outer)).toEqual([outer, person, crossing, place]);
    expect(nesting([outer, person, crossing, place])).toEqual([
      { depth: 0, crosses: false },
      { depth: 1, crosses: true },
      { depth: 1, crosses: true },
      { depth: 2, crosses: false },
    ]);
    expect(nesting([person, { ...person, label: 'Other' }]).map(({ depth }) => depth)).toEqual([0, 1]);
  });

  it('have lanes of their own where they share a word, the shorter one nearer to it', () => {
    expect(
      lanesOf([
        [4, 7],
        [4, 6],
        [6, 6],
        [9, 10],
      ]),
    ).toEqual([2, 1, 0, 0]);
    const range = fc.tuple(fc.nat(20), fc.nat(6)).map(([first, more]): [number, number] => [first, first + more]);
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), (ranges) => {
        const lanes = lanesOf(ranges);
        ranges.forEach(([first, last], a) =>
          ranges.forEach(([other, end], b) => expect(a === b || lanes[a] !== lanes[b] || last < other || end < first).toBe(true)),
        );
      }),
    );
  });

  it('widen and narrow by a word, never to nothing and never past the ends', () => {
    expect(resized(words, person, { to: 1 })).toEqual({ start: 0, end: 13, label: 'Person' });
    expect(resized(words, person, { to: -1 })).toEqual({ start: 0, end: 2, label: 'Person' });
    expect(resized(words, { start: 0, end: 2, label: 'Person' }, { to: -1 })).toEqual({ start: 0, end: 2, label: 'Person' });
    expect(resized(words, person, { from: -1 })).toEqual(person);
    expect(resized(words, person, { from: 1 })).toEqual({ start: 3, end: 7, label: 'Person' });
    expect(resized(words, { start: 33, end: 34, label: 'Person' }, { to: 1 })).toEqual({ start: 33, end: 34, label: 'Person' });
  });
});
