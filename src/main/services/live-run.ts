/** Events of a run while it runs: told to whoever watches, and replayed to those who come later. */
import type { RunEvent } from '../../shared/domain.ts';

/** Step events kept for a replay; a long run's are thinned out evenly. */
export const largestReplay = 2000;

export class EventHistory {
  #others: { at: number; event: RunEvent }[] = [];
  #steps: { at: number; event: RunEvent }[] = [];
  #stride = 1;
  #count = 0;
  #seen = 0;

  add(event: RunEvent): void {
    if (event.type === 'resumed') this.#rewind(event);
    const entry = { at: this.#seen++, event };
    if (event.type !== 'step') {
      this.#others.push(entry);
      return;
    }
    if (this.#count++ % this.#stride !== 0) return;
    this.#steps.push(entry);
    if (this.#steps.length < largestReplay) return;
    this.#steps = this.#steps.filter((_, index) => index % 2 === 0);
    this.#stride *= 2;
  }

  /** What comes after the place will be told again. */
  #rewind({ epoch, step }: Extract<RunEvent, { type: 'resumed' }>): void {
    this.#steps = this.#steps.filter(({ event }) => event.type !== 'step' || event.step <= step);
    this.#others = this.#others.filter(({ event }) => event.type !== 'epoch' || event.epoch.epoch <= epoch);
  }

  /** In the order they came. */
  events(): RunEvent[] {
    return [...this.#others, ...this.#steps].sort((a, b) => a.at - b.at).map(({ event }) => event);
  }
}

/** A run under way: its history, its watchers, and how to stop it. */
export class LiveRun {
  readonly history = new EventHistory();
  readonly cancellation = new AbortController();
  /** Resolves when the history as it was is on disk. */
  saved: Promise<void> = Promise.resolve();
  #watchers = new Set<(event: RunEvent | null) => void>();
  #ended = false;

  /** `past`: of a run that goes on. */
  constructor(past: RunEvent[] = []) {
    for (const event of past) if (event.type === 'step' || event.type === 'epoch') this.history.add(event);
  }

  tell(event: RunEvent): void {
    this.history.add(event);
    for (const watcher of this.#watchers) watcher(event);
  }

  end(): void {
    this.#ended = true;
    for (const watcher of this.#watchers) watcher(null);
  }

  /** Past events, then each as it comes; ends with the run. */
  async *watch(): AsyncGenerator<RunEvent> {
    const waiting: (RunEvent | null)[] = [...this.history.events(), ...(this.#ended ? [null] : [])];
    let wake = () => {};
    const watcher = (event: RunEvent | null) => {
      waiting.push(event);
      wake();
    };
    this.#watchers.add(watcher);
    try {
      for (;;) {
        while (waiting.length > 0) {
          const event = waiting.shift();
          if (event === null || event === undefined) return;
          yield event;
        }
        await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#watchers.delete(watcher);
    }
  }
}
