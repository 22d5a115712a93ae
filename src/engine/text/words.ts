/** The words an entity is made of, the same in training and in prediction. */
import type { Split } from '../../shared/domain.ts';

export type Word = [start: number, end: number];

/**
 * How a text is cut into words. `segments`: Unicode's word boundaries (UAX #29), where punctuation and symbols are words of their own.
 * `tokens`: as annotated corpora cut theirs. `spaces`: the text is tokens joined by single spaces, and says itself.
 */
export type WordCut = 'segments' | 'tokens' | 'spaces';

/** What a model learned to tag, and so what it is asked about: corpora with tokens of their own teach `tokens`, free text `segments`. */
export type TaggedWords = Exclude<WordCut, 'spaces'>;

/** What these training examples teach to tag: the tokens of a corpus where most of them are pre-tokenized. */
export function taggedWordsOf(examples: readonly { split: Split; pretokenized?: boolean }[]): TaggedWords {
  const train = examples.filter(({ split }) => split === 'train');
  return 2 * train.filter(({ pretokenized }) => pretokenized).length > train.length ? 'tokens' : 'segments';
}

const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

/**
 * After the Penn Treebank's rules (Marcus et al. 1993, the tokenizer of NLTK), which CoNLL's corpora follow: initials and abbreviations of
 * letters keep their full stop, clitics stand alone, hyphens and the like join what they touch on both sides; other signs stand alone, runs of
 * one sign (… as ... or '') together.
 */
const token =
  /(?:\p{L}\.)+(?![\p{L}\p{N}])|['’](?:s|d|m|ll|re|ve)(?![\p{L}\p{N}])|[\p{L}\p{M}\p{N}]+(?:(?:[\-‐‑–\/.·@_+]|&|(?<=\p{N})[,:](?=\p{N})|['’](?!(?:s|d|m|ll|re|ve)(?![\p{L}\p{N}])))[\p{L}\p{M}\p{N}]+)*|\p{RGI_Emoji}|(\S)\1*/giv;

const matches = (text: string, pattern: RegExp): Word[] =>
  Array.from(text.matchAll(pattern), ({ 0: word, index }): Word => [index, index + word.length]);

/** UTF-16 ranges in order; together they cover all that is not white space. */
export function wordsOf(text: string, cut: WordCut): Word[] {
  if (cut === 'spaces') return matches(text, /[^ ]+/g);
  if (cut === 'tokens') return matches(text, token);
  const words: Word[] = [];
  for (const { segment, index } of segmenter.segment(text)) if (/\S/.test(segment)) words.push([index, index + segment.length]);
  return words;
}
