/** A file as a stream of rows, whatever its format. */
import { ThawError } from '../../shared/errors.ts';
import { findFormat } from './format.ts';
import { readLabels } from './label-list.ts';
import { rowsOfObjects } from './objects.ts';
import { readers } from './readers.ts';
import { rejected } from './row.ts';
import type { ParsedRow, ReadOptions, RejectedRow, RowStream, Source } from './row.ts';
import { rowsOfTable } from './table.ts';

/** UTF-16 units of a text or of another column: a book of a thousand pages has some two million; beyond these it is no text that a person would label. */
const longest = 16_000_000;

/** The row, unless it holds what no project should. */
function checked(row: ParsedRow): ParsedRow | RejectedRow {
  if (row.text.length > longest) return tooLong(row, 'text', row.text.length);
  if (row.text.includes('\0')) return rejected(row.line, 'the text holds a NUL character');
  for (const [name, value] of Object.entries(row.extra)) if (value.length > longest) return tooLong(row, `column '${name}'`, value.length);
  return row;
}

const tooLong = ({ line }: ParsedRow, what: string, length: number): RejectedRow =>
  rejected(line, `the ${what} has ${length.toLocaleString('en')} characters; ${longest.toLocaleString('en')} are the most`);

/** The options of one file or folder, its format found. Throws as findFormat. */
export async function sourceOf(path: string, options: ReadOptions): Promise<Source> {
  const fileName = options.fileName ?? path;
  const format = options.format === 'auto' ? await findFormat(path, fileName, options.encoding) : options.format;
  return { ...options, path, fileName, format };
}

/** Rows of a source, as its reader means them. */
export function rowsOf(source: Source): RowStream {
  const reader = readers[source.format];
  if (reader.kind === 'table') return rowsOfTable(reader.records(source), source);
  if (reader.kind === 'objects') return rowsOfObjects(reader.records(source), source);
  return reader.kind === 'tasks' ? reader.rowsOf(reader.records(source), source) : reader.rows(source);
}

/** `onBytes` is told how many more were read. Throws file_not_found, file_unreadable, wrong_encoding, unknown_option, unknown_column, wrong_format (the file is none of that format, or of no use to the project's task). */
export async function* readRows(path: string, options: ReadOptions, onBytes?: (read: number) => void): RowStream {
  const source: Source = { ...(await sourceOf(path, options)), onBytes };
  if (source.format === 'conll' && options.task !== 'ner')
    throw new ThawError({
      code: 'wrong_format',
      message: `${source.fileName} holds tagged tokens (CoNLL), and this project classifies whole texts.`,
      remedy: 'Import it into an NER project.',
      place: { file: source.fileName },
    });
  const rows = rowsOf(source);
  for await (const row of options.task === 'multilabel' ? readLabels(rows) : rows) yield row.kind === 'row' ? checked(row) : row;
}
