/** Does the jobs of a step on this thread and on others. One pass of AdamW is bound by memory, of which a single core draws only its share. */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { fileAbove } from './file-above.ts';
import { DONE, kernelsOf, REMAINING, resultOf, tableBytes, takeJobs, writeJob, type Job, type Kernels, type SharedArena } from './jobs.ts';
import type { WorkerData } from './worker.ts';

/** In a checkout beside this file; bundled, among the program's other starts. */
const workerFile = (): string =>
  import.meta.filename.endsWith('.ts') ? path.join(import.meta.dirname, 'worker.ts') : fileAbove('optimizer.js');

export class Crew {
  private readonly table: Float64Array;
  private readonly control: Int32Array;
  private readonly kernels: Kernels[];
  private readonly workers: Worker[];

  private constructor(data: WorkerData, kernels: Kernels[], workers: Worker[]) {
    this.table = new Float64Array(data.table);
    this.control = new Int32Array(data.control);
    this.kernels = kernels;
    this.workers = workers;
  }
  /** `helpers`: threads besides this one. `largest`: the most jobs that a step may have. */
  static async open(arenas: SharedArena[], helpers: number, largest: number): Promise<Crew> {
    const workerData: WorkerData = { table: new SharedArrayBuffer(tableBytes(largest)), control: new SharedArrayBuffer(8), arenas };
    const workers = Array.from({ length: helpers }, () => new Worker(workerFile(), { workerData }));
    for (const worker of workers) worker.unref();
    return new Crew(workerData, await Promise.all(arenas.map(kernelsOf)), workers);
  }
  kernelsOf(arena: number): Kernels {
    return this.kernels[arena];
  }
  /** Returns when all are done, and the sum of what they gave, in their order. Until then nobody else may touch what they are about. */
  do(jobs: Job[]): number {
    jobs.forEach((job, index) => writeJob(this.table, index, job));
    Atomics.store(this.control, DONE, 0);
    Atomics.store(this.control, REMAINING, jobs.length);
    Atomics.notify(this.control, REMAINING);
    takeJobs(this.table, this.control, this.kernels);
    for (let done = Atomics.load(this.control, DONE); done < jobs.length; done = Atomics.load(this.control, DONE))
      Atomics.wait(this.control, DONE, done);
    return jobs.reduce((sum, _, index) => sum + resultOf(this.table, index), 0);
  }
  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}
