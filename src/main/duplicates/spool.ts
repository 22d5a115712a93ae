/** Rows on disk while they are examined: a million texts need not be in memory to be read again, a few at a time. */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { Growing } from './growing.ts';

const bufferBytes = 1 << 20;

/** Records of a text and what else is to be kept of its row, by number from 0. */
export class Spool {
  private readonly file: number;
  private readonly starts = new Growing(new Float64Array(0));
  private readonly textBytes = new Growing(new Uint32Array(0));
  private waiting = Buffer.allocUnsafe(2 * bufferBytes);
  private waitingBytes = 0;
  private written = 0;

  /** `path`: a file that is not there yet. */
  constructor(path: string) {
    this.file = openSync(path, 'wx+');
  }

  get length(): number {
    return this.starts.length;
  }

  append(text: string, rest = ''): void {
    this.starts.push(this.written + this.waitingBytes);
    this.textBytes.push(this.put(text));
    this.put(rest);
  }

  text(index: number): string {
    const start = this.starts.at(index);
    return this.read(start, start + this.textBytes.at(index));
  }

  rest(index: number): string {
    const end = index + 1 < this.length ? this.starts.at(index + 1) : this.written + this.waitingBytes;
    return this.read(this.starts.at(index) + this.textBytes.at(index), end);
  }

  close(): void {
    closeSync(this.file);
  }

  private put(text: string): number {
    const bytes = Buffer.byteLength(text);
    if (this.waitingBytes + bytes > this.waiting.length) this.flush();
    if (bytes > this.waiting.length) this.waiting = Buffer.allocUnsafe(bytes);
    this.waiting.write(text, this.waitingBytes);
    this.waitingBytes += bytes;
    return bytes;
  }

  private flush(): void {
    for (let at = 0; at < this.waitingBytes;) at += writeSync(this.file, this.waiting, at, this.waitingBytes - at);
    this.written += this.waitingBytes;
    this.waitingBytes = 0;
  }

  private read(start: number, end: number): string {
    if (end > this.written) this.flush();
    const bytes = Buffer.allocUnsafe(end - start);
    for (let at = 0; at < bytes.length;) at += readSync(this.file, bytes, at, bytes.length - at, start + at);
    return bytes.toString();
  }
}
