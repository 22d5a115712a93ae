/** Which texts are the same, by 128 bits of their SHA-256: 16 bytes a text, and a table at most half full. */
import { hash } from 'node:crypto';
import { Growing } from './growing.ts';

export class TextIndex {
  private readonly words = new Growing(new Uint32Array(0));
  /** Number of a text plus 1; 0: free. */
  private slots = new Uint32Array(1 << 12);
  private count = 0;

  /** Gives the text the next number, from 0, and returns the lowest number of a text that is the same: its own where it is new. */
  add(text: string): number {
    const digest = hash('sha256', text, 'buffer');
    const own = this.count++;
    const words = this.words.extend(4);
    for (let index = 0; index < 4; index++) words[index] = digest.readUInt32LE(4 * index);
    if (2 * this.count > this.slots.length) this.grow(own);
    return this.place(own);
  }

  private place(number: number): number {
    const mask = this.slots.length - 1;
    for (let slot = this.words.at(4 * number) & mask; ; slot = (slot + 1) & mask) {
      const known = this.slots[slot] - 1;
      if (known < 0) {
        this.slots[slot] = number + 1;
        return number;
      }
      if (this.isSame(known, number)) return known;
    }
  }

  private isSame(a: number, b: number): boolean {
    for (let index = 0; index < 4; index++) if (this.words.at(4 * a + index) !== this.words.at(4 * b + index)) return false;
    return true;
  }

  private grow(count: number): void {
    this.slots = new Uint32Array(2 * this.slots.length);
    for (let number = 0; number < count; number++) this.place(number);
  }
}
