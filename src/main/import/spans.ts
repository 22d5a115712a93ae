/** Spans as files give them: lists of {start, end, label} or [start, end, label], `end` exclusive. */
import { z } from 'zod';
import { toUtf16 } from '../../engine/text/offsets.ts';
import type { Span } from '../../shared/domain.ts';
import { inTextOrder } from '../../shared/spans.ts';
import type { ReadOptions } from './row.ts';

const offset = z.number().int().nonnegative();
const label = z.string().min(1);

const spanSchema = z.union([
  z.object({ start: offset, end: offset, label }),
  z
    .object({ start_offset: offset, end_offset: offset, label })
    .transform(({ start_offset: start, end_offset: end, label }) => ({ start, end, label })),
  z
    .tuple([offset, offset, label])
    .rest(z.unknown())
    .transform(([start, end, label]) => ({ start, end, label })),
]);
const spansSchema = z.array(spanSchema);

/** A cell of a table holds them as JSON. */
function asList(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Spans in UTF-16 units and in order, or why they cannot be. */
export function readSpans(value: unknown, text: string, unit: ReadOptions['offsets']): Span[] | string {
  const parsed = spansSchema.safeParse(asList(value));
  if (!parsed.success) return 'the spans are not a list of {start, end, label}';
  return convertSpans(parsed.data, text, unit);
}

/** Spans of `unit` in UTF-16 units and in order, or why they cannot be. They may overlap. */
export function convertSpans(given: Span[], text: string, unit: ReadOptions['offsets'] = 'code-points'): Span[] | string {
  const length = unit === 'utf-16' ? text.length : lengthInCodePoints(text);
  const spans = once(given.map(({ start, end, label: name }) => ({ start, end, label: name.trim().toWellFormed() }))).toSorted(inTextOrder);
  for (const { start, end, label: name } of spans) {
    if (!name) return `the span ${start}–${end} has no label`;
    if (end <= start || end > length)
      return `the span ${start}–${end} is not inside the text of ${length} characters${otherUnit(end, text, unit)}`;
  }
  if (unit === 'code-points') return toUtf16(text, spans);
  const halved = spans.find(({ start, end }) => splitsPair(text, start) || splitsPair(text, end));
  return halved
    ? `the span ${halved.start}–${halved.end} cuts a character in two; its offsets may be code points (--offsets code-points)`
    : spans;
}

/** Without those that say the same as another one. */
const once = (spans: Span[]): Span[] => [
  ...new Map(spans.map((span) => [JSON.stringify([span.start, span.end, span.label]), span])).values(),
];

const splitsPair = (text: string, at: number): boolean => /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1));

function lengthInCodePoints(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

const otherUnit = (end: number, text: string, unit: ReadOptions['offsets']): string =>
  unit === 'code-points' && end <= text.length ? ' (it would be, if offsets count UTF-16 units: --offsets utf-16)' : '';
