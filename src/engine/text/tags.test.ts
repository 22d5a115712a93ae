import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTags, encodeTags, labelsOf, tagsOf } from './tags.ts';
import { wordsOf, type Word, type WordCut } from './words.ts';

describe('wordsOf', () => {
  const words = (text: string, cut: WordCut) => wordsOf(text, cut).map(([start, end]) => text.slice(start, end));

  it('parts punctuation from words in free text', () => {
    expect(words('In Berlin-Mitte, (Acme Inc.) paid €5.', 'segments')).toEqual([
      'In',
      'Berlin',
      '-',
      'Mitte',
      ',',
      '(',
      'Acme',
      'Inc',
      '.',
      ')',
      'paid',
      '€',
      '5',
      '.',
    ]);
  });

  it('keeps the tokens of pre-tokenized text', () => {
    expect(words('In Berlin-Mitte , U.S. \u00a0x', 'spaces')).toEqual(['In', 'Berlin-Mitte', ',', 'U.S.', '\u00a0x']);
  });

  it('cuts free text as annotated corpora cut theirs', () => {
    const text = "AT&T paid J. O'Brien's firm (of Paris-Nord, U.S.) $5,000.50... ''so'' they'd.";
    const tokens = "AT&T paid J. O'Brien 's firm ( of Paris-Nord , U.S. ) $ 5,000.50 ... '' so '' they 'd .".split(' ');
    expect(words(text, 'tokens')).toEqual(tokens);
    expect(words(tokens.join(' '), 'tokens')).toEqual(tokens);
  });

  it('covers everything but white space, in order', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom<WordCut>('segments', 'tokens'), (text, cut) => {
        const found = wordsOf(text, cut);
        expect(
          found
            .map(([start, end]) => text.slice(start, end))
            .join('')
            .replace(/\s/g, ''),
        ).toBe(text.replace(/\s/g, ''));
        found.forEach(([start, end], index) => expect(start < end && (index === 0 || found[index - 1][1] <= start)).toBe(true));
      }),
    );
  });
});

describe('tags', () => {
  const words: Word[] = [
    [0, 6],
    [7, 13],
    [14, 17],
  ];

  it('mark the first word of an entity and those that follow', () => {
    expect(encodeTags(words, [{ start: 0, end: 13, label: 'PER' }])).toEqual({ tags: ['B-PER', 'I-PER', 'O'], widened: 0, leftOut: 0 });
  });

  it('widen a span to the words that it touches, and count it', () => {
    expect(encodeTags(words, [{ start: 8, end: 10, label: 'LOC' }])).toEqual({ tags: ['O', 'B-LOC', 'O'], widened: 1, leftOut: 0 });
  });

  it('leave out whole what shares a word with a span that begins before it, or is longer', () => {
    const span = (start: number, end: number, label: string) => ({ start, end, label });
    const nested = [span(7, 13, 'LOC'), span(0, 13, 'PER'), span(7, 17, 'LOC')];
    expect(encodeTags(words, nested)).toEqual({ tags: ['B-PER', 'I-PER', 'O'], widened: 0, leftOut: 2 });
  });

  it('name every label twice, and give the labels back', () => {
    expect(tagsOf(['PER', 'LOC'])).toEqual(['O', 'B-PER', 'I-PER', 'B-LOC', 'I-LOC']);
    expect(labelsOf(tagsOf(['PER', 'LOC']))).toEqual(['PER', 'LOC']);
  });

  it('survive a round trip for any spans that meet words and do not overlap', () => {
    const spans = fc.array(
      fc.record({ length: fc.integer({ min: 1, max: 3 }), gap: fc.integer({ min: 0, max: 2 }), label: fc.constantFrom('PER', 'LOC') }),
    );
    fc.assert(
      fc.property(spans, (pieces) => {
        let at = 0;
        const entities = pieces.map(({ length, gap, label }) => {
          const first = at + gap;
          at = first + length;
          return { first, last: at - 1, label };
        });
        const units = Array.from({ length: at + 1 }, (_, index): Word => [index * 2, index * 2 + 1]);
        const { tags, widened } = encodeTags(
          units,
          entities.map(({ first, last, label }) => ({ start: first * 2, end: last * 2 + 1, label })),
        );
        expect(widened).toBe(0);
        expect(decodeTags(tags)).toEqual(entities);
      }),
    );
  });
});
