/** A window onto the examples of a project: pages are fetched as they come into sight and kept while the filter stands. */
import { SvelteMap } from 'svelte/reactivity';
import type { Example, Split } from '../../../shared/domain.ts';
import { api } from '../api.ts';
import { attempt } from './messages.svelte.ts';

export interface Filter {
  search: string;
  split: Split | null;
  label: string | null;
  labeled: boolean | null;
}

export const everything: Filter = { search: '', split: null, label: null, labeled: null };

const PAGE = 100;

export class ExampleTable {
  total = $state<number | null>(null);
  readonly #folder: string;
  #filter: Filter = everything;
  #rows = new SvelteMap<number, Example>();
  #asked = new Set<number>();
  /** Answers to an earlier filter are dropped. */
  #generation = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The example in that row, once it is here. */
  row(index: number): Example | undefined {
    return this.#rows.get(index);
  }

  async filter(filter: Filter): Promise<void> {
    this.#filter = filter;
    this.#generation++;
    this.#asked.clear();
    await this.#fetch(0);
  }

  /** Fetches what is missing of rows `first` to `last`. */
  show(first: number, last: number): void {
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page++) if (!this.#asked.has(page)) void this.#fetch(page);
  }

  async #fetch(page: number): Promise<void> {
    const generation = this.#generation;
    const fresh = this.#asked.size === 0;
    this.#asked.add(page);
    const answer = await attempt(() => api.data.page({ folder: this.#folder, offset: page * PAGE, limit: PAGE, ...this.#filter }));
    if (generation !== this.#generation) return;
    if (!answer) return void this.#asked.delete(page);
    // Old rows stay until the new ones are here, so that the table does not blink.
    if (fresh) this.#rows.clear();
    this.total = answer.total;
    answer.examples.forEach((example, index) => this.#rows.set(page * PAGE + index, example));
  }
}
