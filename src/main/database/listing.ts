/** The ids of the examples a filter lists, found a piece of some milliseconds at a time; the first are there long before the last. */
import type { Database } from 'better-sqlite3';
import type { ExampleFilter, ExampleSort } from '../../shared/filter.ts';
import { fold, hasTerms, searchTerms } from '../../shared/search.ts';
import type { SearchTerm } from '../../shared/search.ts';
import { Growing } from '../duplicates/index.ts';
import { conditionsOf } from './conditions.ts';
import type { Conditions, Value } from './conditions.ts';
import { Pattern } from './pattern.ts';
import { openSplits } from './tables/predictions.ts';
import { readWords } from './words.ts';
import type { WordList, WordQuery } from './words.ts';

const pieceMilliseconds = 12;

/** Which examples may be listed, in order: each time up to `limit` more of them; an empty answer ends it. */
interface Source {
  next: (limit: number) => Candidate[];
  /** Of candidates a piece, so that it takes some milliseconds. */
  most: number;
}

interface Candidate {
  id: number;
  /** Where the text has to be looked at. */
  text?: string;
}

/** Ids alone come by the thousand in a millisecond; texts have to be read, folded and looked through. */
const mostIds = 64_000;
const mostTexts = 1000;

export class Listing {
  readonly ids = new Growing(new Uint32Array(0));
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

  /** Works for some milliseconds, or until it is enough. */
  advance(isEnough: () => boolean): void {
    const until = performance.now() + pieceMilliseconds;
    while (!this.isComplete && !isEnough() && performance.now() < until) this.isComplete = this.#work.next().done === true;
  }
}

/** The list of words, read again when the index has gone on. */
export class KnownWords {
  #words: WordList | null = null;
  #reading: Generator<void, WordList> | null = null;

  /** Whoever asks while it is being read helps to read it. */
  *present(database: Database): Generator<void, WordList> {
    for (let known = this.#goodEnough(database); ; known = this.#goodEnough(database)) {
      known ??= this.#readOn(database);
      if (known) return known;
      yield;
    }
  }

  #goodEnough(database: Database): WordList | null {
    const { indexed, visible } = database.prepare('SELECT indexed_examples AS indexed, visible_examples AS visible FROM project').get() as {
      indexed: number;
      visible: number;
    };
    const known = this.#words;
    // While the index is being made, a list that misses little is good enough: the rest is looked through.
    return known && (known.upTo === indexed || (indexed < visible && indexed < 1.2 * known.upTo)) ? known : null;
  }

  /** The list once its last piece is read. */
  #readOn(database: Database): WordList | null {
    const reading = (this.#reading ??= readWords(database));
    this.#reading = null;
    const piece = reading.next();
    if (piece.done) return (this.#words = piece.value);
    this.#reading = reading;
    return null;
  }
}

interface Work {
  terms: SearchTerm[];
  pattern: Pattern | null;
  conditions: Conditions;
  sort: ExampleSort;
  words: KnownWords;
  ids: Growing<Uint32Array>;
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
function everyId(database: Database, descending: boolean, ids: Growing<Uint32Array>): void {
  const visible = database.prepare('SELECT visible_examples FROM project').pluck().get() as number;
  const deleted = deletedOnes(database);
  for (let index = 0; index < visible; index++) {
    const id = descending ? visible - index : index + 1;
    if (!deleted.has(id)) ids.push(id);
  }
}

const deletedOnes = (database: Database) => new Set(database.prepare('SELECT id FROM example WHERE deleted = 1').pluck().all() as number[]);

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
  for (let limit = 250; ; limit = Math.min(4 * limit, source.most)) {
    const candidates = source.next(limit);
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
  const next = (limit: number) => {
    const rows = select.all(...values, last, limit) as Candidate[];
    last = rows.at(-1)?.id ?? last;
    return rows;
  };
  return { next, most: withText ? mostTexts : mostIds };
}

/** The texts too long for the index, up to `upTo`. */
function longOnes(database: Database, { from, where, values }: Conditions, upTo: number): Source {
  const select = database.prepare(
    `SELECT example.id, example.text ${from} WHERE ${where} AND example.id IN (SELECT example FROM long_example) AND example.id > ? AND example.id <= ?
      ORDER BY example.id LIMIT ?`,
  );
  let last = 0;
  const next = (limit: number) => {
    const rows = select.all(...values, last, upTo, limit) as Candidate[];
    last = rows.at(-1)?.id ?? last;
    return rows;
  };
  return { next, most: 10 };
}

/** What the index finds, and among it the long texts, which it does not have. */
function fromIndex(database: Database, conditions: Conditions, { upTo }: IndexQuery, match: string, withText: boolean): Source {
  const nextFound = indexed(database, conditions, match, upTo);
  const textOf = database.prepare('SELECT text FROM example WHERE id = ?').pluck();
  const nextLong = longOnes(database, conditions, upTo).next;
  let found: number[] = [];
  let at = 0;
  let long = nextLong(1);
  const next = (limit: number) => {
    if (at === found.length) [found, at] = [nextFound(), 0];
    const piece = found.slice(at, at + limit);
    at += piece.length;
    const last = piece.at(-1) ?? upTo;
    const candidates: Candidate[] = piece.map((id) => (withText ? { id, text: textOf.get(id) as string } : { id }));
    const before = candidates.length;
    for (; long.length > 0 && long[0].id <= last; long = nextLong(1)) candidates.push(long[0]);
    return candidates.length === before ? candidates : candidates.sort((a, b) => a.id - b.id);
  };
  return { next, most: withText ? mostTexts : mostIds };
}

/**
 * The ids up to `upTo` that match, in growing pieces: each piece goes through what the index finds before it. Where nothing else is asked for, the
 * examples themselves, which are much more to read than the index, are left alone.
 */
function indexed(database: Database, { where, values, isEverything }: Conditions, match: string, upTo: number): () => number[] {
  const examples = isEverything ? '' : 'CROSS JOIN example ON example.id = example_search.rowid';
  const select = database
    .prepare(
      `SELECT example_search.rowid FROM example_search ${examples} WHERE example_search MATCH ? AND example_search.rowid > ?
        AND example_search.rowid <= ? AND ${isEverything ? 'true' : where} ORDER BY example_search.rowid LIMIT ?`,
    )
    .pluck();
  const deleted = isEverything ? deletedOnes(database) : null;
  let last = 0;
  let limit = 250;
  return () => {
    while (last < upTo) {
      const found = select.all(match, last, upTo, ...(isEverything ? [] : values), limit) as number[];
      last = found.length < limit ? upTo : (found.at(-1) as number);
      limit = Math.min(4 * limit, mostIds);
      const kept = deleted?.size ? found.filter((id) => !deleted.has(id)) : found;
      if (kept.length > 0) return kept;
    }
    return [];
  };
}

/** In another order, or of predictions: all ids at once, whose texts are looked at piece by piece. */
function* inOrder(database: Database, { conditions, sort, terms, pattern }: Work, query: IndexQuery | null): Generator<Source> {
  const { from, where, values } = narrowed(conditions, query);
  const text = database.prepare('SELECT text FROM example WHERE id = ?').pluck();
  const withText = terms.length > 0 || pattern !== null;
  const asSource = (ids: number[]): Source => {
    let at = 0;
    const next = (limit: number) => {
      const piece = ids.slice(at, at + limit);
      at += piece.length;
      return piece.map((id) => (withText ? { id, text: text.get(id) as string } : { id }));
    };
    return { next, most: withText ? mostTexts : mostIds };
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
