/** Words and spans of a passage, as the span labeler edits them. Offsets are UTF-16 units, `end` exclusive. */
import type { Span } from '../../../shared/domain.ts';
import { inTextOrder } from '../../../shared/spans.ts';

export interface Word {
  start: number;
  end: number;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** The words and marks of `text`: everything but the space between, by Unicode's rules (UAX 29). `offset` is added to their places. */
export function wordsOf(text: string, offset = 0): Word[] {
  return [...segmenter.segment(text)]
    .filter(({ segment }) => segment.trim() !== '')
    .map(({ index, segment }) => ({ start: offset + index, end: offset + index + segment.length }));
}

/** First and last word that `span` touches, as indexes into `words`. */
export function wordRange(words: Word[], span: { start: number; end: number }): [first: number, last: number] {
  const first = words.findIndex((word) => word.end > span.start);
  const last = words.findLastIndex((word) => word.start < span.end);
  return [first, Math.max(first, last)];
}

export function overlap(a: Word, b: Word): boolean {
  return a.start < b.end && b.start < a.end;
}

export const sameSpan = (a: Span, b: Span): boolean => a.start === b.start && a.end === b.end && a.label === b.label;

/** `spans` with `span` in it, once, in text order (an outer one before those inside it). */
export function withSpan(spans: Span[], span: Span): Span[] {
  return [...spans.filter((other) => !sameSpan(other, span)), span].sort(inTextOrder);
}

/** How each span lies among the others: how many it is inside of, and whether it crosses the edge of one. */
export function nesting(spans: Span[]): { depth: number; crosses: boolean }[] {
  const contains = (outer: Span, inner: Span) => outer.start <= inner.start && inner.end <= outer.end;
  return spans.map((span) => {
    const others = spans.filter((other) => other !== span && overlap(other, span));
    const around = others.filter(
      (other) => contains(other, span) && !(contains(span, other) && spans.indexOf(other) > spans.indexOf(span)),
    );
    return { depth: around.length, crosses: others.some((other) => !contains(other, span) && !contains(span, other)) };
  });
}

/**
 * The lane of each span below the words, 0 nearest to them. Short spans come first, so that nested ones sit inside their parents; spans of
 * one lane share no word. `ranges`: first and last word of each.
 */
export function lanesOf(ranges: [first: number, last: number][]): number[] {
  const order = ranges.map((_, index) => index);
  const length = ([first, last]: [number, number]) => last - first;
  order.sort((a, b) => length(ranges[a]) - length(ranges[b]) || ranges[a][0] - ranges[b][0]);
  const lanes: [number, number][][] = [];
  const laneOf: number[] = new Array(ranges.length);
  for (const index of order) {
    const [first, last] = ranges[index];
    let lane = 0;
    while (lanes[lane]?.some((taken) => first <= taken[1] && taken[0] <= last)) lane++;
    (lanes[lane] ??= []).push([first, last]);
    laneOf[index] = lane;
  }
  return laneOf;
}

/** `span` moved by whole words: `from` and `to` are added to its first and last word. Never empty, never outside the text. */
export function resized(words: Word[], span: Span, { from = 0, to = 0 }: { from?: number; to?: number }): Span {
  const [first, last] = wordRange(words, span);
  const newFirst = Math.min(Math.max(0, first + from), last);
  const newLast = Math.max(Math.min(words.length - 1, last + to), newFirst);
  return { ...span, start: from === 0 ? span.start : words[newFirst].start, end: to === 0 ? span.end : words[newLast].end };
}
