/** Rows of tables: csv and tsv files, and spreadsheets' sheets. */
import { buildRow } from './build-row.ts';
import { chooseColumns, columnNames } from './columns.ts';
import type { ColumnChoice } from './columns.ts';
import { CsvRecords } from './csv.ts';
import { findDelimiter } from './delimiter.ts';
import { linesOf } from './lines.ts';
import { spanFields } from './objects.ts';
import { rejected } from './row.ts';
import type { Cells, ParsedRow, Records, RejectedRow, RowStream, Source } from './row.ts';

/** tsv: a tab parts two columns, a line end two rows, and nothing is quoted. Blank lines are no rows. */
export async function* readTsv(pieces: AsyncIterable<string>): Records<Cells> {
  for await (const { line, text } of linesOf(pieces)) if (text.trim()) yield { kind: 'cells', line, cells: text.split('\t') };
}

/** UTF-16 units of a record: a quote that never closes would take the rest of the file, however long that is. */
const longestRecord = 2 ** 28;

const neverClosed = 'a quote that opens here is never closed, so nothing after it can be read';

/** csv with the delimiter asked for, or the one found in its first piece. */
export async function* readCsv(pieces: AsyncIterable<string>, source: Pick<Source, 'delimiter'>): Records<Cells> {
  let records: CsvRecords | null = null;
  for await (const piece of pieces) {
    records ??= new CsvRecords(source.delimiter ?? findDelimiter(piece));
    for (const { line, cells } of records.read(piece)) if (isFilled(cells)) yield { kind: 'cells', line, cells };
    if (records.held > longestRecord) {
      yield rejected(records.line, neverClosed);
      return;
    }
  }
  if (!records) return;
  for (const { line, cells } of records.end()) if (isFilled(cells)) yield { kind: 'cells', line, cells };
  if (records.unclosed) yield rejected(records.line, neverClosed);
}

const isFilled = (cells: string[]) => cells.length > 1 || cells[0].trim() !== '';

function asRow(line: number, cells: string[], { names, choice, spans }: Meaning, source: Source): ParsedRow | RejectedRow {
  if (cells.length !== names.length)
    return rejected(line, `has ${cells.length} column${cells.length === 1 ? '' : 's'} instead of ${names.length}`);
  const { text, label, labels, split, group } = choice;
  const flag = source.task === 'ner' ? names.indexOf('pretokenized') : -1;
  const isFlag = flag >= 0 && /^(true|false)$/.test(cells[flag]);
  const used = [...text, label, ...(labels ?? []), split, spans, isFlag ? flag : null];
  const extra = Object.fromEntries(names.flatMap((name, index) => (used.includes(index) ? [] : [[name, cells[index]]])));
  const parts = {
    line,
    text: text.map((index) => cells[index]).join('\n'),
    label: label === null ? '' : cells[label],
    labelCells: labels?.map((index) => ({ column: names[index], value: cells[index] })),
    spans: spans === null ? null : cells[spans].trim(),
    split: split === null ? '' : cells[split],
    group: group === null ? null : cells[group],
    pretokenized: isFlag && cells[flag] === 'true',
    extra,
  };
  return buildRow(parts, source);
}

interface Meaning {
  names: string[];
  choice: ColumnChoice;
  /** In an NER project: the column of spans as JSON. */
  spans: number | null;
}

/** What the columns that the first row names (or, without a header, numbers) mean. Throws unknown_column. */
export function meaningOfColumns(first: string[], source: Source): Meaning {
  const { text, label, splitColumn, group, task, fileName: file } = source;
  const names = columnNames(source.header ? first : first.map(() => ''));
  if (task !== 'ner')
    return {
      names,
      choice: chooseColumns(names, { text, label, splitColumn, group, several: task === 'multilabel', file }, true),
      spans: null,
    };
  const choice = chooseColumns(names, { text, label, splitColumn, group, file }, false);
  if (label === '') return { names, choice: { ...choice, label: null }, spans: null };
  const named = label ? choice.label : names.findIndex((name) => spanFields.includes(name.toLowerCase()));
  return { names, choice: { ...choice, label: null }, spans: named === -1 ? null : named };
}

/** Throws unknown_column. In an NER project a column named `spans` or `entities` is read as JSON; others but the text are kept as extra ones. */
export async function* rowsOfTable(records: Records<Cells>, source: Source): RowStream {
  let meaning: Meaning | null = null;
  for await (const item of records) {
    if (item.kind !== 'cells') {
      yield item;
      continue;
    }
    if (!meaning) {
      meaning = meaningOfColumns(item.cells, source);
      if (source.header) continue;
    }
    yield asRow(item.line, item.cells, meaning, source);
  }
}
