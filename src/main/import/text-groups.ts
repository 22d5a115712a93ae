/** Which rows of an import have the same text, in typed arrays: a million rows take about 45 MB. */
import { Growing } from '../duplicates/index.ts';
import type { TextGroup } from './splits.ts';

const wordBytes = new Uint8Array(16);
const words = new Uint32Array(wordBytes.buffer);

/** The key as four numbers, until the next call: hashes need not lie at multiples of four. */
function asWords(key: Uint8Array): Uint32Array {
  wordBytes.set(key);
  return words;
}

/** Numbers 0, 1, … for texts by 128 bits of their hash: open addressing, at most half full. */
class HashTable {
  count = 0;
  /** Four of each text, by its number. */
  readonly #keys = new Growing(new Uint32Array(0));
  #mask = (1 << 12) - 1;
  /** Number plus 1; 0: free. */
  #numbers = new Uint32Array(1 << 12);

  /** The number of the key (16 bytes), or -1. */
  find(key: Uint8Array): number {
    return this.#numbers[this.#slotOf(asWords(key))] - 1;
  }

  /** Gives a key that is not there the next number. */
  add(key: Uint8Array): number {
    if (2 * this.count > this.#mask) this.#grow();
    const four = asWords(key);
    const slot = this.#slotOf(four);
    this.#keys.extend(4).set(four);
    this.#numbers[slot] = ++this.count;
    return this.count - 1;
  }

  #slotOf(key: Uint32Array): number {
    const keys = this.#keys;
    for (let slot = key[0] & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const number = this.#numbers[slot];
      if (number === 0) return slot;
      const at = 4 * number - 4;
      if (keys.at(at) === key[0] && keys.at(at + 1) === key[1] && keys.at(at + 2) === key[2] && keys.at(at + 3) === key[3]) return slot;
    }
  }

  #grow(): void {
    this.#mask = 2 * this.#mask + 1;
    this.#numbers = new Uint32Array(this.#mask + 1);
    for (let number = 1; number <= this.count; number++) {
      let slot = this.#keys.at(4 * number - 4) & this.#mask;
      while (this.#numbers[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#numbers[slot] = number;
    }
  }
}

/** Groups of rows by text, and by what else is to stay together: each has a split, or rows that wait for the draw. */
export class TextGroups<Split extends string> {
  readonly #table = new HashTable();
  readonly #splitNames: readonly Split[];
  /** The group that a group was joined to, itself where it was not. */
  readonly #parents = new Growing(new Uint32Array(0));
  /** Position in `splitNames` plus 1; 0: to be drawn. */
  readonly #splits = new Growing(new Uint8Array(0));
  readonly #waiting = new Growing(new Uint32Array(0));
  readonly #labels = new Growing(new Uint32Array(0));
  readonly #labelSets = new Map<string, number>();
  readonly #setLabels: string[][] = [];
  /** Of each row, its group where it waits, else -1. */
  readonly #groupOfRow = new Growing(new Int32Array(0));

  constructor(splitNames: readonly Split[]) {
    this.#splitNames = splitNames;
  }

  /** The group of the text with that hash (16 bytes), or -1. */
  find(hash: Uint8Array): number {
    const group = this.#table.find(hash);
    return group < 0 ? group : this.#rootOf(group);
  }

  add(hash: Uint8Array, split: Split | null, labels: readonly string[]): number {
    this.#splits.push(split === null ? 0 : this.#splitNames.indexOf(split) + 1);
    this.#waiting.push(0);
    this.#labels.push(this.#setOf(labels));
    this.#parents.push(this.#parents.length);
    return this.#table.add(hash);
  }

  /** Makes one group of two: that of the first's number, with the split of either. */
  join(group: number, other: number): number {
    const [into, from] = [this.#rootOf(group), this.#rootOf(other)];
    if (into === from) return into;
    this.#parents.set(from, into);
    if (this.#splits.at(into) === 0) this.#splits.set(into, this.#splits.at(from));
    this.#waiting.set(into, this.#waiting.at(into) + this.#waiting.at(from));
    this.#labels.set(into, this.#setOf([...this.#setLabels[this.#labels.at(into)], ...this.#setLabels[this.#labels.at(from)]]));
    return into;
  }

  /** Null: to be drawn. */
  splitOf(group: number): Split | null {
    return this.#splitNames[this.#splits.at(this.#rootOf(group)) - 1] ?? null;
  }

  /** Rows of the group that wait will go there. */
  setSplit(group: number, split: Split): void {
    this.#splits.set(this.#rootOf(group), this.#splitNames.indexOf(split) + 1);
  }

  /** Notes the next row: of a group it waits in, or settled (-1). */
  addRow(group: number): void {
    this.#groupOfRow.push(group);
    if (group < 0) return;
    const root = this.#rootOf(group);
    this.#waiting.set(root, this.#waiting.at(root) + 1);
  }

  /** Whether rows wait for the draw. */
  hasOpen(): boolean {
    for (let row = 0; row < this.#groupOfRow.length; row++) if (this.#groupOfRow.at(row) >= 0) return true;
    return false;
  }

  /** Gives every group that is to be drawn the split that `draw` gives it. */
  draw(draw: (groups: TextGroup[]) => Split[]): void {
    const open: number[] = [];
    for (let group = 0; group < this.#splits.length; group++)
      if (this.#splits.at(group) === 0 && this.#parents.at(group) === group) open.push(group);
    // Groups of the same labels and size are told as one object: a million of them would take more memory than all else.
    const kinds = new Map<number, TextGroup>();
    const told = open.map((group) => {
      const [set, size] = [this.#labels.at(group), this.#waiting.at(group)];
      const key = set * 2 ** 32 + size;
      const kind = kinds.get(key) ?? { labels: this.#setLabels[set], size };
      kinds.set(key, kind);
      return kind;
    });
    const drawn = draw(told);
    open.forEach((group, index) => this.setSplit(group, drawn[index]));
  }

  /** The rows that waited, by number, and the split of each. */
  *settled(): Generator<{ row: number; split: Split }> {
    for (let row = 0; row < this.#groupOfRow.length; row++) {
      const group = this.#groupOfRow.at(row);
      if (group >= 0) yield { row, split: this.splitOf(group) as Split };
    }
  }

  #rootOf(group: number): number {
    let root = group;
    while (this.#parents.at(root) !== root) root = this.#parents.at(root);
    // Whoever asks next has a shorter way.
    for (let at = group; at !== root;) {
      const next = this.#parents.at(at);
      this.#parents.set(at, root);
      at = next;
    }
    return root;
  }

  #setOf(labels: readonly string[]): number {
    const unique = [...new Set(labels)];
    const key = unique.join('\0');
    const known = this.#labelSets.get(key);
    if (known !== undefined) return known;
    this.#labelSets.set(key, this.#setLabels.length);
    return this.#setLabels.push(unique) - 1;
  }
}
