/** Rows of jsonl files: one JSON object a line. Spans are [{start, end, label}] in code points, `end` exclusive. */
import { z } from 'zod';
import { toUtf16 } from '../../engine/text/offsets.ts';
import type { Span } from '../../shared/domain.ts';
import { chooseColumns } from './columns.ts';
import type { ColumnChoice } from './columns.ts';
import { linesOf } from './lines.ts';
import { namedSplit, rejected } from './row.ts';
import type { ParsedRow, ReadOptions, RejectedRow, RowStream } from './row.ts';

const spansSchema = z.array(
  z.object({ start: z.number().int().nonnegative(), end: z.number().int().positive(), label: z.string().min(1) }),
);
const spanFields = ['spans', 'entities'];

const asText = (value: unknown): string =>
  value === null || value === undefined
    ? ''
    : typeof value === 'string'
      ? value
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);

/** Spans in UTF-16 units, or why they cannot be. */
function convertSpans(value: unknown, text: string): Span[] | string {
  const parsed = spansSchema.safeParse(value);
  if (!parsed.success) return 'the spans are not a list of {start, end, label}';
  const { length } = Array.from(text);
  const spans = parsed.data.toSorted((a, b) => a.start - b.start);
  for (const [index, { start, end }] of spans.entries()) {
    if (end <= start || end > length) return `the span ${start}–${end} is not inside the text of ${length} characters`;
    if (index > 0 && start < spans[index - 1].end) return `the spans at ${spans[index - 1].start} and ${start} overlap`;
  }
  return toUtf16(text, spans);
}

interface Fields {
  names: string[];
  choice: ColumnChoice;
  spans: string | null;
}

function chooseFields(object: Record<string, unknown>, options: ReadOptions & { fileName: string }): Fields {
  const names = Object.keys(object);
  const spans = options.task === 'ner' ? (options.label ?? spanFields.find((field) => names.includes(field)) ?? null) : null;
  const asked = { text: options.text, label: options.label, file: options.fileName };
  // A file of objects has no last column; of two fields, the one that is not the text can only be the label.
  const choice = chooseColumns(names, asked, names.length === 2);
  if (options.task === 'ner') choice.label = null;
  return { names, choice, spans };
}

function asRow(line: number, object: Record<string, unknown>, { names, choice, spans }: Fields): ParsedRow | RejectedRow {
  const missing = choice.text.map((index) => names[index]).find((name) => !(name in object));
  if (missing !== undefined) return rejected(line, `has no field '${missing}'`);
  const text = choice.text
    .map((index) => asText(object[names[index]]))
    .join('\n')
    .toWellFormed();
  if (!text.trim()) return rejected(line, 'the text is empty');
  const marked = spans !== null && object[spans] !== null && object[spans] !== undefined ? convertSpans(object[spans], text) : null;
  if (typeof marked === 'string') return rejected(line, marked);
  const used = new Set([...choice.text, choice.label, choice.split].map((index) => (index === null ? '' : names[index])));
  const extra = Object.fromEntries(
    Object.entries(object)
      .filter(([name]) => !used.has(name) && name !== spans)
      .map(([name, value]) => [name, asText(value)]),
  );
  const splitText = choice.split === null ? '' : asText(object[names[choice.split]]).trim();
  const split = splitText ? namedSplit(splitText) : null;
  if (splitText && !split) return rejected(line, `'${splitText}' is no split (train, validation or test)`);
  const label = choice.label === null ? '' : asText(object[names[choice.label]]).trim();
  return { kind: 'row', line, text, label: label || null, spans: marked, split, pretokenized: false, extra };
}

/** The fields are chosen from the first object. Throws unknown_column. */
export async function* readJsonLines(pieces: AsyncIterable<string>, options: ReadOptions & { fileName: string }): RowStream {
  let fields: Fields | null = null;
  for await (const { line, text } of linesOf(pieces)) {
    if (!text.trim()) continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      yield rejected(line, `is not JSON (${(error as Error).message})`);
      continue;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      yield rejected(line, 'is not a JSON object');
      continue;
    }
    fields ??= chooseFields(value as Record<string, unknown>, options);
    yield asRow(line, value as Record<string, unknown>, fields);
  }
}
