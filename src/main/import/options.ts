/** What a person says of a file they import. */
import type { Task } from '../../shared/domain.ts';
import type { MendPlan } from '../doctor/row.ts';
import type { ReadOptions } from './row.ts';

export interface ImportOptions extends Omit<ReadOptions, 'task' | 'format' | 'header'> {
  file: string;
  /** Default 'auto'. */
  format?: ReadOptions['format'];
  /** Default true. */
  header?: boolean;
  /** train, validation, test, auto (default), or train:validation:test shares. */
  split?: string;
  /** Import nothing when a row has to be rejected. */
  strict?: boolean;
  /** Refused unless it is the project's. */
  task?: Task;
  /** What the doctor was told to mend while the file is read. */
  mends?: MendPlan;
  /** Of the drawn splits; default 1. */
  seed?: number;
}
