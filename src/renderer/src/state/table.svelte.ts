/** A window onto the examples of a project: pages are fetched as they come into sight and kept while the filter stands. */
import { SvelteMap } from 'svelte/reactivity';
import type { Example } from '../../../shared/domain.ts';
import { everything, type ExampleFilter, type ExamplePage, type ExampleSort, type ListedPrediction } from '../../../shared/filter.ts';
import { api, toReport } from '../api.ts';
import { attempt, messages } from './messages.svelte.ts';
import { project } from './project.svelte.ts';

export interface Row {
  example: Example;
  /** Of the run of the page; null where it said nothing of it. */
  prediction: ListedPrediction | null;
}

export const PAGE = 100;
export const byRow: ExampleSort = { by: 'row', descending: false };

export class ExampleTable {
  /** Rows found so far; null before the first answer. */
  total = $state<number | null>(null);
  /** Whether these are all. */
  isComplete = $state(false);
  /** The run that predictions are of. */
  run = $state.raw<ExamplePage['run']>(null);
  filter = $state.raw<ExampleFilter>(everything);
  sort = $state.raw<ExampleSort>(byRow);
  /** Why the filter cannot be applied. */
  problem = $state<string | null>(null);
  listing = $state<number | null>(null);
  readonly #folder: string;
  /** By page: one thing to watch for each, as its rows come together. */
  #pages = new SvelteMap<number, Row[]>();
  #asked = new Set<number>();
  /** Ends what was asked for an earlier filter. */
  #stop = new AbortController();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The example in that row, once it is here. */
  row(index: number): Row | undefined {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Lists what the filter lets through, anew. */
  async list(filter: ExampleFilter, sort: ExampleSort): Promise<void> {
    this.#stop.abort();
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.filter = filter;
    this.sort = sort;
    this.#asked = new Set([0]);
    this.problem = null;
    try {
      const page = await api.data.page({ folder: this.#folder, offset: 0, limit: PAGE, sort, ...filter }, { signal });
      if (signal.aborted) return;
      // Old rows stay until the new ones are here, so that the table does not blink.
      this.#pages.clear();
      this.listing = page.listing;
      this.#take(0, page);
      if (page.isComplete) return;
      const { total } = await api.data.count({ folder: this.#folder, listing: page.listing }, { signal });
      if (!signal.aborted) [this.total, this.isComplete] = [total, true];
    } catch (cause) {
      if (!signal.aborted) this.#fail(cause);
    }
  }

  /** Fetches what is missing of rows `first` to `last`. */
  show(first: number, last: number): void {
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page++) if (!this.#asked.has(page)) void this.#fetch(page);
  }

  /** Labels the example of a row, once it is on disk. */
  async label(index: number, name: string): Promise<void> {
    const before = this.row(index)?.example;
    if (!before) return;
    const annotation = { label: name, spans: null };
    const after = await attempt(() => api.labels.annotate({ folder: this.#folder, id: before.id, annotation }));
    if (after) this.replace(after);
  }

  /**
   * Shows the example as it is now, and says in which row; null where it is not here. The row stays where it is, even where the filter
   * would not show it any more: rows must not move under the hand.
   */
  replace(example: Example): number | null {
    for (const [page, rows] of this.#pages) {
      const at = rows.findIndex((row) => row.example.id === example.id);
      if (at < 0) continue;
      this.#pages.set(page, rows.with(at, { ...rows[at], example }));
      project.recount(rows[at].example.annotation, example.annotation);
      return page * PAGE + at;
    }
    void project.refresh();
    return null;
  }

  /** What a person can mend in a filter is said beside it, anything else as any failure. */
  #fail(cause: unknown): void {
    const report = toReport(cause);
    if (report.code === 'wrong_format' || report.code === 'unknown_run') {
      this.problem = [report.message, report.remedy].filter(Boolean).join(' ');
      this.#pages.clear();
      [this.total, this.isComplete] = [0, true];
    } else messages.report(cause);
  }

  async #fetch(page: number): Promise<void> {
    const { signal } = this.#stop;
    this.#asked.add(page);
    const asked = { folder: this.#folder, offset: page * PAGE, limit: PAGE, sort: this.sort, listing: this.listing, ...this.filter };
    try {
      const answer = await api.data.page(asked, { signal });
      if (!signal.aborted) this.#take(page, answer);
    } catch (cause) {
      this.#asked.delete(page);
      if (!signal.aborted) this.#fail(cause);
    }
  }

  #take(page: number, { listing, total, isComplete, examples, predictions, run }: ExamplePage): void {
    this.listing = listing;
    this.run = run;
    if (isComplete || !this.isComplete || page === 0) [this.total, this.isComplete] = [total, isComplete];
    this.#pages.set(
      page,
      examples.map((example, index) => ({ example, prediction: predictions[index] })),
    );
  }
}
