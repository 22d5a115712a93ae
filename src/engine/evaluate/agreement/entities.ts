import { spanKey, type Span } from '../../../shared/domain.ts';
import type { Statistic } from './kinds.ts';

/** Spans of one text or more: of two annotators, and those of them that agree in start, end and label. */
export interface SpanCounts {
  first: number;
  second: number;
  both: number;
}

export function countCommonSpans(first: Span[], second: Span[]): SpanCounts {
  const found = new Set(second.map(spanKey));
  return { first: first.length, second: second.length, both: first.filter((span) => found.has(spanKey(span))).length };
}

/**
 * Entity F1 of two annotators, which is the same whichever is taken for right: 2 × both / (first + second). It stands for κ, which has no
 * count of the spans that both left out (Hripcsak and Rothschild 2005). NaN where neither marked any.
 */
export function entityF1(kinds: SpanCounts[]): Statistic {
  return (counts) => {
    let [both, all] = [0, 0];
    kinds.forEach((kind, index) => {
      both += counts[index] * kind.both;
      all += counts[index] * (kind.first + kind.second);
    });
    return (2 * both) / all;
  };
}
