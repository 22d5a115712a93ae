/**
 * AdamW (Loshchilov and Hutter 2019; the arithmetic of torch.optim.AdamW) in one pass of WebAssembly SIMD over memory. Parameter, gradient
 * and both moments lie in WebAssembly memories, of which ONNX Runtime's tensors are views.
 */
import fs from 'node:fs';
import { ThawError } from '../../shared/errors.ts';
import { product } from '../graph/graph.ts';
import { Crew } from './crew.ts';
import { fileAbove } from './file-above.ts';
import type { Job, SharedArena } from './jobs.ts';
import { bookBytes, TableRows, type TablePlace } from './table-rows.ts';

export interface AdamWOptions {
  learningRate: number;
  weightDecay: number;
  betas: [number, number];
  epsilon: number;
  /** Count of this step, from 1. */
  step: number;
  /** Factor of the gradient: below 1 where its norm is clipped. */
  scale: number;
}
export interface AdamWSetting {
  /** How many may work on a step: 1 unless said. */
  threads?: number;
  /** The tensor [rows, width] whose rows get a gradient only once they are in use; none unless said. */
  table?: string;
}
type Part = 'p' | 'g' | 'm' | 'v';
const PARTS: Part[] = ['p', 'g', 'm', 'v'];

interface Arena extends SharedArena {
  buffer: SharedArrayBuffer;
  /** Floats of each part. */
  size: number;
  /** Address of the sums of gradients, behind the parts, and behind those of a table's book. */
  sums: number;
  book: number;
}
interface Slot {
  /** Index of its arena. */
  arena: number;
  at: number;
  /** Place among the sums of gradients; a table has none. */
  sumAt: number | null;
  shape: number[];
}
/** Floats of all parts and sums of an arena: with a page and the book of a table they are in the 4 GB that a WebAssembly memory can hold. */
const LARGEST = 2 ** 30 - 2 ** 20;
/** The lowest page is left to the module. */
const START = 65536;
const rounded = (count: number) => Math.ceil(count / 4) * 4;
/** Floats, and rows, of one job: many for each thread, each worth the taking. */
const PIECE = 2 ** 16;
const ROWS = 128;
/** Below as many floats a step is done sooner than another thread wakes up. */
const WORTH_A_THREAD = 2 ** 19;

/** Memory for four parts of `size` floats, `sums` floats more, and `more` bytes. What is never written in it takes no memory of the machine. */
function openArena(module: WebAssembly.Module, { size, sums, more }: { size: number; sums: number; more: number }): Arena {
  const bytes = 4 * (4 * size + sums);
  try {
    const pages = Math.ceil((START + bytes + more) / 65536);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    return { memory, module, buffer: memory.buffer, size, sums: START + 16 * size, book: START + bytes };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const message = `There is not enough memory for ${bytes / 1e9} GB of parameters, gradients and optimizer state.`;
    throw new ThawError({ code: 'out_of_memory', message, remedy: 'Freeze more layers, or choose a smaller base model.' }, { cause });
  }
}
/** Tensors by arena, in their order. @throws out_of_memory for one that fits into none */
function grouped(shapes: Map<string, number[]>, table: string | undefined): Map<string, number[]>[] {
  const groups: Map<string, number[]>[] = [];
  let filled = Infinity;
  for (const [name, shape] of shapes) {
    const count = rounded(product(shape)) * (name === table ? 4 : 5);
    if (count > LARGEST)
      throw new ThawError({
        code: 'out_of_memory',
        message: `${name} is too large to be trained (${product(shape)} numbers).`,
        remedy: 'Freeze its layer.',
      });
    if (filled + count > LARGEST) {
      groups.push(new Map());
      filled = 0;
    }
    groups.at(-1)!.set(name, shape);
    filled += count;
  }
  return groups;
}

/** The trained tensors with their gradients and moments. */
export class AdamW {
  private readonly arenas: Arena[];
  private readonly slots: Map<string, Slot>;
  private readonly crew: Crew;
  private readonly table: { name: string; rows: TableRows } | null;

  private constructor(arenas: Arena[], slots: Map<string, Slot>, crew: Crew, table: string | undefined) {
    this.arenas = arenas;
    this.slots = slots;
    this.crew = crew;
    const place = this.placeOf(table);
    this.table = place && { name: table!, rows: new TableRows(place, crew.kernelsOf(this.slots.get(table!)!.arena)) };
  }
  static async open(shapes: Map<string, number[]>, { threads = 1, table }: AdamWSetting = {}): Promise<AdamW> {
    const groups = grouped(shapes, table);
    const module = await WebAssembly.compile(fs.readFileSync(fileAbove('resources/wasm/adamw.wasm')));
    const slots = new Map<string, Slot>();
    const arenas = groups.map((group, arena) => {
      let [at, sums] = [0, 0];
      for (const [name, shape] of group) {
        const count = rounded(product(shape));
        slots.set(name, { arena, at, sumAt: name === table ? null : sums, shape });
        at += count;
        if (name !== table) sums += count;
      }
      const more = table !== undefined && group.has(table) ? bookBytes(group.get(table)![0]) : 0;
      return openArena(module, { size: at, sums, more });
    });
    const floats = arenas.reduce((sum, { size }) => sum + size, 0);
    const rows = table === undefined ? 0 : (shapes.get(table)?.[0] ?? 0);
    const jobs = Math.ceil(floats / PIECE) + slots.size + Math.ceil(rows / ROWS);
    const crew = await Crew.open(arenas, floats < WORTH_A_THREAD ? 0 : threads - 1, jobs);
    return new AdamW(arenas, slots, crew, table);
  }
  /** Null where there is no such table, or its rows are no whole vectors: it is then updated as any other tensor. */
  private placeOf(table: string | undefined): TablePlace | null {
    const slot = table === undefined ? undefined : this.slots.get(table);
    if (!slot || slot.shape[1] % 4 !== 0) return null;
    const { buffer, book: rows } = this.arenas[slot.arena];
    const [height, width] = slot.shape;
    return { buffer, values: this.address(slot, 'p'), rows, factors: rows + rounded(height) * 4, height, width };
  }
  private address({ arena, at }: Slot, part: Part) {
    return START + (PARTS.indexOf(part) * this.arenas[arena].size + at) * 4;
  }
  get names(): string[] {
    return [...this.slots.keys()];
  }
  /** A view of a tensor's values (`p`), gradient (`g`), or moments (`m`, `v`). */
  view(name: string, part: Part): Float32Array<SharedArrayBuffer> {
    const slot = this.slots.get(name)!;
    return new Float32Array(this.arenas[slot.arena].buffer, this.address(slot, part), product(slot.shape));
  }
  /** These rows of the table are read, and may have a gradient, from now on. */
  use(rows: Iterable<number>): void {
    this.table?.rows.use(rows);
  }
  /** Brings the whole table up to date: call it before rows are read that may not be in use. */
  settle(): void {
    this.table?.rows.settle();
  }
  /** Puts values in place of a part of a tensor. */
  write(name: string, part: Exclude<Part, 'g'>, values: Float32Array): void {
    const table = this.table?.name === name ? this.table.rows : null;
    this.view(name, part).set(values);
    if (part === 'p') table?.overwritten();
    else table?.adopt(values);
  }
  /** p ← p·(1 − lr·decay) − lr · m̂ / (√v̂ + ε), for each tensor named. Rows that are not in use have a gradient of 0. */
  step(updates: Iterable<readonly [name: string, options: AdamWOptions]>): void {
    const jobs = Array.from(updates).flatMap(([name, options]) => this.jobsOf(name, options));
    this.crew.do(jobs);
  }
  private jobsOf(name: string, options: AdamWOptions): Job[] {
    const { learningRate, weightDecay, betas, epsilon, step, scale } = options;
    const slot = this.slots.get(name)!;
    const decay = 1 - learningRate * weightDecay;
    const scalars = [scale, decay, learningRate / (1 - betas[0] ** step), Math.sqrt(1 - betas[1] ** step), epsilon, ...betas];
    const parts = PARTS.map((part) => this.address(slot, part));
    const { arena } = slot;
    if (this.table?.name !== name)
      return piecesOf(slot).map(({ bytes, count }) => {
        const [p, g, m, v] = parts.map((address) => address + bytes);
        return { arena, kernel: 'adamw', values: [p, g, m, v, count, ...scalars] };
      });
    this.table.rows.decay(decay);
    const [p, g, m, v] = parts;
    return this.usedRows(this.table.rows.count, arena).map(([rows, count]) => {
      return { arena, kernel: 'adamwRows', values: [rows, count, p, g, m, v, slot.shape[1], ...scalars] };
    });
  }
  /** Addresses of the numbers of rows in use, and how many: of a job each. */
  private usedRows(used: number, arena: number): [address: number, count: number][] {
    const { book } = this.arenas[arena];
    return Array.from({ length: Math.ceil(used / ROWS) }, (_, at) => [book + at * ROWS * 4, Math.min(ROWS, used - at * ROWS)]);
  }
  /** Adds the gradients of these tensors, none of them the table, to their sums: those of a micro-batch that is not the last of its step. */
  accumulate(names: Iterable<string>): void {
    this.crew.do(this.sumJobs(names, (gradient, sum, count) => ({ kernel: 'add', values: [sum, gradient, count] })));
  }
  /** Adds the sums to the gradients of these tensors, the last micro-batch's, and begins anew. Gives the sum of the gradients' squares. */
  takeSums(names: Iterable<string>): number {
    return this.crew.do(this.sumJobs(names, (gradient, sum, count) => ({ kernel: 'take', values: [gradient, sum, count] })));
  }
  private sumJobs(names: Iterable<string>, jobOf: (gradient: number, sum: number, count: number) => Omit<Job, 'arena'>): Job[] {
    return Array.from(names).flatMap((name) => {
      const slot = this.slots.get(name)!;
      const [gradient, sum] = [this.address(slot, 'g'), this.arenas[slot.arena].sums + slot.sumAt! * 4];
      return piecesOf(slot).map(({ bytes, count }) => ({ arena: slot.arena, ...jobOf(gradient + bytes, sum + bytes, count) }));
    });
  }
  /** Ends its threads. */
  close(): Promise<void> {
    return this.crew.close();
  }
}
/** A tensor in pieces that are worth a job each: where they begin, and their floats. */
function piecesOf({ shape }: Slot): { bytes: number; count: number }[] {
  const whole = rounded(product(shape));
  return Array.from({ length: Math.ceil(whole / PIECE) }, (_, at) => ({
    bytes: at * PIECE * 4,
    count: Math.min(PIECE, whole - at * PIECE),
  }));
}
