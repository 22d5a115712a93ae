/** What a reader makes of a file: records of columns, and of them rows to import and rows it had to reject. */
import type { FileFormat, Span, Split, Task } from '../../shared/domain.ts';

/** A row of a table, by position. */
export interface Cells {
  kind: 'cells';
  line: number;
  cells: string[];
}

/** One object of a file of them, by name. */
export interface Fields {
  kind: 'fields';
  line: number;
  object: Record<string, unknown>;
}

export interface ParsedRow {
  kind: 'row';
  /** 1-based line where the row starts. */
  line: number;
  text: string;
  /** Name of the class, null: not labeled. */
  label: string | null;
  /** Multi-label: the labels that apply; left out: not labeled. */
  labels?: string[];
  /** Multi-label: what the label's columns hold, until label-list.ts has read it. */
  labelCells?: LabelCell[];
  /** UTF-16 offsets, in order; they may overlap. null: not labeled. */
  spans: Span[] | null;
  /** A split that the row itself names. */
  split: Split | null;
  /** Rows of one group go to one split together. */
  group?: string;
  pretokenized: boolean;
  extra: Record<string, string>;
}

export interface LabelCell {
  column: string;
  /** Text, or any JSON value. */
  value: unknown;
}

/** Something worth knowing of the whole file. */
export interface Note {
  kind: 'note';
  text: string;
}

export interface RejectedRow {
  kind: 'rejected';
  line: number;
  reason: string;
}

export type RowStream = AsyncGenerator<ParsedRow | RejectedRow | Note>;

export interface ReadOptions {
  /** What the person calls the file: for messages and its extension; default: the path. */
  fileName?: string;
  format: FileFormat | 'auto';
  /** Of a text file, as the WHATWG Encoding Standard or Python names it; default 'auto': its byte order mark's, else UTF-8. */
  encoding?: string;
  /** Of csv; default: found. */
  delimiter?: string;
  /** Column or columns (joined with a newline) of the text, comma-separated. */
  text?: string;
  /** Multi-label: several columns may be named, comma-separated. */
  label?: string;
  header: boolean;
  /** Column of each row's split; default: the one named `split`; empty: none. */
  splitColumn?: string;
  /** Column whose rows of one value (a document, an author) go to one split together. */
  group?: string;
  /** What offsets of spans count; default 'code-points'. */
  offsets?: 'code-points' | 'utf-16';
  task: Task;
}

/** One file or folder and how to read it. */
export interface Source extends ReadOptions {
  path: string;
  fileName: string;
  format: FileFormat;
  /** Told how many more bytes were read. */
  onBytes?: (read: number) => void;
}

export type Records<T extends Cells | Fields> = AsyncGenerator<T | RejectedRow | Note>;

/**
 * A format. `table` and `objects` give what stands in each column, before anybody says what it means; `tasks` are objects of an annotation
 * tool, which mean one thing; `rows` gives rows at once.
 */
export type Reader =
  | { kind: 'table'; records: (source: Source) => Records<Cells> }
  | { kind: 'objects'; records: (source: Source) => Records<Fields> }
  | {
      kind: 'tasks';
      records: (source: Source) => Records<Fields>;
      /** What the objects are labeled for. */
      taskOf: (objects: Record<string, unknown>[]) => Task;
      rowsOf: (records: Records<Fields>, source: Source) => RowStream;
    }
  | { kind: 'rows'; rows: (source: Source) => RowStream };

export const rejected = (line: number, reason: string): RejectedRow => ({ kind: 'rejected', line, reason });

const splitNames: Record<string, Split> = {
  train: 'train',
  training: 'train',
  validation: 'validation',
  valid: 'validation',
  val: 'validation',
  dev: 'validation',
  test: 'test',
};

/** The split a column named `split` gives; null for any other value. */
export const namedSplit = (value: string): Split | null => splitNames[value.trim().toLowerCase()] ?? null;
