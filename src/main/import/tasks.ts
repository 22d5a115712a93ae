/** What the formats of annotation tools have in common. */
import type { Task } from '../../shared/domain.ts';
import { asText } from './objects.ts';
import { namedSplit, rejected } from './row.ts';
import type { Fields, ParsedRow, Records, RejectedRow, RowStream, Source } from './row.ts';
import { readSpans } from './spans.ts';

/** What a tool's record says, whatever the project's task. */
export interface Annotated {
  text: string;
  /** Names of the labels chosen; null: nobody has said. */
  labels: string[] | null;
  /** A list of spans; null: nobody has said. */
  spans: unknown;
  split?: unknown;
  pretokenized?: boolean;
  /** Other fields. */
  extra: Record<string, unknown>;
}

/** A row of the project's task. */
export function rowOfAnnotated(
  line: number,
  { text: given, labels, spans, split, pretokenized, extra }: Annotated,
  source: Source,
): ParsedRow | RejectedRow {
  const text = given.toWellFormed();
  if (!text.trim()) return rejected(line, 'the text is empty');
  const names = labels && [...new Set(labels.map((name) => name.trim().toWellFormed()).filter((name) => name !== ''))];
  if (source.task === 'classification' && names && names.length > 1)
    return rejected(line, `has ${names.length} labels (${names.join(', ')}); in this project a text has one`);
  const marked = source.task === 'ner' && spans !== null && spans !== undefined ? readSpans(spans, text, source.offsets) : null;
  if (typeof marked === 'string') return rejected(line, marked);
  const others = Object.entries(extra).map(([name, value]) => [name, asText(value)]);
  return {
    kind: 'row',
    line,
    text,
    label: source.task === 'classification' ? (names?.[0] ?? null) : null,
    ...(source.task === 'multilabel' && names && { labels: names }),
    spans: marked,
    split: namedSplit(asText(split)),
    pretokenized: pretokenized === true && source.task === 'ner',
    extra: Object.fromEntries(others) as Record<string, string>,
  };
}

/** The rows of records that `read` understands; a text says why a record is none. */
export async function* rowsOfTasks(
  records: Records<Fields>,
  source: Source,
  read: (object: Record<string, unknown>, line: number) => Annotated | string,
): RowStream {
  for await (const record of records) {
    if (record.kind !== 'fields') {
      yield record;
      continue;
    }
    const annotated = read(record.object, record.line);
    yield typeof annotated === 'string' ? rejected(record.line, annotated) : rowOfAnnotated(record.line, annotated, source);
  }
}

/** The text of a record, or null where there is none under these names. */
export function textOf(object: Record<string, unknown>, names: string[]): string | null {
  const found = names.map((name) => object[name]).find((value) => typeof value === 'string');
  return (found as string | undefined) ?? null;
}

export const isTextList = (value: unknown): value is string[] => Array.isArray(value) && value.every((item) => typeof item === 'string');

/** Lists of [start, end, label]. */
export const areTriples = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((item) => Array.isArray(item) && typeof item[0] === 'number' && typeof item[2] === 'string');

/** What records with labels or spans are for. */
export const taskOfLabels = (hasSpans: boolean, hasSeveral: boolean): Task =>
  hasSpans ? 'ner' : hasSeveral ? 'multilabel' : 'classification';

/** The object without these fields. */
export const without = (object: Record<string, unknown>, names: string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
