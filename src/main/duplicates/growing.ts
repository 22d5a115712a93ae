/** Typed arrays that grow: rows are counted only once they are read. */
type Numbers = Uint8Array | Uint32Array | Int32Array | Float64Array;

export class Growing<T extends Numbers> {
  private values: T;
  length = 0;

  constructor(empty: T) {
    this.values = empty;
  }

  /** Room for `count` more at the end, to be written to. */
  extend(count: number): T {
    const needed = this.length + count;
    if (needed > this.values.length) {
      const larger = new (this.values.constructor as new (length: number) => T)(
        Math.max(needed, Math.ceil(this.values.length * 1.5), 1024),
      );
      larger.set(this.values);
      this.values = larger;
    }
    this.length = needed;
    return this.values.subarray(needed - count, needed) as T;
  }

  push(value: number): void {
    if (this.length === this.values.length) this.extend(1);
    else this.length++;
    this.values[this.length - 1] = value;
  }

  at(index: number): number {
    return this.values[index];
  }

  set(index: number, value: number): void {
    this.values[index] = value;
  }

  /** What was written, without a copy. */
  all(): T {
    return this.values.subarray(0, this.length) as T;
  }
}
