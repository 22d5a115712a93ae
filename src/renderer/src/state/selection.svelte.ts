/** Which examples of a listing a person has chosen for a change of many: some, or all but some. */

export class Selection {
  /** All of the listing, but for `ids`; else just these. */
  isAll = $state(false);
  ids = $state.raw<ReadonlySet<number>>(new Set());
  /** Where Shift and an arrow key extend it from. */
  #anchor: number | null = null;

  has(id: number): boolean {
    return this.ids.has(id) !== this.isAll;
  }

  count(total: number): number {
    return this.isAll ? total - this.ids.size : this.ids.size;
  }

  toggle(id: number): void {
    const ids = new Set(this.ids);
    if (!ids.delete(id)) ids.add(id);
    this.ids = ids;
    this.#anchor = null;
  }

  /** Extends it to the row of `to`, from where the extending began (`from`). `idAt`: undefined for a row that is not here. */
  extend(from: number, to: number, idAt: (row: number) => number | undefined): void {
    this.#anchor ??= from;
    const [first, last] = [Math.min(this.#anchor, to), Math.max(this.#anchor, to)];
    const ids = new Set<number>();
    for (let row = first; row <= last; row++) {
      const id = idAt(row);
      if (id !== undefined) ids.add(id);
    }
    this.isAll = false;
    this.ids = ids;
  }

  /** The next extending begins where it is asked for. */
  release(): void {
    this.#anchor = null;
  }

  all(): void {
    this.isAll = true;
    this.ids = new Set();
    this.#anchor = null;
  }

  clear(): void {
    this.isAll = false;
    this.ids = new Set();
    this.#anchor = null;
  }
}
