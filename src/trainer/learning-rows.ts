/** The texts a session has: their embeddings in one matrix, and what is said of each. */
import { hash } from 'node:crypto';
import type { Points } from '../engine/active/index.ts';
import type { TextStatus } from './learning-messages.ts';

interface Row extends TextStatus {
  at: number;
  /** Of its text: the same for identical ones. */
  textHash: string;
}

export class LearningRows {
  readonly width: number;
  readonly #rows = new Map<number, Row>();
  /** [room, width] */
  #values: Float32Array;
  /** Rows of forgotten texts. */
  readonly #free: number[] = [];
  #next = 0;

  constructor(width: number) {
    this.width = width;
    this.#values = new Float32Array(1024 * width);
  }

  /** [room, width]: true until the next text is taken in. */
  get values(): Float32Array {
    return this.#values;
  }

  put(status: TextStatus, text: string, embedding: Float32Array): void {
    const at = this.#rows.get(status.id)?.at ?? this.#free.pop() ?? this.#next++;
    if ((at + 1) * this.width > this.#values.length) this.#grow();
    this.#values.set(embedding, at * this.width);
    this.#rows.set(status.id, { ...status, at, textHash: hash('sha256', text, 'base64url') });
  }

  change(status: TextStatus): void {
    const row = this.#rows.get(status.id);
    if (row) this.#rows.set(status.id, { ...status, at: row.at, textHash: row.textHash });
  }

  forget(id: number): void {
    const row = this.#rows.get(id);
    if (!row) return;
    this.#free.push(row.at);
    this.#rows.delete(id);
  }

  get(id: number): Row | undefined {
    return this.#rows.get(id);
  }

  /** By id, so that the same labels give the same sums in whatever order they came. */
  labeled(): (Row & { labels: number[] })[] {
    const rows = [...this.#rows.values()].filter((row): row is Row & { labels: number[] } => row.labels !== null);
    return rows.sort((a, b) => a.id - b.id);
  }

  /** Those that wait to be labeled. */
  open(leaveOut: ReadonlySet<number>): Row[] {
    return [...this.#rows.values()].filter(({ id, open }) => open && !leaveOut.has(id));
  }

  points(rows: readonly Row[]): Points {
    return { values: this.#values, width: this.width, rows: Uint32Array.from(rows, ({ at }) => at) };
  }

  #grow(): void {
    const larger = new Float32Array(2 * this.#values.length);
    larger.set(this.#values);
    this.#values = larger;
  }
}
