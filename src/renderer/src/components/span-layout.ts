/** Where the bars under a passage go, measured from the words on screen, so any script and any line break work. */
import type { Span } from '../../../shared/domain.ts';
import { wordRange, type Word } from '../state/passage.ts';

export interface Bar {
  span: number;
  left: number;
  top: number;
  width: number;
  /** The span began on an earlier line, or goes on to a later one. */
  continued: boolean;
  continues: boolean;
}

const LINE_GAP = 8;
/** From a word's top to its bar. */
const BAR_TOP = 34;

/** One bar a span and line. `tokens` are the words' elements inside `host`, in order. */
export function layOut(host: HTMLElement, tokens: HTMLElement[], words: Word[], spans: Span[]): Bar[] {
  const origin = host.getBoundingClientRect();
  const lines = linesOf(tokens);
  return spans.flatMap((span, index) => {
    const [first, last] = wordRange(words, span);
    if (first < 0) return [];
    const bars: Bar[] = [];
    for (let line = lines[first]; line <= lines[last]; line++) {
      const rects = tokens
        .slice(first, last + 1)
        .filter((_, at) => lines[first + at] === line)
        .map((token) => token.getBoundingClientRect());
      if (rects.length === 0) continue;
      const left = Math.min(...rects.map((rect) => rect.left));
      const right = Math.max(...rects.map((rect) => rect.right));
      const place = { left: left - origin.left, top: rects[0].top - origin.top + BAR_TOP, width: right - left };
      bars.push({ span: index, ...place, continued: line > lines[first], continues: line < lines[last] });
    }
    return bars;
  });
}

/** The visual line of each word, counted from 0. */
function linesOf(tokens: HTMLElement[]): number[] {
  let line = -1;
  let top = Number.NEGATIVE_INFINITY;
  return tokens.map((token) => {
    if (Math.abs(token.offsetTop - top) > LINE_GAP) {
      line++;
      top = token.offsetTop;
    }
    return line;
  });
}
