/** A step of the optimizer in pieces that any thread may take. */

/** Addresses are bytes in the arena's memory. */
export interface Job {
  arena: number;
  /** Of the row numbers, where only some rows of a table are meant; 0: all of `count`. */
  rows: number;
  rowCount: number;
  p: number;
  g: number;
  m: number;
  v: number;
  /** Floats: of the piece, or of each row. */
  count: number;
  /** As the kernels take them: scale, decay, rate, root, epsilon, beta1, beta2. */
  scalars: number[];
}
export interface Kernels {
  adamw(p: number, g: number, m: number, v: number, count: number, ...scalars: number[]): void;
  adamwRows(rows: number, rowCount: number, p: number, g: number, m: number, v: number, width: number, ...scalars: number[]): void;
  decayed(p: number, count: number, factors: number, steps: number): void;
}
/** Of a WebAssembly memory that the threads share. */
export interface SharedArena {
  memory: WebAssembly.Memory;
  module: WebAssembly.Module;
}
/** Cells of `control`: jobs that nobody has taken yet, and jobs done. */
export const REMAINING = 0;
export const DONE = 1;

const ADDRESSES = 8;
const WIDTH = ADDRESSES + 7;
/** Bytes of a table of so many jobs. */
export const tableBytes = (jobs: number): number => jobs * WIDTH * Float64Array.BYTES_PER_ELEMENT;

export function writeJob(table: Float64Array, index: number, { arena, rows, rowCount, p, g, m, v, count, scalars }: Job): void {
  table.set([arena, rows, rowCount, p, g, m, v, count, ...scalars], index * WIDTH);
}

/** Takes jobs until none is left. A job is taken by counting `REMAINING` down, so that each is done once, whoever is late. */
export function takeJobs(table: Float64Array, control: Int32Array, kernels: Kernels[]): void {
  for (let left = Atomics.load(control, REMAINING); left > 0; left = Atomics.load(control, REMAINING)) {
    if (Atomics.compareExchange(control, REMAINING, left, left - 1) !== left) continue;
    perform(table.subarray((left - 1) * WIDTH, left * WIDTH), kernels);
    Atomics.add(control, DONE, 1);
    Atomics.notify(control, DONE);
  }
}

function perform(job: Float64Array, kernels: Kernels[]): void {
  const [arena, rows, rowCount, p, g, m, v, count] = job;
  const scalars = job.subarray(ADDRESSES);
  if (rows) kernels[arena].adamwRows(rows, rowCount, p, g, m, v, count, ...scalars);
  else kernels[arena].adamw(p, g, m, v, count, ...scalars);
}

/** The kernels over an arena's memory. */
export const kernelsOf = async ({ memory, module }: SharedArena): Promise<Kernels> =>
  (await WebAssembly.instantiate(module, { env: { memory } })).exports as unknown as Kernels;
