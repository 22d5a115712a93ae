import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resized, withSpan, wordRange, wordsOf } from './passage.ts';

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

  it('give way to one laid over them and stay in text order', () => {
    const place = { start: 17, end: 24, label: 'Place' };
    const both = withSpan([place], person);
    expect(both).toEqual([person, place]);
    expect(withSpan(both, { start: 3, end: 24, label: 'Other' })).toEqual([{ start: 3, end: 24, label: 'Other' }]);
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
