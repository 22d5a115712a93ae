/** Where the bars under a passage go, measured from the words on screen, so any script and any line break work. */
import type { Span } from '../../../shared/domain.ts';
import { lanesOf, wordRange, type Word } from '../state/passage.ts';

export interface Bar {
  span: number;
  left: number;
  top: number;
  width: number;
  /** For its name: to the next bar of its lane, or the end of the line. */
  room: number;
  /** The span began on an earlier line, or goes on to a later one. */
  continued: boolean;
  continues: boolean;
}

const LINE_GAP = 8;
/** From a word's top to its first bar, from one lane to the next, and below the last, in pixels. */
const BAR_TOP = 34;
const LANE = 20;
const BELOW = 8;
const BETWEEN_NAMES = 8;

/** No bar for spans that lie outside the words. One bar a span and line: `tokens` are the words' elements inside `host`, in order; each line gets the depth that its lanes need. */
export function layOut(host: HTMLElement, tokens: HTMLElement[], words: Word[], spans: Span[]): Bar[] {
  const outside: [number, number] = [-1, -1];
  const isOutside = ({ start, end }: Span) => words.length === 0 || end <= words[0].start || start >= words[words.length - 1].end;
  const ranges = spans.map((span) => (isOutside(span) ? outside : wordRange(words, span)));
  const lanes = lanesOf(ranges);
  const lines = linesOf(tokens);
  const lanesOfLine: number[] = [];
  ranges.forEach(([first, last], index) => {
    for (let word = Math.max(0, first); word <= last; word++)
      lanesOfLine[lines[word]] = Math.max(lanesOfLine[lines[word]] ?? 0, lanes[index] + 1);
  });
  tokens.forEach((token, word) => (token.style.paddingBottom = `${BELOW + (lanesOfLine[lines[word]] ?? 0) * LANE}px`));

  const origin = host.getBoundingClientRect();
  const places = tokens.map((token) => token.getBoundingClientRect());
  const bars = ranges.flatMap(([first, last], span): (Bar & { line: number; lane: number })[] => {
    if (first < 0) return [];
    const onLines = [...new Set(lines.slice(first, last + 1))];
    return onLines.map((line) => {
      const under = places.filter((_, word) => word >= first && word <= last && lines[word] === line);
      const left = Math.min(...under.map((place) => place.left)) - origin.left;
      const width = Math.max(...under.map((place) => place.right)) - origin.left - left;
      const top = under[0].top - origin.top + BAR_TOP + lanes[span] * LANE;
      return { span, line, lane: lanes[span], left, top, width, room: 0, continued: line > lines[first], continues: line < lines[last] };
    });
  });
  return bars.map(({ line, lane, ...bar }) => {
    const later = bars.filter((other) => other.line === line && other.lane === lane && other.left > bar.left);
    const end = Math.min(origin.width, ...later.map((other) => other.left - BETWEEN_NAMES));
    return { ...bar, room: Math.max(bar.width, end - bar.left) };
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
