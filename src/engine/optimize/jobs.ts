/** A step of the optimizer in pieces that any thread may take. */

export interface Kernels {
  adamw(p: number, g: number, m: number, v: number, count: number, ...scalars: number[]): void;
  adamwRows(rows: number, rowCount: number, p: number, g: number, m: number, v: number, width: number, ...scalars: number[]): void;
  add(target: number, values: number, count: number): void;
  take(target: number, values: number, count: number): number;
  decayed(p: number, count: number, factors: number, steps: number): void;
}
const KERNELS = ['adamw', 'adamwRows', 'add', 'take'] as const satisfies (keyof Kernels)[];
type Kernel = (typeof KERNELS)[number];
/** A call of a kernel over an arena's memory. Addresses are bytes there. */
export interface Job<K extends Kernel = Kernel> {
  arena: number;
  kernel: K;
  values: Parameters<Kernels[K]>;
}
/** Of a WebAssembly memory that the threads share. */
export interface SharedArena {
  memory: WebAssembly.Memory;
  module: WebAssembly.Module;
}
/** Cells of `control`: jobs that nobody has taken yet, and jobs done. */
export const REMAINING = 0;
export const DONE = 1;

/** A job's row in the table: arena, kernel, what it gave, and the values of the kernel that takes the most. */
const RESULT = 2;
const HEAD = 3;
const WIDTH = HEAD + 14;
/** Bytes of a table of so many jobs. */
export const tableBytes = (jobs: number): number => jobs * WIDTH * Float64Array.BYTES_PER_ELEMENT;

export function writeJob(table: Float64Array, index: number, { arena, kernel, values }: Job): void {
  table.set([arena, KERNELS.indexOf(kernel), 0, ...values], index * WIDTH);
}
/** What a job that is done gave; 0 where its kernel gives nothing. */
export const resultOf = (table: Float64Array, index: number): number => table[index * WIDTH + RESULT];

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
  const [arena, kernel] = job;
  const call = kernels[arena][KERNELS[kernel]] as (...values: number[]) => number | undefined;
  job[RESULT] = call(...job.subarray(HEAD)) ?? 0;
}

/** The kernels over an arena's memory. */
export const kernelsOf = async ({ memory, module }: SharedArena): Promise<Kernels> =>
  (await WebAssembly.instantiate(module, { env: { memory } })).exports as unknown as Kernels;
