/** The words an entity is made of, the same in training and in prediction. */

export type Word = [start: number, end: number];

const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

/**
 * Words of a text as UTF-16 ranges. A pre-tokenized text (its tokens joined by single spaces) has its own: the runs between
 * spaces. Any other is cut by Unicode's word boundaries (UAX #29), where punctuation and symbols are words of their own.
 */
export function wordsOf(text: string, pretokenized: boolean): Word[] {
  if (pretokenized) return Array.from(text.matchAll(/[^ ]+/g), ({ 0: word, index }): Word => [index, index + word.length]);
  const words: Word[] = [];
  for (const { segment, index } of segmenter.segment(text)) if (/\S/.test(segment)) words.push([index, index + segment.length]);
  return words;
}
