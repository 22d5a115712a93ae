/** A window onto the examples of a project: pages are fetched as they come into sight and kept while the filter stands. */
import { SvelteMap } from 'svelte/reactivity';
import type { Example } from '../../../shared/domain.ts';
import { everything, type ExampleFilter } from '../../../shared/filter.ts';
import { api } from '../api.ts';
import { history, type Direction } from './history.svelte.ts';
import { attempt } from './messages.svelte.ts';
import { project } from './project.svelte.ts';

const PAGE = 100;

export class ExampleTable {
  total = $state<number | null>(null);
  readonly #folder: string;
  #filter: ExampleFilter = everything;
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

  async filter(filter: ExampleFilter): Promise<void> {
    this.#filter = filter;
    this.#generation++;
    this.#asked.clear();
    await this.#fetch(0);
  }

  /** Fetches what is missing of rows `first` to `last`. */
  show(first: number, last: number): void {
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page++) if (!this.#asked.has(page)) void this.#fetch(page);
  }

  /** Labels the example of a row, once it is on disk. */
  async label(index: number, name: string): Promise<void> {
    const before = this.#rows.get(index);
    if (!before) return;
    const annotation = { label: name, spans: null };
    const after = await attempt(() => api.labels.annotate({ folder: this.#folder, id: before.id, annotation }));
    if (after) this.#replace(after);
  }

  /** Undo or redo; the row of the example that it changed, where that is one and in the table. */
  async back(direction: Direction): Promise<number | null> {
    const step = await history.take(direction);
    if (!step) return null;
    const { example, examples, labels } = step;
    if (example && examples === 1 && !labels) return this.#replace(example);
    await project.refresh();
    this.#asked.clear();
    await this.#fetch(0);
    return null;
  }

  /** The row stays where it is, even where the filter would not show it any more: rows must not move under the hand. */
  #replace(example: Example): number | null {
    for (const [index, { id, annotation }] of this.#rows) {
      if (id !== example.id) continue;
      this.#rows.set(index, example);
      project.recount(annotation, example.annotation);
      return index;
    }
    void project.refresh();
    return null;
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
