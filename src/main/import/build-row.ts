/** A row of what its columns hold, in whatever format they came. */
import type { LabelCell, ParsedRow, ReadOptions, RejectedRow } from './row.ts';
import { namedSplit, rejected } from './row.ts';
import { readSpans } from './spans.ts';

export interface RowParts {
  line: number;
  text: string;
  label: string;
  labelCells?: LabelCell[];
  /** A list of spans, or its JSON; null or empty: not labeled. */
  spans: unknown;
  split: string;
  group: string | null;
  pretokenized: boolean;
  extra: Record<string, string>;
}

/** Whether spans start and end where words between spaces do: only then the tokens of the text can say them. */
const fitWords = (text: string, spans: { start: number; end: number }[] | null): boolean =>
  (spans ?? []).every(({ start, end }) => (start === 0 || text[start - 1] === ' ') && (end === text.length || text[end] === ' '));

export function buildRow({ line, label, labelCells, group, extra, ...parts }: RowParts, options: ReadOptions): ParsedRow | RejectedRow {
  const text = parts.text.toWellFormed();
  if (!text.trim()) return rejected(line, 'the text is empty');
  const marked =
    parts.spans === null || parts.spans === undefined || parts.spans === '' ? null : readSpans(parts.spans, text, options.offsets);
  if (typeof marked === 'string') return rejected(line, marked);
  const split = parts.split.trim() ? namedSplit(parts.split) : null;
  if (parts.split.trim() && !split) return rejected(line, `'${parts.split.trim()}' is no split (train, validation or test)`);
  return {
    kind: 'row',
    line,
    text,
    label: label.trim() || null,
    ...(labelCells && { labelCells }),
    spans: marked,
    split,
    ...(group !== null && { group }),
    pretokenized: parts.pretokenized && fitWords(text, marked),
    extra,
  };
}
