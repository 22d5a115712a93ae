/**
 * Whatever a person changes goes through here: `change` does it and logs it as one batch, `undo` and `redo` move over the batches, without
 * limit and across restarts. A change after an undo cuts off what could have been redone; the log keeps it. Each call is one transaction:
 * once it returns, it is on disk.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { HistoryStep } from '../../shared/domain.ts';
import type { CallContext } from './operations.ts';
import {
  addAction,
  addBatch,
  batchEvents,
  beginLongStep,
  countEvents,
  cutOffStep,
  endLongStep,
  eventWriter,
  firstUndone,
  lastDone,
  markBatch,
  touchesLabels,
} from './tables/events.ts';
import type { BatchRow, LoggedEvent } from './tables/events.ts';
import { readExamples } from './tables/examples.ts';
import { noLabel, readLabel, storeLabel } from './tables/labels.ts';
import type { LabelChange } from './tables/labels.ts';
import { exampleStates } from './tables/states.ts';
import type { ExampleChange } from './tables/states.ts';
import { isTestLocked, testGuard } from './test-lock.ts';

export interface Changes {
  /** Fields left out stay as they are; what changes nothing is not logged. Ids come from the database. */
  example(id: number, after: ExampleChange): void;
  label(id: number, after: LabelChange): void;
}

/** One batch of changes. `title`: a noun phrase that completes 'Undone: '. False where nothing changed, and then nothing is logged. */
export function change(database: Database, annotator: string, title: string, work: (changes: Changes) => void): boolean {
  return database
    .transaction(() => {
      let batch: number | null = null;
      let write: (event: LoggedEvent) => void;
      const log = (event: LoggedEvent) => {
        if (batch === null) write = eventWriter(database, (batch = addBatch(database, title)));
        write(event);
      };
      work(recorder(database, log));
      if (batch !== null) addAction(database, batch, 'do', annotator);
      return batch !== null;
    })
    .immediate();
}

function recorder(database: Database, log: (event: LoggedEvent) => void): Changes {
  const states = exampleStates(database);
  const guard = testGuard(database);
  return {
    example(id, given) {
      // A label given otherwise is no approved suggestion any more.
      const after = given.annotation && given.approval === undefined ? { ...given, approval: null } : given;
      const before = states.read(id, after);
      const fields = (Object.keys(after) as (keyof ExampleChange)[]).filter((field) => differs(before[field], after[field]));
      if (fields.length === 0) return;
      const of = (state: ExampleChange) => Object.fromEntries(fields.map((field) => [field, state[field]])) as ExampleChange;
      guard(id, of(after));
      states.write(id, of(after));
      log({ example: id, before: of(before), after: of(after) });
    },
    label(id, after) {
      const before = isThere(database, id) ? readLabel(database, id) : noLabel;
      if (!differs(before, after)) return;
      storeLabel(database, id, after);
      log({ label: id, before, after });
    },
  };
}

const isThere = (database: Database, id: number) => database.prepare('SELECT 1 FROM label WHERE id = ?').get(id) !== undefined;

/**
 * One batch that is made in pieces, each a transaction of its own, so that others are served meanwhile; the caller keeps others from changing
 * anything, and ends it by `finish` or `takeBack`. Of one that a crash cut off the next opening leaves nothing.
 */
export class LongChange {
  /** Examples it has changed. */
  changed = 0;
  readonly #database: Database;
  readonly #annotator: string;
  readonly #title: string;
  #batch: number | null = null;

  constructor(database: Database, annotator: string, title: string) {
    this.#database = database;
    this.#annotator = annotator;
    this.#title = title;
  }

  piece(work: (changes: Changes) => void): void {
    const before = { batch: this.#batch, changed: this.changed };
    try {
      this.#database.transaction(() => this.#record(work)).immediate();
    } catch (error) {
      // What a failed piece had begun is rolled back with it.
      this.#batch = before.batch;
      this.changed = before.changed;
      throw error;
    }
  }

  #record(work: (changes: Changes) => void): void {
    let write: ((event: LoggedEvent) => void) | null = null;
    const log = (event: LoggedEvent) => {
      write ??= eventWriter(this.#database, this.#begun());
      write(event);
      this.changed++;
    };
    work(recorder(this.#database, log));
  }

  #begun(): number {
    if (this.#batch === null) {
      this.#batch = addBatch(this.#database, this.#title);
      addAction(this.#database, this.#batch, 'do', this.#annotator);
      beginLongStep(this.#database, this.#batch, 'do');
    }
    return this.#batch;
  }

  finish(): void {
    if (this.#batch !== null) endLongStep(this.#database, this.#batch);
  }

  /** Makes it as if it had not been begun. */
  async takeBack(): Promise<void> {
    if (this.#batch === null) return;
    const batch = { id: this.#batch, title: this.#title };
    await applyInPieces(this.#database, batch, true, () => {
      markBatch(this.#database, batch.id, 'dropped');
      addAction(this.#database, batch.id, 'undo', this.#annotator);
    });
  }
}

/** Examples of a piece of a long change: some milliseconds. */
const pieceExamples = 200;

/**
 * One batch over many examples, made in pieces; how many it changed. Cancelled, or ended by a failure, it changes none. Throws the signal's reason
 * and what `step` throws.
 */
export async function changeInPieces(
  database: Database,
  annotator: string,
  { title, ids, step }: { title: string; ids: Uint32Array; step: (id: number, changes: Changes) => void },
  { signal, progress }: CallContext<{ done: number; total: number }>,
): Promise<number> {
  const long = new LongChange(database, annotator, title);
  try {
    for (let at = 0; at < ids.length; at += pieceExamples) {
      signal.throwIfAborted();
      long.piece((changes) => {
        for (const id of ids.subarray(at, at + pieceExamples)) step(id, changes);
      });
      progress({ done: Math.min(ids.length, at + pieceExamples), total: ids.length });
      await nextTurn();
    }
    long.finish();
    return long.changed;
  } catch (error) {
    await long.takeBack();
    throw error;
  }
}

/** Both were written with the same order of keys. */
const differs = (before: unknown, after: unknown) => JSON.stringify(before) !== JSON.stringify(after);

/** Takes back the last batch. */
export function undo(database: Database, annotator: string): HistoryStep {
  return move(database, annotator, 'undo');
}

/** Does again what was undone last. */
export function redo(database: Database, annotator: string): HistoryStep {
  return move(database, annotator, 'redo');
}

/** Whether the next step changes labels themselves, which an import under way counts on. */
export function nextTouchesLabels(database: Database, kind: 'undo' | 'redo'): boolean {
  const batch = kind === 'undo' ? lastDone(database) : firstUndone(database);
  return batch !== null && touchesLabels(database, batch.id);
}

function move(database: Database, annotator: string, kind: 'undo' | 'redo'): HistoryStep {
  const back = kind === 'undo';
  return database
    .transaction(() => {
      const batch = back ? lastDone(database) : firstUndone(database);
      if (!batch) return { title: null, example: null, examples: 0, labels: false };
      const touched = apply(database, batchEvents(database, batch.id, back), back);
      markBatch(database, batch.id, back ? 'undone' : 'done');
      addAction(database, batch.id, kind, annotator);
      const { examples, first, labels } = touched;
      return { title: batch.title, example: seen(database, first), examples, labels };
    })
    .immediate();
}

/** Null for one that was deleted. */
const seen = (database: Database, id: number | null) => (id === null ? null : (readExamples(database, [id])[0] ?? null));

/** Events a piece. */
const pieceEvents = 300;

/** Whether the batch that undo or redo takes next has so many events that it has to be taken in pieces. */
export function isLong(database: Database, kind: 'undo' | 'redo'): boolean {
  const batch = kind === 'undo' ? lastDone(database) : firstUndone(database);
  return batch !== null && countEvents(database, batch.id, pieceEvents + 1) > pieceEvents;
}

/**
 * Like undo and redo, in pieces; the caller keeps others from changing anything. Of one that a crash cut off the next opening leaves nothing.
 * Throws test_locked before the first piece.
 */
export async function moveInPieces(database: Database, annotator: string, kind: 'undo' | 'redo'): Promise<HistoryStep> {
  const back = kind === 'undo';
  const batch = back ? lastDone(database) : firstUndone(database);
  if (!batch) return { title: null, example: null, examples: 0, labels: false };
  const guard = testGuard(database);
  if (isTestLocked(database))
    for (const event of batchEvents(database, batch.id, back))
      if ('example' in event) guard(event.example, back ? event.before : event.after);
  beginLongStep(database, batch.id, kind);
  const { examples, first, labels } = await applyInPieces(database, batch, back, () => {
    markBatch(database, batch.id, back ? 'undone' : 'done');
    addAction(database, batch.id, kind, annotator);
  });
  return { title: batch.title, example: seen(database, first), examples, labels };
}

/** `end` belongs to the last piece's transaction, and so does the end of a long step. */
async function applyInPieces(database: Database, { id }: BatchRow, back: boolean, end: () => void): Promise<Touched> {
  const touched = noTouch();
  const events = batchEvents(database, id, back);
  for (let isLast = false; !isLast; await nextTurn()) {
    const piece: LoggedEvent[] = [];
    for (let next = events.next(); !next.done; next = events.next()) if (piece.push(next.value) === pieceEvents) break;
    isLast = piece.length < pieceEvents;
    database
      .transaction(() => {
        apply(database, piece, back, touched);
        if (!isLast) return;
        end();
        endLongStep(database, id);
      })
      .immediate();
  }
  return touched;
}

/**
 * Brings what a long step that was cut off has changed back to what it was before it. The events say all of a state, so that those which were
 * not reached yet may be applied too.
 */
export function takeBackLongStep(database: Database): void {
  const step = cutOffStep(database);
  if (!step) return;
  const { batch, kind, annotator } = step;
  const back = kind !== 'undo';
  apply(database, batchEvents(database, batch, back), back, noTouch(), () => {});
  if (kind === 'do') {
    markBatch(database, batch, 'dropped');
    addAction(database, batch, 'undo', annotator);
  }
  endLongStep(database, batch);
}

interface Touched {
  examples: number;
  first: number | null;
  labels: boolean;
}

const noTouch = (): Touched => ({ examples: 0, first: null, labels: false });

function apply(
  database: Database,
  events: Iterable<LoggedEvent>,
  back: boolean,
  touched: Touched = noTouch(),
  guard: ReturnType<typeof testGuard> = testGuard(database),
): Touched {
  const states = exampleStates(database);
  for (const event of events) {
    if ('example' in event) {
      guard(event.example, back ? event.before : event.after);
      states.write(event.example, back ? event.before : event.after);
      touched.examples++;
      touched.first = Math.min(touched.first ?? event.example, event.example);
    } else {
      storeLabel(database, event.label, back ? event.before : event.after);
      touched.labels = true;
    }
  }
  return touched;
}
