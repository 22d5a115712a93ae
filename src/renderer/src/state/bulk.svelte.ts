/** A change of many examples that is under way. */
import type { BulkChange, BulkTarget } from '../../../shared/filter.ts';
import { api } from '../api.ts';
import { attempt } from './messages.svelte.ts';

export class BulkWork {
  progress = $state.raw<{ done: number; total: number } | null>(null);
  readonly #folder: string;
  #stop: AbortController | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** How many it changed; undefined where it was cancelled or failed, and then it changed none. */
  async run(target: BulkTarget, change: BulkChange): Promise<number | undefined> {
    if (this.#stop) return undefined;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.progress = { done: 0, total: 'ids' in target ? target.ids.length : 0 };
    const changed = await attempt(() => this.#follow(target, change, signal));
    this.progress = null;
    this.#stop = null;
    return changed;
  }

  cancel(): void {
    this.#stop?.abort();
  }

  async #follow(target: BulkTarget, change: BulkChange, signal: AbortSignal): Promise<number | undefined> {
    try {
      for await (const event of await api.data.change({ folder: this.#folder, target, change }, { signal })) {
        if (event.type === 'done') return event.changed;
        this.progress = event;
      }
    } catch (cause) {
      if (!signal.aborted) throw cause;
    }
    return undefined;
  }
}
