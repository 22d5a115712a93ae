/**
 * Whatever a person changes goes through here: `change` does it and logs it as one batch, `undo` and `redo` move over the batches, without
 * limit and across restarts. A change after an undo cuts off what could have been redone; the log keeps it. Each call is one transaction:
 * once it returns, it is on disk.
 */
import type { Database } from 'better-sqlite3';
import type { HistoryStep } from '../../shared/domain.ts';
import { addAction, addBatch, batchEvents, eventWriter, firstUndone, lastDone, markBatch, touchesLabels } from './tables/events.ts';
import type { BatchRow, LoggedEvent } from './tables/events.ts';
import { readExample } from './tables/examples.ts';
import { noLabel, readLabel, storeLabel } from './tables/labels.ts';
import type { LabelChange } from './tables/labels.ts';
import { exampleStates } from './tables/states.ts';
import type { ExampleChange } from './tables/states.ts';

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
  return {
    example(id, after) {
      const before = states.read(id, after);
      const fields = (Object.keys(after) as (keyof ExampleChange)[]).filter((field) => differs(before[field], after[field]));
      if (fields.length === 0) return;
      const of = (state: ExampleChange) => Object.fromEntries(fields.map((field) => [field, state[field]])) as ExampleChange;
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
      const touched = apply(database, batch, back);
      markBatch(database, batch.id, back ? 'undone' : 'done');
      addAction(database, batch.id, kind, annotator);
      const { examples, first, labels } = touched;
      return { title: batch.title, example: first === null ? null : readExample(database, first), examples, labels };
    })
    .immediate();
}

function apply(database: Database, { id }: BatchRow, back: boolean): { examples: number; first: number | null; labels: boolean } {
  const states = exampleStates(database);
  const touched = { examples: 0, first: null as number | null, labels: false };
  for (const event of batchEvents(database, id, back)) {
    if ('example' in event) {
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
