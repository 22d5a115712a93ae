/** The listings that screens look at: a page at a time, in an order that stays whatever is labeled meanwhile. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { ExamplePage, PageQuery } from '../../shared/filter.ts';
import { ThawError } from '../../shared/errors.ts';
import { KnownWords, Listing } from './listing.ts';
import { readExamples } from './tables/examples.ts';
import { renamer } from './tables/labels.ts';
import { listedPredictions } from './tables/predictions.ts';
import { readRun } from './tables/runs.ts';

/** Those of a few screens; each takes 4 bytes a row. */
const mostListings = 8;

export class Listings {
  readonly #database: Database;
  readonly #words = new KnownWords();
  #isPreparing = false;
  /** The one used last comes last. */
  readonly #listings = new Map<number, Listing>();
  #nextId = 1;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Throws wrong_format (an expression that is none or takes too long), unknown_run, and the signal's reason. */
  async page({ listing: asked, offset, limit, sort, ...filter }: PageQuery, signal: AbortSignal): Promise<ExamplePage> {
    const known = asked === null ? undefined : this.#listings.get(asked);
    const id = known && asked !== null ? asked : this.#nextId++;
    const listing = known ?? new Listing(this.#database, filter, sort, this.#words);
    await advance(listing, () => listing.ids.length >= offset + limit, signal);
    this.#keep(id, listing);
    void this.#prepareSearch();
    const ids = [...listing.ids.all().subarray(offset, offset + limit)];
    const examples = readExamples(this.#database, ids);
    const run = listing.run === null ? null : readRun(this.#database, listing.run);
    return {
      listing: id,
      total: listing.ids.length,
      isComplete: listing.isComplete,
      examples,
      predictions: run ? listedPredictions(this.#database, run.run, examples) : examples.map(() => null),
      run: run && { run: run.run, name: run.name, labels: run.labels.map(renamer(this.#database)) },
    };
  }

  /** All its ids, once the last is found. Throws unavailable for a listing that is not kept any more. */
  async ids(id: number, signal: AbortSignal): Promise<Uint32Array> {
    const listing = this.#listings.get(id);
    if (!listing)
      throw new ThawError({ code: 'unavailable', message: 'This list of texts is out of date.', remedy: 'Filter again and repeat.' });
    await advance(listing, () => false, signal);
    return listing.ids.all().slice();
  }

  /** Whoever looks at texts may search them next: the list of words is read before that, while nothing else is asked for. */
  async #prepareSearch(): Promise<void> {
    if (this.#isPreparing) return;
    this.#isPreparing = true;
    try {
      await nextTurn();
      for (const _ of this.#words.present(this.#database)) await nextTurn();
    } catch {
      // The project was closed, or cannot be read: a search will say so.
    } finally {
      this.#isPreparing = false;
    }
  }

  #keep(id: number, listing: Listing): void {
    this.#listings.delete(id);
    this.#listings.set(id, listing);
    for (const oldest of this.#listings.keys()) {
      if (this.#listings.size <= mostListings) return;
      this.#listings.delete(oldest);
    }
  }
}

async function advance(listing: Listing, isEnough: () => boolean, signal: AbortSignal): Promise<void> {
  while (!listing.isComplete && !isEnough()) {
    listing.advance(isEnough);
    await nextTurn();
    signal.throwIfAborted();
  }
}
