/** What a parser makes of a file: rows to import and rows it had to reject. */
import type { Span, Split, Task } from '../../shared/domain.ts';

export type FileFormat = 'csv' | 'tsv' | 'jsonl' | 'conll';

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
  /** UTF-16 offsets, in order, without overlap; null: not labeled. */
  spans: Span[] | null;
  /** A split that the row itself names. */
  split: Split | null;
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

export type RowStream = AsyncGenerator<ParsedRow | RejectedRow>;

export interface ReadOptions {
  /** What the person calls the file: for messages and its extension; default: the path. */
  fileName?: string;
  format: FileFormat | 'auto';
  /** Column or columns (joined with a newline) of the text, comma-separated. */
  text?: string;
  /** Multi-label: several columns may be named, comma-separated. */
  label?: string;
  header: boolean;
  task: Task;
}

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
