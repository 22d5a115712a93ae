/** Wall time by kind of work, in seconds. */
export class Clock {
  readonly seconds = { prepare: 0, train: 0, validation: 0, checkpoint: 0 };

  async time<T>(kind: keyof Clock['seconds'], work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await work();
    } finally {
      this.seconds[kind] += (performance.now() - started) / 1000;
    }
  }
}
