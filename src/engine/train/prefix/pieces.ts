/**
 * Features in files, many examples a piece. A piece is the length of its index (uint32), the index (JSON), and the rows, float32. Each example
 * has a checksum of its own: what does not check is as good as not there, and is computed again.
 */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';

const ENDING = '.features';
const PARTIAL = '.partial';
/** Key of an example, bytes of its rows, their CRC-32. */
const indexSchema = z.array(z.tuple([z.string(), z.number().int().positive(), z.number().int().nonnegative()]));

interface Place {
  file: string;
  at: number;
  bytes: number;
  checksum: number;
}

/** Pieces of one prefix, in a folder that those of others share, all of them together within a number of bytes. */
export class Pieces {
  private readonly folder: string;
  private readonly prefix: string;
  private readonly budget: number;
  private readonly places = new Map<string, Place>();
  /** Files this one has read or written: they stay, since in passes over the same examples the least recent is the next in turn. */
  private readonly used = new Set<string>();

  /** `prefix`: what the names of its files begin with. A folder that is missing is made with the first piece. */
  constructor(folder: string, prefix: string, budget: number) {
    this.folder = folder;
    this.prefix = prefix;
    this.budget = budget;
    for (const name of namesIn(folder)) {
      const file = path.join(folder, name);
      // Left by a process that was killed while it wrote. Where it can not be removed, it does no harm.
      if (name.endsWith(PARTIAL)) fs.rm(file, { force: true }, () => {});
      else if (name.startsWith(prefix)) for (const [key, place] of readIndex(file)) this.places.set(key, place);
    }
  }
  has(key: string): boolean {
    return this.places.has(key);
  }
  /** An example's rows; null where there are none, or no longer, or damaged ones. */
  read(key: string): Float32Array | null {
    const place = this.places.get(key);
    if (!place) return null;
    const rows = readRows(place);
    if (!rows) this.places.delete(key);
    else if (!this.used.has(place.file)) this.use(place.file);
    return rows;
  }
  private use(file: string): void {
    this.used.add(file);
    const now = new Date();
    // Deleted meanwhile: then there is nothing to remember.
    fs.utimes(file, now, now, () => {});
  }
  /** Writes a piece, which is there whole or not at all; false where there is no room for it. */
  async write(examples: Map<string, Float32Array>): Promise<boolean> {
    const index = [...examples].map(([key, rows]) => [key, rows.byteLength, crc32(bytesOf(rows))] as const);
    const head = Buffer.from(JSON.stringify(index));
    const start = Buffer.alloc(4);
    start.writeUInt32LE(head.length);
    const content = Buffer.concat([start, head, ...[...examples.values()].map(bytesOf)]);
    const file = path.join(this.folder, `${this.prefix}-${randomUUID()}${ENDING}`);
    try {
      if (!this.makeRoom(content.length)) return false;
      await fs.promises.mkdir(this.folder, { recursive: true });
      await fs.promises.writeFile(file + PARTIAL, content);
      await fs.promises.rename(file + PARTIAL, file);
    } catch {
      // A full disk, or a folder that may not be written: a cache is not worth a run.
      await fs.promises.rm(file + PARTIAL, { force: true }).catch(() => {});
      return false;
    }
    this.used.add(file);
    for (const [key, place] of placesOf(file, index, 4 + head.length)) this.places.set(key, place);
    return true;
  }
  /** Deletes the least recently used pieces of the folder until `bytes` more fit. */
  private makeRoom(bytes: number): boolean {
    const files = namesIn(this.folder).flatMap((name) => {
      const file = path.join(this.folder, name);
      const stat = fs.statSync(file, { throwIfNoEntry: false });
      return stat ? [{ file, size: stat.size, time: stat.mtimeMs }] : [];
    });
    let total = bytes + files.reduce((sum, { size }) => sum + size, 0);
    for (const { file, size } of files.filter((entry) => !this.used.has(entry.file)).sort((a, b) => a.time - b.time)) {
      if (total <= this.budget) break;
      fs.rmSync(file, { force: true });
      total -= size;
    }
    return total <= this.budget;
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) => new Uint8Array(buffer, byteOffset, byteLength);

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder).filter((name) => name.endsWith(ENDING) || name.endsWith(ENDING + PARTIAL));
  } catch {
    return [];
  }
}
function placesOf(file: string, index: readonly (readonly [string, number, number])[], start: number): [string, Place][] {
  let at = start;
  return index.map(([key, bytes, checksum]) => [key, { file, at: (at += bytes) - bytes, bytes, checksum }]);
}
/** What a piece holds: nothing where its index can not be read. */
function readIndex(file: string): [string, Place][] {
  try {
    const start = readBytes(file, 0, 4);
    const length = start && Buffer.from(start).readUInt32LE();
    const head = length && length <= fs.statSync(file).size ? readBytes(file, 4, length) : null;
    return head ? placesOf(file, indexSchema.parse(JSON.parse(Buffer.from(head).toString())), 4 + head.length) : [];
  } catch {
    return [];
  }
}
function readRows({ file, at, bytes, checksum }: Place): Float32Array | null {
  try {
    const read = readBytes(file, at, bytes);
    return read && crc32(read) === checksum ? new Float32Array(read.buffer) : null;
  } catch {
    return null;
  }
}
/** Null where the file ends before. Opened anew each time, so that it may be deleted in between. @throws what the file system says */
function readBytes(file: string, at: number, count: number): Uint8Array<ArrayBuffer> | null {
  const bytes = new Uint8Array(count);
  const descriptor = fs.openSync(file, 'r');
  try {
    return fs.readSync(descriptor, bytes, 0, count, at) === count ? bytes : null;
  } finally {
    fs.closeSync(descriptor);
  }
}
