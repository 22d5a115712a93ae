/** What writes examples into a file of some format, a piece at a time. */
import type { Task } from '../../shared/domain.ts';
import type { StoredExample } from '../database/index.ts';

/** What is known of all examples before the first is written. */
export interface DataShape {
  task: Task;
  /** In the project's order. */
  labels: string[];
  /** Names of other columns, each once. */
  columns: string[];
}

export interface DataWriter {
  begin(): string | Uint8Array;
  write(examples: StoredExample[]): string | Uint8Array;
  end(): string | Uint8Array;
  /** What the format could not carry, known after the end. */
  notes(): string[];
}

export const counted = (count: number, one: string, several: string): string =>
  count === 1 ? `One ${one}` : `${count.toLocaleString('en')} ${several}`;
