/** A thread that takes jobs of the optimizer's steps, and sleeps between them. */
import { workerData } from 'node:worker_threads';
import { kernelsOf, REMAINING, takeJobs, type SharedArena } from './jobs.ts';

export interface WorkerData {
  table: SharedArrayBuffer;
  control: SharedArrayBuffer;
  arenas: SharedArena[];
}
const { table, control, arenas } = workerData as WorkerData;
const kernels = await Promise.all(arenas.map(kernelsOf));
const [jobs, counts] = [new Float64Array(table), new Int32Array(control)];
for (;;) {
  takeJobs(jobs, counts, kernels);
  Atomics.wait(counts, REMAINING, 0);
}
