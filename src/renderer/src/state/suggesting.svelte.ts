/** Suggestions that are being made: it goes on whatever screen is open. */
import { api } from '../api.ts';
import { countOf } from '../components/words.ts';
import { attempt, messages } from './messages.svelte.ts';

class Suggesting {
  progress = $state.raw<{ folder: string; run: string; done: number; total: number } | null>(null);
  /** Grows whenever some were made, so that whoever shows suggestions asks again. */
  made = $state(0);
  #stop: AbortController | null = null;

  isMaking(folder: string, run: string): boolean {
    return this.progress?.folder === folder && this.progress.run === run;
  }

  /** What is made by the time it is cancelled stays. */
  async make(folder: string, run: string): Promise<void> {
    if (this.#stop) return messages.notify({ text: 'Suggestions are being made already.' });
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.progress = { folder, run, done: 0, total: 0 };
    const predicted = await attempt(() => this.#follow(folder, run, signal));
    const done = predicted ?? this.progress.done;
    this.progress = null;
    this.#stop = null;
    this.made++;
    if (predicted !== undefined || done > 0)
      messages.notify({ text: `${countOf(done, 'text')} suggested${predicted === undefined ? '; the rest was left' : ''}.` });
  }

  cancel(): void {
    this.#stop?.abort();
  }

  async #follow(folder: string, run: string, signal: AbortSignal): Promise<number | undefined> {
    try {
      for await (const event of await api.suggestions.make({ folder, run }, { signal })) {
        if (event.type === 'done') return event.predicted;
        this.progress = { folder, run, done: event.done, total: event.total };
      }
    } catch (cause) {
      if (!signal.aborted) throw cause;
    }
    return undefined;
  }
}

export const suggesting = new Suggesting();
