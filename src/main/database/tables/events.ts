/** The annotation log: append-only events, grouped in batches that undo and redo move over. */
import type { Database } from 'better-sqlite3';
import type { Annotation } from '../../../shared/domain.ts';

/** What an event says of an example, before and after. */
export interface AnnotationState {
  annotation: Annotation;
  skipped: boolean;
}

export interface AnnotationEvent {
  example: number;
  before: AnnotationState;
  after: AnnotationState;
}

export type EventKind = 'annotate' | 'undo' | 'redo';

/** A new batch; what was undone before can no longer be redone. */
export function addBatch(database: Database): number {
  database.prepare("UPDATE batch SET state = 'dropped' WHERE state = 'undone'").run();
  return Number(database.prepare("INSERT INTO batch (state) VALUES ('done')").run().lastInsertRowid);
}

export function addEvent(
  database: Database,
  batch: number,
  kind: EventKind,
  { example, before, after }: AnnotationEvent,
  annotator: string,
): void {
  database
    .prepare('INSERT INTO event (batch, kind, example, before, after, at, annotator) VALUES (?, ?, ?, ?, ?, ?, ?)')
    .run(batch, kind, example, JSON.stringify(before), JSON.stringify(after), new Date().toISOString(), annotator);
}

/** The batch that undo takes next, or null. */
export function lastDone(database: Database): number | null {
  return (database.prepare("SELECT max(id) AS id FROM batch WHERE state = 'done'").get() as { id: number | null }).id;
}

/** The batch that redo takes next, or null. */
export function firstUndone(database: Database): number | null {
  return (database.prepare("SELECT min(id) AS id FROM batch WHERE state = 'undone'").get() as { id: number | null }).id;
}

export function markBatch(database: Database, batch: number, state: 'done' | 'undone'): void {
  database.prepare('UPDATE batch SET state = ? WHERE id = ?').run(state, batch);
}

/** The events that made the batch, in their order. */
export function batchEvents(database: Database, batch: number): AnnotationEvent[] {
  const rows = database
    .prepare("SELECT example, before, after FROM event WHERE batch = ? AND kind = 'annotate' ORDER BY id")
    .all(batch) as { example: number; before: string; after: string }[];
  return rows.map(({ example, before, after }) => ({
    example,
    before: JSON.parse(before) as AnnotationState,
    after: JSON.parse(after) as AnnotationState,
  }));
}
