/** The texts that the data table lists, in its order: they stay where they are, whatever is labeled meanwhile. */
import type { Example } from '../../../shared/domain.ts';
import type { ExampleFilter, ExamplePage, ExampleSort } from '../../../shared/filter.ts';
import { formatQuery, parseQuery } from '../../../shared/query.ts';
import type { Api } from '../api.ts';
import type { Queue } from './queues.ts';
import { byRow } from './table.svelte.ts';

/** Texts asked for at a time. */
const PAGE = 100;

interface Listed {
  filter: ExampleFilter;
  sort: ExampleSort;
  /** The listing that is on screen; null: it is to be made. */
  listing: number | null;
  /** The row to begin with, from 0. */
  row: number;
}

/** What was on screen in the data table when it was left for the labeler. */
let shown: Listed | null = null;

/** How the table that was left was sorted, for whoever comes back to it. */
let left: { query: string; sort: ExampleSort } | null = null;

/** Leaves what is listed to the queue of `query` that is opened next. Gives the query. */
export function leaveListed(listed: Listed): string {
  shown = listed;
  const query = formatQuery(listed.filter);
  left = { query, sort: listed.sort };
  return query;
}

/** In which order the texts of a query were listed when the table was left for the labeler. */
export const orderLeft = (query: string): ExampleSort => (left?.query === query ? left.sort : byRow);

/** An address that was not come to from the table says the filter alone. */
function listedBy(query: string): Listed {
  const listed = shown;
  shown = null;
  return listed && formatQuery(listed.filter) === query
    ? listed
    : { filter: parseQuery(query), sort: orderLeft(query), listing: null, row: 0 };
}

export class FoundQueue implements Queue {
  readonly #api: Api;
  readonly #folder: string;
  readonly #query: string;
  #listed: Listed | null = null;
  readonly #pages = new Map<number, Promise<ExamplePage>>();
  /** Of the examples that were shown. */
  readonly #rows = new Map<number, number>();
  #total = 0;

  constructor(api: Api, folder: string, query: string) {
    this.#api = api;
    this.#folder = folder;
    this.#query = query;
  }

  /** @throws wrong_format for a query that cannot be read */
  async first(): Promise<Example | null> {
    this.#listed ??= listedBy(this.#query);
    return this.#at(this.#listed.row);
  }

  later(from: Example): Promise<Example | null> {
    return this.#at((this.#rows.get(from.id) ?? -1) + 1);
  }

  earlier(from: Example): Promise<Example | null> {
    return this.#at((this.#rows.get(from.id) ?? 0) - 1);
  }

  /** Which one it is, from 1, of how many were found so far; null for one that is not among them. */
  place(id: number): { at: number; of: number } | null {
    const row = this.#rows.get(id);
    return row === undefined ? null : { at: row + 1, of: this.#total };
  }

  async #at(row: number): Promise<Example | null> {
    if (row < 0) return null;
    const { examples } = await this.#page(Math.floor(row / PAGE));
    const listed = examples[row % PAGE];
    if (!listed) return null;
    this.#rows.set(listed.id, row);
    // The page is as it was when it was asked for; the labels may be others by now.
    return this.#api.labels.get({ folder: this.#folder, id: listed.id });
  }

  #page(number: number): Promise<ExamplePage> {
    const known = this.#pages.get(number);
    if (known) return known;
    const asked = this.#ask(number);
    this.#pages.set(number, asked);
    asked.catch(() => this.#pages.delete(number));
    return asked;
  }

  async #ask(number: number): Promise<ExamplePage> {
    const listed = (this.#listed ??= listedBy(this.#query));
    const { filter, sort, listing } = listed;
    const page = await this.#api.data.page({ folder: this.#folder, offset: number * PAGE, limit: PAGE, listing, sort, ...filter });
    listed.listing = page.listing;
    const { total } = page.isComplete ? page : await this.#api.data.count({ folder: this.#folder, listing: page.listing });
    this.#total = total;
    return page;
  }
}
