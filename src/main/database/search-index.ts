/** Keeps the search index at the examples there are, in pieces of a few milliseconds while nothing else is asked for. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { unsynced } from './unsynced.ts';

const pieceMilliseconds = 10;
/** A longer text would take a piece of its own that is too long. */
const longestText = 1 << 17;
/** A search looks into each segment of the index for each word: it is made of no more than so many once all is indexed. */
const mostSegments = 4;
/** Pages that are joined at a time, about as long as a piece takes. */
const mergedPages = 32;

export class SearchIndexer {
  readonly #database: Database;
  readonly #mayGoOn: () => boolean;
  /** Rows a piece, so that it takes about as long as it should. */
  #rows = 100;
  #running: Promise<void> = Promise.resolve();
  #isMerging = false;
  #stopped = false;

  /** `mayGoOn`: false while something else needs the database for long, after which `catchUp` is called again. */
  constructor(database: Database, mayGoOn: () => boolean) {
    this.#database = database;
    this.#mayGoOn = mayGoOn;
  }

  /** Indexes what is not indexed yet, and joins the index's segments; resolves when nothing is left. What cannot be written now is left for the next time. */
  catchUp(): Promise<void> {
    this.#running = this.#running.then(async () => {
      try {
        while (!this.#stopped && this.#mayGoOn() && (this.#piece() || this.#merge())) await nextTurn();
      } catch {
        // A full disk, say: what is not indexed is looked through, so that nothing is missed.
      }
    });
    return this.#running;
  }

  /** Lets a piece under way end, and begins no other. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  /** False when all is indexed. */
  #piece(): boolean {
    const began = performance.now();
    const { indexed, visible } = this.#database
      .prepare('SELECT indexed_examples AS indexed, visible_examples AS visible FROM project')
      .get() as { indexed: number; visible: number };
    if (indexed >= visible) return false;
    const last = Math.min(visible, indexed + this.#rows);
    unsynced(this.#database, () => {
      const among = 'FROM example WHERE id > ? AND id <= ? AND octet_length(text)';
      this.#database.prepare(`INSERT INTO example_search (rowid, text) SELECT id, text ${among} <= ${longestText}`).run(indexed, last);
      this.#database.prepare(`INSERT INTO long_example (example) SELECT id ${among} > ${longestText}`).run(indexed, last);
      this.#database.prepare('UPDATE project SET indexed_examples = ?').run(last);
    });
    const took = performance.now() - began;
    this.#rows = Math.max(10, Math.min(20_000, Math.round(this.#rows * Math.min(2, pieceMilliseconds / took))));
    return true;
  }

  /** False when the index is in few segments. */
  #merge(): boolean {
    this.#isMerging ||=
      (this.#database.prepare('SELECT count(DISTINCT segid) FROM example_search_idx').pluck().get() as number) > mostSegments;
    if (!this.#isMerging) return false;
    const changes = this.#database.prepare('SELECT total_changes()').pluck();
    const before = changes.get() as number;
    unsynced(this.#database, () =>
      this.#database.prepare("INSERT INTO example_search (example_search, rank) VALUES ('merge', ?)").run(-mergedPages),
    );
    // As its documentation has it: fewer than two changes are none.
    return (this.#isMerging = (changes.get() as number) - before >= 2);
  }
}
