/** The log of all that was changed: append-only events, grouped in batches that undo and redo move over. */
import type { Database } from 'better-sqlite3';
import type { LabelChange } from './labels.ts';
import type { ExampleChange } from './states.ts';

/** What happened to one example or one label. */
export type LoggedEvent =
  { example: number; before: ExampleChange; after: ExampleChange } | { label: number; before: LabelChange; after: LabelChange };

/** What is said of a batch. */
export interface BatchRow {
  id: number;
  /** A noun phrase, such as 'label “Billing” of text 12'. */
  title: string;
}

export type ActionKind = 'do' | 'undo' | 'redo';

/** A new batch; what was undone before can no longer be redone. */
export function addBatch(database: Database, title: string): number {
  database.prepare("UPDATE batch SET state = 'dropped' WHERE state = 'undone'").run();
  return Number(database.prepare("INSERT INTO batch (state, title) VALUES ('done', ?)").run(title).lastInsertRowid);
}

/** Notes that the batch was done, undone or redone, and by whom. */
export function addAction(database: Database, batch: number, kind: ActionKind, annotator: string): void {
  database
    .prepare('INSERT INTO action (batch, kind, at, annotator) VALUES (?, ?, ?, ?)')
    .run(batch, kind, new Date().toISOString(), annotator);
}

/** Writes events of a batch; prepared once, since a batch may have very many. */
export function eventWriter(database: Database, batch: number): (event: LoggedEvent) => void {
  const insert = database.prepare('INSERT INTO event (batch, example, label, before, after) VALUES (?, ?, ?, ?, ?)');
  return (event) => {
    const [example, label] = 'example' in event ? [event.example, null] : [null, event.label];
    insert.run(batch, example, label, JSON.stringify(event.before), JSON.stringify(event.after));
  };
}

/** The batch that undo takes next, or null. */
export function lastDone(database: Database): BatchRow | null {
  return (database.prepare("SELECT id, title FROM batch WHERE state = 'done' ORDER BY id DESC LIMIT 1").get() as BatchRow) ?? null;
}

/** The batch that redo takes next, or null. */
export function firstUndone(database: Database): BatchRow | null {
  return (database.prepare("SELECT id, title FROM batch WHERE state = 'undone' ORDER BY id LIMIT 1").get() as BatchRow) ?? null;
}

export function markBatch(database: Database, batch: number, state: 'done' | 'undone' | 'dropped'): void {
  database.prepare('UPDATE batch SET state = ? WHERE id = ?').run(state, batch);
}

/** Notes that a step over the batch has begun which takes more than one transaction. */
export function beginLongStep(database: Database, batch: number, kind: ActionKind): void {
  database.prepare('INSERT OR REPLACE INTO long_step (batch, kind) VALUES (?, ?)').run(batch, kind);
}

export function endLongStep(database: Database, batch: number): void {
  database.prepare('DELETE FROM long_step WHERE batch = ?').run(batch);
}

/** The step that ended with its host, and who took it; null where none did. */
export function cutOffStep(database: Database): { batch: number; kind: ActionKind; annotator: string } | null {
  const step = database
    .prepare(
      `SELECT long_step.batch, long_step.kind, (SELECT annotator FROM action WHERE action.batch = long_step.batch ORDER BY id DESC LIMIT 1) AS annotator
        FROM long_step`,
    )
    .get() as { batch: number; kind: ActionKind; annotator: string } | undefined;
  return step ?? null;
}

export function touchesLabels(database: Database, batch: number): boolean {
  // The few events of labels have an index of their own; a batch may have very many others.
  return database.prepare('SELECT 1 FROM event WHERE label IS NOT NULL AND +batch = ? LIMIT 1').get(batch) !== undefined;
}

/** How many events the batch has, counted up to `most`. */
export function countEvents(database: Database, batch: number, most: number): number {
  return database.prepare('SELECT count(*) FROM (SELECT 1 FROM event WHERE batch = ? LIMIT ?)').pluck().get(batch, most) as number;
}

/** The events of the batch, in their order or the last first; read one by one. */
export function* batchEvents(database: Database, batch: number, lastFirst: boolean): Generator<LoggedEvent> {
  // A piece at a time, since no statement may write while another one is read through.
  const piece = database.prepare(
    `SELECT id, example, label, before, after FROM event WHERE batch = ? AND id ${lastFirst ? '<' : '>'} ? ORDER BY id ${lastFirst ? 'DESC' : ''} LIMIT 1000`,
  );
  let at = lastFirst ? Number.MAX_SAFE_INTEGER : 0;
  for (;;) {
    const rows = piece.all(batch, at) as { id: number; example: number | null; label: number | null; before: string; after: string }[];
    for (const { example, label, before, after } of rows) {
      if (example !== null) yield { example, before: JSON.parse(before) as ExampleChange, after: JSON.parse(after) as ExampleChange };
      else if (label !== null) yield { label, before: JSON.parse(before) as LabelChange, after: JSON.parse(after) as LabelChange };
    }
    if (rows.length === 0) return;
    at = rows[rows.length - 1].id;
  }
}
