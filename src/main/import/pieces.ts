/** What the import thread hands the database thread: rows in columns, since those cross quickly, and then the splits it drew. */
import type { Split, Task } from '../../shared/domain.ts';
import type { ErrorReport } from '../../shared/errors.ts';
import type { ImportOptions } from './options.ts';

/** The import thread's workerData. */
export interface ImportJob {
  folder: string;
  task: Task;
  options: ImportOptions;
  /** Examples there are; those of the import get the ids after it. */
  visibleExamples: number;
  /** Splits that earlier imports named. */
  givenSplits: Split[];
  /** The test set may not change: see test-lock.ts. */
  testLocked: boolean;
}

/** Labels by their position among the names told so far. */
export interface RowPiece {
  type: 'rows';
  /** Labels not seen before. */
  newLabels: string[];
  texts: string[];
  /** 16 bytes a text. */
  hashes: Uint8Array;
  /** 1-based lines. */
  lines: Float64Array;
  /** -1: none. */
  label: Int32Array;
  /** Of several; null: not labeled. */
  labels: (number[] | null)[] | null;
  spans: ({ start: number; end: number; label: number }[] | null)[] | null;
  /** Positions in `splitSchema`'s options, and 0 or 1: numbers cross sooner than strings and booleans. */
  split: Uint8Array;
  pretokenized: Uint8Array;
  /** JSON of the other columns; null: there are none. */
  extra: string[] | null;
}

/** Splits of rows already handed over, by id. */
export interface MovePiece {
  type: 'moves';
  ids: Float64Array;
  splits: Split[];
}

/** What is known once the file is read. */
export interface ReadReport {
  read: number;
  imported: number;
  rejected: { line: number; reason: string }[];
  duplicates: number;
  notes: string[];
}

export type ImportMessage =
  | RowPiece
  | MovePiece
  /** Bytes read of how many, and rows so far. */
  | { type: 'progress'; done: number; total: number; rows: number }
  /** The file is read, splits are drawn next. */
  | { type: 'read'; report: ReadReport }
  | { type: 'end'; givenSplits: Split[] }
  | { type: 'failed'; error: ErrorReport };
