/** Features by example: in memory within a budget, and in files, from where the next run, another head or another seed takes them. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Pieces } from './pieces.ts';

export interface CacheOptions {
  /** Where the pieces are; it may be deleted at any time. */
  folder: string;
  /** Bytes of features kept in memory. */
  memory: number;
  /** Bytes that all pieces in the folder may take. */
  disk: number;
}
const MEBI = 2 ** 20;
/** Of a piece. */
const PIECE_BYTES = 8 * MEBI;
const PIECE_EXAMPLES = 8192;

/**
 * An eighth of the free memory, at most 256 MiB: what is read from a piece again is in the system's own cache, which gives memory back when it is
 * needed. A quarter of the free disk, at most 8 GiB.
 */
export function cacheOptions(folder: string): CacheOptions {
  return { folder, memory: Math.min(os.freemem() / 8, 256 * MEBI), disk: Math.min(freeDisk(folder) / 4, 8192 * MEBI) };
}
/** Of the nearest folder that is there. */
function freeDisk(folder: string): number {
  try {
    const { bavail, bsize } = fs.statfsSync(folder);
    return bavail * bsize;
  } catch {
    const parent = path.dirname(folder);
    return parent === folder ? 0 : freeDisk(parent);
  }
}

export class FeatureCache {
  private readonly pieces: Pieces;
  private readonly budget: number;
  private readonly memory = new Map<string, Float32Array>();
  private memoryBytes = 0;
  /** What the next piece will hold. */
  private gathered = new Map<string, Float32Array>();
  private gatheredBytes = 0;
  /** What is being written. */
  private leaving = new Map<string, Float32Array>();
  private written: Promise<void> = Promise.resolve();
  private hasRoom = true;

  /** `prefix` names the layers that made the features, and how. */
  constructor(prefix: string, { folder, memory, disk }: CacheOptions) {
    this.pieces = new Pieces(folder, prefix, disk);
    this.budget = memory;
  }
  get(key: string): Float32Array | null {
    const known = this.memory.get(key) ?? this.gathered.get(key) ?? this.leaving.get(key);
    if (known) return known;
    const read = this.pieces.read(key);
    if (read) this.remember(key, read);
    return read;
  }
  /** What memory holds stays: in passes over the same examples the least recently used is the next in turn. */
  private remember(key: string, rows: Float32Array): void {
    if (this.memoryBytes + rows.byteLength > this.budget) return;
    this.memory.set(key, rows);
    this.memoryBytes += rows.byteLength;
  }
  /** Takes over `rows`, which must not change. Waits while the piece before is still being written. */
  async put(key: string, rows: Float32Array): Promise<void> {
    this.remember(key, rows);
    if (!this.hasRoom) return;
    this.gathered.set(key, rows);
    this.gatheredBytes += rows.byteLength;
    if (this.gatheredBytes < PIECE_BYTES && this.gathered.size < PIECE_EXAMPLES) return;
    await this.written;
    this.flush();
  }
  private flush(): void {
    this.leaving = this.gathered;
    this.gathered = new Map();
    this.gatheredBytes = 0;
    this.written = this.pieces.write(this.leaving).then((kept) => {
      this.hasRoom = kept;
      this.leaving = new Map();
    });
  }
  /** Resolves when all that there is room for is in files. */
  async close(): Promise<void> {
    await this.written;
    if (this.gathered.size && this.hasRoom) this.flush();
    await this.written;
  }
}
