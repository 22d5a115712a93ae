/** Rows of csv and tsv files. */
import { parse as csvParser } from 'csv-parse';
import type { CsvError, Parser } from 'csv-parse';
import { chooseColumns, columnNames } from './columns.ts';
import type { ColumnChoice } from './columns.ts';
import { findDelimiter } from './delimiter.ts';
import { linesOf } from './lines.ts';
import { namedSplit, rejected } from './row.ts';
import type { ParsedRow, ReadOptions, RejectedRow, RowStream } from './row.ts';

type Cells = { line: number; cells: string[] } | RejectedRow;

/** tsv: a tab parts two columns, a line end two rows, and nothing is quoted. Blank lines are no rows. */
async function* tsvCells(pieces: AsyncIterable<string>): AsyncGenerator<Cells> {
  for await (const { line, text } of linesOf(pieces)) if (text.trim()) yield { line, cells: text.split('\t') };
}

const lineEnds = /\r\n|\r|\n/g;

/** csv with the delimiter found in its first piece; a stray quote inside a field is text. */
async function* csvCells(pieces: AsyncIterable<string>): AsyncGenerator<Cells> {
  let waiting: string[][] = [];
  let failure: CsvError | null = null;
  let parser: Parser | null = null;
  let line = 1;
  function* parsed(): Generator<Cells> {
    for (const cells of waiting) {
      if (cells.length > 1 || cells[0].trim()) yield { line, cells };
      line += 1 + cells.reduce((sum, cell) => sum + (cell.match(lineEnds)?.length ?? 0), 0);
    }
    waiting = [];
  }
  for await (const piece of pieces) {
    if (!parser) {
      // Records are taken as they are parsed: from the stream, those before an error would be lost with it.
      const take = (record: string[]) => void waiting.push(record);
      parser = csvParser({ delimiter: findDelimiter(piece), relax_quotes: true, relax_column_count: true, on_record: take });
      parser.on('error', (error) => (failure ??= error as CsvError));
    }
    await new Promise<void>((resolve) => parser?.write(piece, () => resolve()));
    yield* parsed();
  }
  await new Promise<void>((resolve) => (parser ? parser.end(() => resolve()) : resolve()));
  yield* parsed();
  if (failure) yield rejected(line, unreadable(failure));
}

const unreadable = ({ code, message }: CsvError) =>
  code === 'CSV_QUOTE_NOT_CLOSED'
    ? 'a quote that opens here is never closed, so nothing after it can be read'
    : `cannot be read: ${message}`;

function asRow(line: number, cells: string[], names: string[], { text, label, labels, split }: ColumnChoice): ParsedRow | RejectedRow {
  if (cells.length !== names.length)
    return rejected(line, `has ${cells.length} column${cells.length === 1 ? '' : 's'} instead of ${names.length}`);
  const joined = text.map((index) => cells[index]).join('\n');
  if (!joined.trim()) return rejected(line, 'the text is empty');
  const extra: Record<string, string> = {};
  names.forEach((name, index) => {
    if (![...text, label, ...(labels ?? []), split].includes(index)) extra[name] = cells[index];
  });
  const given = split === null || !cells[split].trim() ? null : namedSplit(cells[split]);
  if (split !== null && cells[split].trim() && !given) return rejected(line, `'${cells[split]}' is no split (train, validation or test)`);
  const name = label === null ? '' : cells[label].trim();
  const labelCells = labels?.map((index) => ({ column: names[index], value: cells[index] }));
  return {
    kind: 'row',
    line,
    text: joined,
    label: name || null,
    ...(labelCells && { labelCells }),
    spans: null,
    split: given,
    pretokenized: false,
    extra,
  };
}

const askedOf = ({ text, label, task, fileName: file }: ReadOptions & { fileName: string }) => ({
  text,
  label,
  several: task === 'multilabel',
  file,
});

/** Throws unknown_column. In an NER project the rows come unlabeled, and every column but the text is kept as an extra one. */
export async function* readTable(
  pieces: AsyncIterable<string>,
  format: 'csv' | 'tsv',
  options: ReadOptions & { fileName: string },
): RowStream {
  let names: string[] | null = null;
  let choice: ColumnChoice | null = null;
  for await (const item of format === 'tsv' ? tsvCells(pieces) : csvCells(pieces)) {
    if ('kind' in item) {
      yield item;
      continue;
    }
    if (!names || !choice) {
      names = columnNames(options.header ? item.cells : item.cells.map(() => ''));
      choice = chooseColumns(names, askedOf(options), true);
      if (options.task === 'ner') choice.label = null;
      if (options.header) continue;
    }
    yield asRow(item.line, item.cells, names, choice);
  }
}
