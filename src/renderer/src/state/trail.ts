/** Texts in the order they were shown, to go back over and on again. */
export class Trail {
  #ids: number[] = [];

  get ids(): readonly number[] {
    return this.#ids;
  }

  has(id: number): boolean {
    return this.#ids.includes(id);
  }

  /** Goes on the trail, where it is not on it. */
  see(id: number): void {
    if (!this.has(id)) this.#ids.push(id);
  }

  before(id: number): number | null {
    return this.#ids[this.#ids.indexOf(id) - 1] ?? null;
  }

  after(id: number): number | null {
    return this.has(id) ? (this.#ids[this.#ids.indexOf(id) + 1] ?? null) : null;
  }

  clear(): void {
    this.#ids = [];
  }
}
