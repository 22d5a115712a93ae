/** What the host and the database thread say to each other. */
import type { ErrorReport } from '../../shared/errors.ts';
import type { OpenOptions } from './open.ts';
import type { Operations } from './operations.ts';

/** The thread's workerData. */
export interface ThreadData {
  folder: string;
  options: OpenOptions;
  /** ISO 8601: of the project, which may have several threads. */
  openedAt: string;
}

export type OperationName = keyof Operations;

export type Request =
  { type: 'call'; id: number; operation: OperationName; arguments: unknown[] } | { type: 'cancel'; id: number } | { type: 'close' };

/** `opened` or `refused` comes first, once; `closed` last; `changed` after each change of examples or labels, before the call's own answer. */
export type Response =
  | { type: 'opened' }
  | { type: 'refused'; error: ErrorReport }
  | { type: 'changed' }
  | { type: 'progress'; id: number; value: unknown }
  | { type: 'result'; id: number; value: unknown }
  | { type: 'error'; id: number; error: ErrorReport }
  | { type: 'closed' };
