/** What a file is before it is imported: its format, its columns, the task it is for, and what becomes of its first rows. */
import type { FileFormat, Preview, Task } from '../../shared/domain.ts';
import { labelsNamed } from '../../shared/domain.ts';
import { columnNames } from './columns.ts';
import type { ColumnChoice } from './columns.ts';
import { findDelimiter } from './delimiter.ts';
import { findEncoding } from './encodings.ts';
import { startOf } from './format.ts';
import { readLabels } from './label-list.ts';
import { asText, chooseFields, fieldNames, lookAhead, rowsOfObjects, spanFields, tagField } from './objects.ts';
import { sourceOf } from './read.ts';
import { readers } from './readers.ts';
import type { Cells, Fields, Note, ReadOptions, Records, RejectedRow, RowStream, Source } from './row.ts';
import { meaningOfColumns, rowsOfTable } from './table.ts';
import { isFolder } from './txt.ts';

const listFields = ['labels', 'categories', 'tags'];

/** Formats that are no text, and have no encoding. */
const binary: FileFormat[] = ['xlsx', 'parquet'];

async function first<T>(items: AsyncIterable<T>, limit: number): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) if (found.push(item) >= limit) break;
  return found;
}

async function* again<T>(items: T[]): AsyncGenerator<T> {
  yield* items;
}

function taskOfObjects(objects: Record<string, unknown>[]): Task {
  if (objects.some((object) => spanFields.some((name) => name in object))) return 'ner';
  if (tagField(objects) !== null) return 'ner';
  const isList = (value: unknown) => Array.isArray(value) && typeof value[0] === 'string';
  return objects.some((object) => listFields.some((name) => isList(object[name]))) ? 'multilabel' : 'classification';
}

function taskOfTable([header, ...rows]: Cells[], { header: isNamed }: Source): Task {
  if (!header || !isNamed) return 'classification';
  const names = columnNames(header.cells).map((name) => name.toLowerCase());
  const holds = (wanted: string[], start: RegExp) =>
    names.some((name, index) => wanted.includes(name) && rows.some(({ cells }) => start.test(cells[index] ?? '')));
  if (holds(spanFields, /^\s*\[\s*([[{]|\]\s*$)/)) return 'ner';
  return holds(listFields, /^\s*\[/) ? 'multilabel' : 'classification';
}

/** The first records of a source as its reader gives them, and how they become rows. */
interface Sample {
  /** Of a table. */
  cells: Cells[];
  /** Of a file of objects. */
  objects: Record<string, unknown>[];
  task: Task;
  rows: (source: Source) => RowStream;
}

const isCells = (item: Cells | RejectedRow | Note): item is Cells => item.kind === 'cells';
const isFields = (item: Fields | RejectedRow | Note): item is Fields => item.kind === 'fields';

async function sampleOf(source: Source): Promise<Sample> {
  const reader = readers[source.format];
  if (reader.kind === 'rows') return { cells: [], objects: [], task: 'ner', rows: reader.rows };
  if (reader.kind === 'table') {
    const records = await first(reader.records(source), lookAhead);
    const cells = records.filter(isCells);
    return { cells, objects: [], task: taskOfTable(cells, source), rows: (asked) => rowsOfTable(again(records), asked) };
  }
  const records = await first(reader.records(source), lookAhead);
  const objects = records.filter(isFields).map(({ object }) => object);
  const replay = (): Records<Fields> => again(records);
  return reader.kind === 'tasks'
    ? { cells: [], objects, task: reader.taskOf(objects), rows: (asked) => reader.rowsOf(replay(), asked) }
    : { cells: [], objects, task: taskOfObjects(objects), rows: (asked) => rowsOfObjects(replay(), asked) };
}

/** The task that a file's content is for, by its first records. Throws as sourceOf, and what reading throws. */
export async function findTask(path: string, format: FileFormat | 'auto', options: Partial<ReadOptions> = {}): Promise<Task> {
  return (await sampleOf(await sourceOf(path, { header: true, ...options, format, task: 'classification' }))).task;
}

const shownRows = 6;
const shownCharacters = 300;

const cut = (text: string): string => (text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…`.toWellFormed() : text);

function namesChosen(names: string[], { text, label, labels, split, group }: ColumnChoice, spans: string | null): Preview['chosen'] {
  const named = (index: number | null) => (index === null ? null : names[index]);
  return {
    text: text.map((index) => names[index]),
    label: spans === null ? (labels ?? (label === null ? [] : [label])).map((index) => names[index]) : [spans],
    split: named(split),
    group: named(group),
  };
}

/** The columns, what each is taken for, and what stands in them. */
function columnsOf({ cells, objects }: Sample, source: Source): Pick<Preview, 'columns' | 'chosen' | 'cells'> {
  const { kind } = readers[source.format];
  if (kind === 'table' && cells.length > 0) {
    const { names, choice, spans } = meaningOfColumns(cells[0].cells, source);
    const rows = cells.slice(source.header ? 1 : 0, shownRows + 1);
    return {
      columns: names,
      chosen: namesChosen(names, choice, spans === null ? null : names[spans]),
      cells: rows.map((row) => row.cells.map(cut)),
    };
  }
  if (kind === 'objects' && objects.length > 0) {
    const { names } = fieldNames(objects);
    const { choice, spans, tags } = chooseFields(objects, source);
    const chosen = namesChosen(names, choice, spans ?? tags);
    const rows = objects.slice(0, shownRows).map((object) => names.map((name) => cut(asText(object[name]))));
    return { columns: names, chosen: tags === null ? chosen : { ...chosen, text: ['tokens'] }, cells: rows };
  }
  return { columns: [], chosen: { text: [], label: [], split: null, group: null }, cells: [] };
}

/** What becomes of the first rows, and what is worth knowing of them. */
async function rowsOf(sample: Sample, source: Source): Promise<Pick<Preview, 'rows' | 'notes'>> {
  const stream = sample.rows(source);
  const found: Preview['rows'] = [];
  const notes: string[] = [];
  for await (const row of source.task === 'multilabel' ? readLabels(stream) : stream) {
    if (row.kind === 'note') notes.push(row.text);
    else if (row.kind === 'rejected') found.push({ line: row.line, text: '', labels: [], split: null, rejected: cut(row.reason) });
    else found.push({ line: row.line, text: cut(row.text), labels: [...new Set(labelsNamed(row))], split: row.split, rejected: null });
    if (found.length >= shownRows) break;
  }
  return { rows: found, notes };
}

/**
 * A file by its first rows, read as the import would read it with these options; `auto` where nothing else is asked: the encoding, too, is found.
 * Throws as readRows.
 */
export async function previewFile(path: string, { task, ...options }: Omit<ReadOptions, 'task'> & { task?: Task }): Promise<Preview> {
  const asked = options.encoding && options.encoding !== 'auto' ? options.encoding : null;
  const encoding = asked ?? ((await isFolder(path)) ? 'utf-8' : await findEncoding(path));
  const found = await sourceOf(path, { ...options, encoding, task: task ?? 'classification' });
  const isText = !binary.includes(found.format);
  const delimiter = found.format === 'csv' ? (found.delimiter ?? findDelimiter(await startOf(path, found.fileName, encoding))) : null;
  const sample = await sampleOf(found);
  const source: Source = { ...found, task: task ?? sample.task, ...(delimiter && { delimiter }) };
  return {
    format: source.format,
    encoding: isText ? encoding : null,
    delimiter,
    task: source.task,
    ...columnsOf(sample, source),
    ...(await rowsOf(sample, source)),
  };
}
