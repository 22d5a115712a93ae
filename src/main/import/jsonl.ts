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

type Item = { line: number; object: Record<string, unknown> } | RejectedRow;

/** So many objects are looked at before the fields are chosen. */
export const lookAhead = 100;

function chooseFields(
  objects: Record<string, unknown>[],
  { task, text, label, fileName: file }: ReadOptions & { fileName: string },
): Fields {
  const times = new Map<string, number>();
  for (const name of objects.flatMap((object) => Object.keys(object))) times.set(name, (times.get(name) ?? 0) + 1);
  const common = [...times.keys()].filter((name) => 2 * (times.get(name) as number) >= objects.length);
  const names = [...new Set([...common, ...times.keys()])];
  const spans = task === 'ner' ? (label ?? spanFields.find((field) => names.includes(field)) ?? null) : null;
  // A text is what most objects have; a label may be what few have.
  const usual = common[chooseColumns(common, { file }, false).text[0]] as string | undefined;
  const several = task === 'multilabel';
  const choice = chooseColumns(names, { text: text || usual, label, several, file }, false);
  // A file of objects has no last column; of two fields, the one that is not the text can only be the label.
  const isPair = names.length === 2 || common.length === 2;
  const other = isPair ? [0, 1].find((index) => !choice.text.includes(index) && index !== choice.split) : undefined;
  if (label === undefined && several && choice.labels?.length === 0 && other !== undefined) choice.labels = [other];
  if (label === undefined && !several && choice.label === null) choice.label = other ?? null;
  if (task === 'ner') choice.label = null;
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
  const used = new Set(
    [...choice.text, choice.label, ...(choice.labels ?? []), choice.split].map((index) => (index === null ? '' : names[index])),
  );
  const extra = Object.fromEntries(
    Object.entries(object)
      .filter(([name]) => !used.has(name) && name !== spans)
      .map(([name, value]) => [name, asText(value)]),
  );
  const splitText = choice.split === null ? '' : asText(object[names[choice.split]]).trim();
  const split = splitText ? namedSplit(splitText) : null;
  if (splitText && !split) return rejected(line, `'${splitText}' is no split (train, validation or test)`);
  const label = choice.label === null ? '' : asText(object[names[choice.label]]).trim();
  const labelCells = choice.labels?.map((index) => ({ column: names[index], value: object[names[index]] }));
  return {
    kind: 'row',
    line,
    text,
    label: label || null,
    ...(labelCells && { labelCells }),
    spans: marked,
    split,
    pretokenized: false,
    extra,
  };
}

async function* objectsOf(pieces: AsyncIterable<string>): AsyncGenerator<Item> {
  for await (const { line, text } of linesOf(pieces)) {
    if (!text.trim()) continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      yield rejected(line, `is not JSON (${(error as Error).message})`);
      continue;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) yield rejected(line, 'is not a JSON object');
    else yield { line, object: value as Record<string, unknown> };
  }
}

/** The fields are chosen from the first objects, as not every one need have them all. Throws unknown_column. */
export async function* readJsonLines(pieces: AsyncIterable<string>, options: ReadOptions & { fileName: string }): RowStream {
  let fields: Fields | null = null;
  let waiting: Item[] = [];
  function* rows(): Generator<ParsedRow | RejectedRow> {
    const objects = waiting.flatMap((item) => ('kind' in item ? [] : [item.object]));
    if (objects.length > 0) fields ??= chooseFields(objects, options);
    for (const item of waiting) yield 'kind' in item ? item : asRow(item.line, item.object, fields as Fields);
    waiting = [];
  }
  for await (const item of objectsOf(pieces)) {
    waiting.push(item);
    if (fields || waiting.length >= lookAhead) yield* rows();
  }
  yield* rows();
}
