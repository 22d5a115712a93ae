/** Texts and labels on their way into a file. */
import type { DataExportReport, DataFormat } from '../../../shared/domain.ts';
import { api } from '../api.ts';
import { attempt } from './messages.svelte.ts';

export class DataExport {
  /** Null while nothing is written. */
  progress = $state.raw<{ written: number; total: number } | null>(null);
  report = $state.raw<DataExportReport | null>(null);
  readonly #folder: string;
  #stop: AbortController | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async start(format: DataFormat, output: string): Promise<void> {
    this.#stop = new AbortController();
    this.report = null;
    this.progress = { written: 0, total: 0 };
    const { signal } = this.#stop;
    await attempt(() => this.#follow(format, output, signal));
    this.progress = null;
  }

  /** Leaves no file. */
  cancel(): void {
    this.#stop?.abort();
  }

  async #follow(format: DataFormat, output: string, signal: AbortSignal): Promise<void> {
    try {
      const asked = { folder: this.#folder, format, ...(output && { output }) };
      for await (const event of await api.exports.data(asked, { signal })) {
        if (event.type === 'done') this.report = event.report;
        else this.progress = event;
      }
    } catch (cause) {
      if (!signal.aborted) throw cause;
    }
  }
}
