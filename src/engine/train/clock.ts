import type { Seconds } from './progress.ts';

/** Adds up wall time. What is timed within something else counts as its own kind alone. */
export class Clock {
  readonly seconds: Seconds = { prepare: 0, train: 0, validation: 0, checkpoint: 0 };

  async time<T>(kind: keyof Seconds, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const before = this.#total();
    try {
      return await work();
    } finally {
      this.seconds[kind] += (performance.now() - started) / 1000 - (this.#total() - before);
    }
  }

  /** What an earlier process spent on the same run. */
  add(earlier: Seconds): void {
    for (const kind of Object.keys(this.seconds) as (keyof Seconds)[]) this.seconds[kind] += earlier[kind];
  }

  #total(): number {
    return Object.values(this.seconds).reduce((sum, seconds) => sum + seconds, 0);
  }
}
