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
}
interface Slot {
  /** Index of its arena. */
  arena: number;
  at: number;
  shape: number[];
}
/** Floats a part may have: four parts, a page and the book of a table in the 4 GB that a WebAssembly memory can hold. */
const LARGEST = 2 ** 28 - 2 ** 18;
/** The lowest page is left to the module. */
const START = 65536;
const rounded = (count: number) => Math.ceil(count / 4) * 4;
/** Floats, and rows, of one job: many for each thread, each worth the taking. */
const PIECE = 2 ** 16;
const ROWS = 128;
/** Below as many floats a step is done sooner than another thread wakes up. */
const WORTH_A_THREAD = 2 ** 19;

/** Memory for four parts of `size` floats, and `more` bytes. What is never written in it takes no memory of the machine. */
function openArena(module: WebAssembly.Module, size: number, more: number): Arena {
  try {
    const pages = Math.ceil((START + size * 16 + more) / 65536);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    return { memory, module, buffer: memory.buffer, size };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const message = `There is not enough memory for ${(size * 16) / 1e9} GB of parameters, gradients and optimizer state.`;
    throw new ThawError({ code: 'out_of_memory', message, remedy: 'Freeze more layers, or choose a smaller base model.' }, { cause });
  }
}
/** Tensors by arena, in their order. @throws out_of_memory for one that fits into none */
function grouped(shapes: Map<string, number[]>): Map<string, number[]>[] {
  const groups: Map<string, number[]>[] = [];
  let filled = Infinity;
  for (const [name, shape] of shapes) {
    const count = rounded(product(shape));
    if (count > LARGEST)
      throw new ThawError({
        code: 'out_of_memory',
        message: `${name} is too large to be trained (${count} numbers).`,
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
    const groups = grouped(shapes);
    const module = await WebAssembly.compile(fs.readFileSync(fileAbove('resources/wasm/adamw.wasm')));
    const slots = new Map<string, Slot>();
    const arenas = groups.map((group, arena) => {
      let at = 0;
      for (const [name, shape] of group) {
        slots.set(name, { arena, at, shape });
        at += rounded(product(shape));
      }
      return openArena(module, at, table !== undefined && group.has(table) ? bookBytes(group.get(table)![0]) : 0);
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
    const { buffer, size } = this.arenas[slot.arena];
    const [height, width] = slot.shape;
    const rows = START + size * 16;
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
    const [p, g, m, v] = PARTS.map((part) => this.address(slot, part));
    const whole = { arena: slot.arena, rows: 0, rowCount: 0, p, g, m, v, count: rounded(product(slot.shape)), scalars };
    if (this.table?.name !== name) return piecesOf(whole);
    this.table.rows.decay(decay);
    return this.rowJobs({ ...whole, count: slot.shape[1] }, this.table.rows.count);
  }
  private rowJobs(row: Job, used: number): Job[] {
    const first = START + this.arenas[row.arena].size * 16;
    return Array.from({ length: Math.ceil(used / ROWS) }, (_, at) => {
      const rowCount = Math.min(ROWS, used - at * ROWS);
      return { ...row, rows: first + at * ROWS * 4, rowCount };
    });
  }
  /** Ends its threads. */
  close(): Promise<void> {
    return this.crew.close();
  }
}
function piecesOf(whole: Job): Job[] {
  return Array.from({ length: Math.ceil(whole.count / PIECE) }, (_, at) => {
    const from = at * PIECE;
    const bytes = from * 4;
    const { p, g, m, v } = whole;
    return { ...whole, p: p + bytes, g: g + bytes, m: m + bytes, v: v + bytes, count: Math.min(PIECE, whole.count - from) };
  });
}
