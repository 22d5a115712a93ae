/** Words and spans of a passage, as the span labeler edits them. Offsets are UTF-16 units, `end` exclusive. */
import type { Span } from '../../../shared/domain.ts';

export interface Word {
  start: number;
  end: number;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** The words and marks of `text`: everything but the space between, by Unicode's rules (UAX 29). */
export function wordsOf(text: string): Word[] {
  return [...segmenter.segment(text)]
    .filter(({ segment }) => segment.trim() !== '')
    .map(({ index, segment }) => ({ start: index, end: index + segment.length }));
}

/** First and last word that `span` touches, as indexes into `words`. */
export function wordRange(words: Word[], span: { start: number; end: number }): [first: number, last: number] {
  const first = words.findIndex((word) => word.end > span.start);
  const last = words.findLastIndex((word) => word.start < span.end);
  return [first, Math.max(first, last)];
}

function overlap(a: Word, b: Word): boolean {
  return a.start < b.end && b.start < a.end;
}

/** `spans` with `span` in it, in text order. Spans are flat: those it overlaps give way. */
export function withSpan(spans: Span[], span: Span): Span[] {
  return [...spans.filter((other) => !overlap(other, span)), span].sort((a, b) => a.start - b.start);
}

/** `span` moved by whole words: `from` and `to` are added to its first and last word. Never empty, never outside the text. */
export function resized(words: Word[], span: Span, { from = 0, to = 0 }: { from?: number; to?: number }): Span {
  const [first, last] = wordRange(words, span);
  const newFirst = Math.min(Math.max(0, first + from), last);
  const newLast = Math.max(Math.min(words.length - 1, last + to), newFirst);
  return { ...span, start: from === 0 ? span.start : words[newFirst].start, end: to === 0 ? span.end : words[newLast].end };
}
