/** The newest of something that changes, told to whoever listens; what is not taken in time is passed over. */
export class Telling<T> {
  #latest: T;
  #version = 0;
  #ended = false;
  readonly #listeners = new Set<() => void>();

  constructor(first: T) {
    this.#latest = first;
  }

  tell(now: T): void {
    if (JSON.stringify(now) === JSON.stringify(this.#latest)) return;
    this.#latest = now;
    this.#version++;
    this.#wakeAll();
  }

  /** For good: whoever listens is let go. */
  end(): void {
    this.#ended = true;
    this.#wakeAll();
  }

  /** The newest, and each that follows; ends with the signal. */
  async *watch(signal: AbortSignal): AsyncGenerator<T> {
    let taken = -1;
    while (!this.#ended && !signal.aborted) {
      if (taken === this.#version) await this.#next(signal);
      else {
        taken = this.#version;
        yield this.#latest;
      }
    }
  }

  #next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#listeners.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#listeners.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  #wakeAll(): void {
    for (const wake of [...this.#listeners]) wake();
  }
}
