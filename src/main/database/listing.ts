/** The ids of the examples a filter lists, found a piece of some milliseconds at a time; the first are there long before the last. */
import type { Database } from 'better-sqlite3';
import type { ExampleFilter, ExampleSort } from '../../shared/filter.ts';
import { fold, hasTerms, searchTerms } from '../../shared/search.ts';
import type { SearchTerm } from '../../shared/search.ts';
import { conditionsOf } from './conditions.ts';
import type { Conditions, Value } from './conditions.ts';
import { Pattern } from './pattern.ts';
import { openSplits } from './tables/predictions.ts';
import { readWords } from './words.ts';
import type { WordList, WordQuery } from './words.ts';

const pieceMilliseconds = 12;

/** Ids that only grow in number. */
class Ids {
  length = 0;
  #values = new Uint32Array(1024);

  push(id: number): void {
    if (this.length === this.#values.length) {
      const larger = new Uint32Array(2 * this.length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length++] = id;
  }

  slice(from: number, to: number): number[] {
    return [...this.#values.subarray(from, Math.min(to, this.length))];
  }

  all(): Uint32Array {
    return this.#values.slice(0, this.length);
  }
}

/** Which examples may be listed, in order, each time up to `limit` more of them; an empty answer ends it. */
type Source = (limit: number) => Candidate[];

interface Candidate {
  id: number;
  /** Where the text has to be looked at. */
  text?: string;
}

export class Listing {
  readonly ids = new Ids();
  isComplete = false;
  readonly run: string | null;
  readonly #work: Generator<void, void>;

  /** Throws wrong_format (an expression that is none), unknown_run. `words`: keeps the list of words from one listing to the next. */
  constructor(database: Database, filter: ExampleFilter, sort: ExampleSort, words: KnownWords) {
    const conditions = conditionsOf(database, filter);
    this.run = conditions.run;
    const pattern = filter.pattern ? new Pattern(filter.pattern) : null;
    this.#work = list(database, { terms: searchTerms(filter.search), pattern, conditions, sort, words, ids: this.ids });
  }

  /** Works for some milliseconds. */
  advance(): void {
    const until = performance.now() + pieceMilliseconds;
    while (!this.isComplete && performance.now() < until) this.isComplete = this.#work.next().done === true;
  }
}

/** The list of words, read again when the index has gone on. */
export class KnownWords {
  #words: WordList | null = null;

  *present(database: Database): Generator<void, WordList> {
    const { indexed, visible } = database.prepare('SELECT indexed_examples AS indexed, visible_examples AS visible FROM project').get() as {
      indexed: number;
      visible: number;
    };
    const known = this.#words;
    // While the index is being made, a list that misses little is good enough: the rest is looked through.
    if (known && (known.upTo === indexed || (indexed < visible && indexed < 1.2 * known.upTo))) return known;
    return (this.#words = yield* readWords(database));
  }
}

interface Work {
  terms: SearchTerm[];
  pattern: Pattern | null;
  conditions: Conditions;
  sort: ExampleSort;
  words: KnownWords;
  ids: Ids;
}

function* list(database: Database, work: Work): Generator<void, void> {
  const { terms, conditions, sort, words } = work;
  if (conditions.isEverything && terms.length === 0 && !work.pattern && sort.by === 'row')
    return everyId(database, sort.descending, work.ids);
  const query = terms.length > 0 ? yield* queryOf(database, words, terms) : null;
  const isForward = sort.by === 'row' && !sort.descending && !conditions.ofPredictions;
  for (const source of isForward ? forward(database, work, query) : inOrder(database, work, query)) yield* collect(source, work);
}

/** Ids have no gaps but for what was deleted. */
function everyId(database: Database, descending: boolean, ids: Ids): void {
  const visible = database.prepare('SELECT visible_examples FROM project').pluck().get() as number;
  const deleted = new Set(database.prepare('SELECT id FROM example WHERE deleted = 1').pluck().all() as number[]);
  for (let index = 0; index < visible; index++) {
    const id = descending ? visible - index : index + 1;
    if (!deleted.has(id)) ids.push(id);
  }
}

interface IndexQuery extends WordQuery {
  /** Examples after it are not in the index. */
  upTo: number;
}

function* queryOf(database: Database, words: KnownWords, terms: readonly SearchTerm[]): Generator<void, IndexQuery> {
  const list = yield* words.present(database);
  return { ...list.query(terms), upTo: list.upTo };
}

/** Looks at the candidates that have to be looked at; pieces grow, so that the first rows are there at once. */
function* collect(source: Source, { terms, pattern, ids }: Work): Generator<void, void> {
  for (let limit = 250; ; limit = Math.min(4 * limit, 16_000)) {
    const candidates = source(limit);
    if (candidates.length === 0) return;
    const having = candidates.filter(({ text }) => text === undefined || hasTerms(fold(text), terms));
    const matches = pattern?.test(having.map(({ text }) => text as string));
    having.forEach(({ id }, index) => {
      if (matches?.[index] ?? true) ids.push(id);
    });
    yield;
  }
}

/** By id, from what the index finds where there is a search. */
function* forward(database: Database, { conditions, pattern }: Work, query: IndexQuery | null): Generator<Source> {
  const looked = query !== null || pattern !== null;
  if (query?.none) yield longOnes(database, conditions, query.upTo);
  else if (query?.match) yield fromIndex(database, conditions, query, query.match, query.inexact || pattern !== null);
  yield scan(database, conditions, query?.none || query?.match ? query.upTo : 0, looked);
}

/** Every example after `after`. */
function scan(database: Database, { from, where, values }: Conditions, after: number, withText: boolean): Source {
  const columns = withText ? 'example.id, example.text' : 'example.id';
  const select = database.prepare(`SELECT ${columns} ${from} WHERE ${where} AND example.id > ? ORDER BY example.id LIMIT ?`);
  let last = after;
  return (limit) => {
    const rows = select.all(...values, last, limit) as Candidate[];
    last = rows.at(-1)?.id ?? last;
    return rows;
  };
}

/** The texts too long for the index, up to `upTo`. */
function longOnes(database: Database, { from, where, values }: Conditions, upTo: number): Source {
  const select = database.prepare(
    `SELECT example.id, example.text ${from} WHERE ${where} AND example.id IN (SELECT example FROM long_example) AND example.id > ? AND example.id <= ?
      ORDER BY example.id LIMIT ?`,
  );
  let last = 0;
  return (limit) => {
    const rows = select.all(...values, last, upTo, Math.min(limit, 10)) as Candidate[];
    last = rows.at(-1)?.id ?? last;
    return rows;
  };
}

/** What the index finds, and among it the long texts, which it does not have. */
function fromIndex(database: Database, conditions: Conditions, { upTo }: IndexQuery, match: string, withText: boolean): Source {
  const { where, values } = conditions;
  const select = database.prepare(
    `SELECT example.id ${withText ? ', example.text' : ''} FROM example_search CROSS JOIN example ON example.id = example_search.rowid
      WHERE example_search MATCH ? AND example_search.rowid > ? AND example_search.rowid <= ? AND ${where} ORDER BY example_search.rowid LIMIT ?`,
  );
  const nextLong = longOnes(database, conditions, upTo);
  let last = 0;
  let long = nextLong(1);
  return (limit) => {
    const found = select.all(match, last, upTo, ...values, limit) as Candidate[];
    last = found.length < limit ? upTo : (found.at(-1) as Candidate).id;
    const among: Candidate[] = [];
    for (; long.length > 0 && long[0].id <= last; long = nextLong(1)) among.push(long[0]);
    return among.length === 0 ? found : [...found, ...among].sort((a, b) => a.id - b.id);
  };
}

/** In another order, or of predictions: all ids at once, whose texts are looked at piece by piece. */
function* inOrder(database: Database, { conditions, sort, terms, pattern }: Work, query: IndexQuery | null): Generator<Source> {
  const { from, where, values } = narrowed(conditions, query);
  const text = database.prepare('SELECT text FROM example WHERE id = ?').pluck();
  const withText = terms.length > 0 || pattern !== null;
  const asSource = (ids: number[]): Source => {
    let at = 0;
    return (limit) => {
      const piece = ids.slice(at, at + limit);
      at += piece.length;
      return piece.map((id) => (withText ? { id, text: text.get(id) as string } : { id }));
    };
  };
  const direction = sort.descending ? 'DESC' : 'ASC';
  const select = (clause: string, order: string, ...more: Value[]) =>
    database
      .prepare(`SELECT example.id ${clause} ORDER BY ${order}, example.id`)
      .pluck()
      .all(...more) as number[];
  if (sort.by !== 'probability') {
    const key = sort.by === 'length' ? 'length(example.text)' : 'example.id';
    return yield asSource(select(`${from} WHERE ${where}`, `${key} ${direction}`, ...values));
  }
  const { run } = conditions;
  const open = (run === null ? [] : openSplits(database, run)).map((split) => `'${split}'`).join();
  const predicted = select(
    `FROM prediction AS sorting CROSS JOIN (SELECT example.* ${from} WHERE ${where}) AS example ON example.id = sorting.example
      WHERE sorting.run = ? AND sorting.split IN (${open}) AND example.split IN (${open}) AND sorting.probability IS NOT NULL`,
    `sorting.probability ${direction}`,
    ...values,
    run ?? '',
  );
  // A text that was a test text may have an answer of each time.
  const known = new Set(predicted);
  yield asSource([...known]);
  // Those without a prediction come last, in either direction.
  yield asSource(select(`${from} WHERE ${where}`, 'example.id', ...values).filter((id) => !known.has(id)));
}

/** The conditions, and that the index finds the example or cannot know it. */
function narrowed(conditions: Conditions, query: IndexQuery | null): Conditions {
  if (!query || (query.match === null && !query.none)) return conditions;
  const { where, values } = conditions;
  const found = query.match === null ? '' : 'example.id IN (SELECT rowid FROM example_search WHERE example_search MATCH ?) OR';
  return {
    ...conditions,
    where: `${where} AND (${found} example.id > ? OR example.id IN (SELECT example FROM long_example))`,
    values: [...values, ...(query.match === null ? [] : [query.match]), query.upTo],
  };
}
