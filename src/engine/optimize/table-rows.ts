/**
 * Which rows of an embedding table AdamW visits. A row that no text has used yet never had a gradient: its moments are 0, and all that AdamW does
 * to it is decay. That is made up for, factor by factor and so to the last bit, when the row is first used or the table is read.
 */
import type { Kernels } from './jobs.ts';

/** Where the table, the numbers of its rows in use and the factors of steps to make up for lie in memory. */
export interface TablePlace {
  buffer: SharedArrayBuffer;
  /** Addresses. */
  values: number;
  rows: number;
  factors: number;
  /** Rows of the table, and floats of each: a multiple of 4. */
  height: number;
  width: number;
}
/** Steps that can be made up for at once. */
export const LONGEST_DEBT = 4096;
/** Bytes besides the table itself. */
export const bookBytes = (height: number): number => (Math.ceil(height / 4) * 4 + LONGEST_DEBT) * 4;

export class TableRows {
  /** Rows in use, in the order of their first use. */
  count = 0;
  private readonly place: TablePlace;
  private readonly kernels: Kernels;
  private readonly used: Uint8Array;
  private readonly numbers: Uint32Array;
  private readonly factors: Float32Array;
  private steps = 0;

  constructor(place: TablePlace, kernels: Kernels) {
    const { buffer, rows, factors, height } = place;
    this.place = place;
    this.kernels = kernels;
    this.used = new Uint8Array(height);
    this.numbers = new Uint32Array(buffer, rows, height);
    this.factors = new Float32Array(buffer, factors, LONGEST_DEBT);
  }
  /** These rows may have a gradient from now on. Call it before they are read. */
  use(rows: Iterable<number>): void {
    for (const row of rows) {
      if (this.used[row]) continue;
      this.makeUp(row);
      this.used[row] = 1;
      this.numbers[this.count++] = row;
    }
  }
  /** A step multiplies the other rows by this. */
  decay(factor: number): void {
    if (factor === 1) return;
    this.factors[this.steps++] = factor;
    if (this.steps === LONGEST_DEBT) this.settle();
  }
  /** Brings the whole table up to date. Call it before it is read. */
  settle(): void {
    if (this.steps > 0) for (let row = 0; row < this.place.height; row++) if (!this.used[row]) this.makeUp(row);
    this.steps = 0;
  }
  /** The values were written anew: nothing is to be made up for. */
  overwritten(): void {
    this.steps = 0;
  }
  /** Moments were written: rows where they are not 0 are in use. */
  adopt(moments: Float32Array): void {
    const { height, width } = this.place;
    const hasMoments = (row: number) => moments.subarray(row * width, (row + 1) * width).some((value) => value !== 0);
    this.use(Array.from({ length: height }, (_, row) => row).filter((row) => !this.used[row] && hasMoments(row)));
  }
  private makeUp(row: number): void {
    const { values, factors, width } = this.place;
    if (this.steps > 0) this.kernels.decayed(values + row * width * 4, width, factors, this.steps);
  }
}
