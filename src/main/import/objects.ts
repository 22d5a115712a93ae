/** Rows of objects, whatever file they came from: which field is the text, which the label, and what they say. */
import { buildRow } from './build-row.ts';
import { chooseColumns } from './columns.ts';
import type { ColumnChoice } from './columns.ts';
import { namedSplit, rejected } from './row.ts';
import type { Fields, Note, ParsedRow, Records, RejectedRow, RowStream, Source } from './row.ts';
import { areTagged, rowOfTokens } from './tokens.ts';

/** Fields that hold spans. */
export const spanFields = ['spans', 'entities'];

export const asText = (value: unknown): string =>
  value === null || value === undefined
    ? ''
    : typeof value === 'string'
      ? value
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);

/** Of an NER project: where the tags of `tokens` may be. */
const tagFields = ['ner_tags', 'tags', 'labels', 'ner'];

/** So many objects are looked at before the fields are chosen. */
export const lookAhead = 100;

/** The names of most objects first, then those of the others. */
export function fieldNames(objects: Record<string, unknown>[]): { names: string[]; common: string[] } {
  const times = new Map<string, number>();
  for (const name of objects.flatMap((object) => Object.keys(object))) times.set(name, (times.get(name) ?? 0) + 1);
  const common = [...times.keys()].filter((name) => 2 * (times.get(name) as number) >= objects.length);
  return { names: [...new Set([...common, ...times.keys()])], common };
}

/** The field that holds the tags of `tokens`, where there are any. */
export const tagField = (objects: Record<string, unknown>[]): string | null =>
  tagFields.find((name) => objects.some((object) => areTagged(object.tokens, object[name]))) ?? null;

interface Meaning {
  names: string[];
  choice: ColumnChoice;
  /** In an NER project: the fields of spans, or of the tags of `tokens`. */
  spans: string | null;
  tags: string | null;
}

/** What the fields mean. Throws unknown_column. */
export function chooseFields(objects: Record<string, unknown>[], source: Source): Meaning {
  const { task, text, label, splitColumn, group, fileName: file } = source;
  const { names, common } = fieldNames(objects);
  const spans = task === 'ner' ? (label ?? spanFields.find((field) => names.includes(field)) ?? null) : null;
  const tags = task === 'ner' && !text && spans === null ? tagField(objects) : null;
  // A text is what most objects have; a label may be what few have.
  const usual = common[chooseColumns(common, { file }, false).text[0]] as string | undefined;
  const several = task === 'multilabel';
  const choice = chooseColumns(names, { text: text || usual, label, splitColumn, group, several, file }, false);
  // A file of objects has no last column; of two fields, the one that is not the text can only be the label.
  const isPair = names.length === 2 || common.length === 2;
  const other = isPair
    ? [0, 1].find((index) => !choice.text.includes(index) && index !== choice.split && index !== choice.group)
    : undefined;
  if (label === undefined && several && choice.labels?.length === 0 && other !== undefined) choice.labels = [other];
  if (label === undefined && !several && choice.label === null) choice.label = other ?? null;
  if (task === 'ner') choice.label = null;
  return { names, choice, spans, tags };
}

function asRow({ line, object }: Fields, { names, choice, spans, tags }: Meaning, source: Source): ParsedRow | RejectedRow {
  const at = (index: number | null) => (index === null ? undefined : object[names[index]]);
  const split = asText(at(choice.split));
  const used = new Set(
    [...choice.text, choice.label, ...(choice.labels ?? []), choice.split].map((index) => (index === null ? '' : names[index])),
  );
  const isUsed = (name: string) =>
    used.has(name) || name === spans || (name === 'pretokenized' && source.task === 'ner' && typeof object[name] === 'boolean');
  const extraBut = (taken: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(object).flatMap(([name, value]) => (taken(name) ? [] : [[name, asText(value)]])));
  if (tags !== null && areTagged(object.tokens, object[tags])) {
    const extra = extraBut((name) => name === 'tokens' || name === tags || (choice.split !== null && name === names[choice.split]));
    return rowOfTokens(line, { tokens: object.tokens as string[], tags: object[tags] as string[] }, { split: namedSplit(split), extra });
  }
  const missing = choice.text.map((index) => names[index]).find((name) => !(name in object));
  if (missing !== undefined) return rejected(line, `has no field '${missing}'`);
  const parts = {
    line,
    text: choice.text.map((index) => asText(at(index))).join('\n'),
    label: asText(at(choice.label)),
    labelCells: choice.labels?.map((index) => ({ column: names[index], value: at(index) })),
    spans: spans === null ? null : object[spans],
    split,
    group: choice.group === null ? null : asText(at(choice.group)),
    pretokenized: object.pretokenized === true,
    extra: extraBut(isUsed),
  };
  return buildRow(parts, source);
}

/** The fields are chosen from the first objects, as not every one need have them all. Throws unknown_column. */
export async function* rowsOfObjects(records: Records<Fields>, source: Source): RowStream {
  let meaning: Meaning | null = null;
  let waiting: (Fields | RejectedRow | Note)[] = [];
  function* rows(): Generator<ParsedRow | RejectedRow | Note> {
    const objects = waiting.flatMap((item) => (item.kind === 'fields' ? [item.object] : []));
    if (objects.length > 0) meaning ??= chooseFields(objects, source);
    for (const item of waiting) yield item.kind === 'fields' ? asRow(item, meaning as Meaning, source) : item;
    waiting = [];
  }
  for await (const item of records) {
    waiting.push(item);
    if (meaning || waiting.length >= lookAhead) yield* rows();
  }
  yield* rows();
}
