/** The first rows of a file as the import will see them, read in the browser before anything is sent. */
import { parse, type Options } from 'csv-parse/browser/esm/sync';
import type { Task } from '../../../shared/domain.ts';

export type FileFormat = 'csv' | 'tsv' | 'jsonl' | 'conll';

export interface Preview {
  format: FileFormat;
  task: Task;
  columns: string[];
  rows: string[][];
  /** Columns proposed for text and label, by name. */
  text: string | null;
  label: string | null;
}

const ROWS = 8;
/** What is read of the file, in bytes. */
const START = 256 * 1024;

const extensions: Record<string, FileFormat> = {
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  conll: 'conll',
  iob: 'conll',
  bio: 'conll',
};
const textColumn = /^(text|sentence|review|content|body|message|comment|tweet|title|document|utterance|query)$/i;
const listColumn = /^(labels|categories|tags)$/i;
const labelColumn = /^(labels|categories|tags|label|class|category|sentiment|target|topic|intent|tag|rating|polarity)$/i;
const tagged = /[\t ](O|[BIESLU]-\S+)$/;

/** Whole lines from the start of `file`, as UTF-8. */
export async function startOf(file: File): Promise<string> {
  const text = new TextDecoder().decode(await file.slice(0, START).arrayBuffer());
  return file.size <= START ? text : text.slice(0, text.lastIndexOf('\n') + 1);
}

export function formatOf(fileName: string, start: string): FileFormat {
  const known = extensions[fileName.split('.').at(-1)?.toLowerCase() ?? ''];
  if (known) return known;
  const lines = start.split(/\r?\n/, 50).filter((line) => line.trim());
  if (lines[0]?.trimStart().startsWith('{')) return 'jsonl';
  return lines.length > 0 && lines.every((line) => tagged.test(line) || line.startsWith('-DOCSTART-')) ? 'conll' : 'csv';
}

/** Throws where the start of the file is not of that format, with the parser's words. */
export function previewOf(start: string, format: FileFormat, header: boolean): Preview {
  if (format === 'conll') return { format, task: 'ner', text: null, label: null, ...sentences(start) };
  const { columns, rows } = format === 'jsonl' ? objects(start) : table(start, format, header);
  if (columns.includes('spans') || columns.includes('entities'))
    return { format, task: 'ner', columns, rows, text: columns.find((name) => textColumn.test(name)) ?? columns[0], label: null };
  const text = columns.find((name) => textColumn.test(name)) ?? columns[0] ?? null;
  const others = columns.filter((name) => name !== text && name.toLowerCase() !== 'split');
  return {
    format,
    task:
      format === 'jsonl' && columns.some((name, at) => listColumn.test(name) && rows.some((row) => row[at].startsWith('["')))
        ? 'multilabel'
        : 'classification',
    columns,
    rows,
    text,
    label: others.find((name) => labelColumn.test(name)) ?? others.at(-1) ?? null,
  };
}

function table(start: string, format: 'csv' | 'tsv', header: boolean): Pick<Preview, 'columns' | 'rows'> {
  const delimiter = format === 'tsv' ? '\t' : findDelimiter(start);
  const quote = format === 'tsv' ? false : '"';
  const records = recordsOf(start, {
    delimiter,
    quote,
    bom: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    to: ROWS + 1,
  });
  const [first = [], ...rest] = records;
  return header
    ? { columns: first.map((name, index) => name.trim() || String(index + 1)), rows: rest }
    : { columns: first.map((_, index) => String(index + 1)), rows: records.slice(0, ROWS) };
}

/** The records up to the first that cannot be read; the import reports that one. */
function recordsOf(start: string, options: Options): string[][] {
  const records: string[][] = [];
  const keep = (record: string[]) => void records.push(record);
  try {
    parse(start, { ...options, on_record: keep });
  } catch (cause) {
    if (records.length === 0) throw cause;
  }
  return records;
}

/** The mark that parts the first line into most pieces. */
function findDelimiter(start: string): string {
  const [line] = start.split(/\r?\n/, 1);
  const pieces = (mark: string) => line.split(mark).length;
  return [',', ';', '\t', '|'].reduce((best, mark) => (pieces(mark) > pieces(best) ? mark : best));
}

function objects(start: string): Pick<Preview, 'columns' | 'rows'> {
  const lines = start
    .split(/\r?\n/)
    .filter((line) => line.trim())
    .slice(0, ROWS);
  const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  return { columns, rows: records.map((record) => columns.map((name) => cell(record[name]))) };
}

function cell(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
}

function sentences(start: string): Pick<Preview, 'columns' | 'rows'> {
  const blocks = start
    .replaceAll('\r', '')
    .split(/\n\s*\n/)
    .map((block) => block.split('\n').filter((line) => line.trim() && !line.startsWith('-DOCSTART-')))
    .filter((lines) => lines.length > 0);
  const rows = blocks.slice(0, ROWS).map((lines) => {
    const tokens = lines.map((line) => line.trim().split(/[\t ]+/));
    const types = new Set(
      tokens
        .map((parts) => parts.at(-1) ?? '')
        .filter((tag) => tag.includes('-'))
        .map((tag) => tag.slice(2)),
    );
    return [tokens.map(([word]) => word).join(' '), [...types].join(', ')];
  });
  return { columns: ['Text', 'Entity types'], rows };
}
