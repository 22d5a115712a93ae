/** Annotating, and undo and redo from the event log. Each call is one synchronous transaction: once it returns, it is on disk. */
import { userInfo } from 'node:os';
import type { Database } from 'better-sqlite3';
import type { Annotation, Example, Span, Task } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import { addBatch, addEvent, batchEvents, firstUndone, lastDone, markBatch } from './tables/events.ts';
import type { AnnotationEvent, AnnotationState, EventKind } from './tables/events.ts';
import { readExample, storeAnnotation } from './tables/examples.ts';
import { readProject } from './tables/project.ts';

function annotator(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an account has no name.
    return String(process.getuid?.() ?? 'unknown');
  }
}

/** Throws wrong_format where the annotation does not fit the task or the text. */
function checkAnnotation({ label, labels, spans }: Annotation, example: Example, task: Task): void {
  const refuse = (message: string) =>
    new ThawError({ code: 'wrong_format', message: `Example ${example.id}: ${message}`, place: { field: 'annotation' } });
  if (task !== 'ner' && spans !== null) throw refuse('this project classifies whole texts and takes no spans.');
  if (task === 'ner' && (label !== null || labels !== undefined))
    throw refuse('this project marks spans and takes no label for the whole text.');
  if (task === 'classification' && labels !== undefined) throw refuse('this project gives a text one label and takes no list of them.');
  if (task === 'multilabel' && label !== null) throw refuse('this project gives a text several labels and takes a list of them.');
  let end = 0;
  for (const span of spans ?? []) {
    if (span.end <= span.start || span.end > example.text.length)
      throw refuse(`the span ${span.start}–${span.end} is not inside the text.`);
    if (span.start < end) throw refuse(`the span at ${span.start} overlaps the one before it.`);
    end = span.end;
  }
}

const inOrder = (spans: Span[] | null) => spans && [...spans].sort((a, b) => a.start - b.start);

/** Throws unknown_label, wrong_format. */
export function annotate(
  database: Database,
  { id, annotation, skipped }: { id: number; annotation: Annotation; skipped: boolean },
): Example {
  const write = database.transaction(() => {
    const example = readExample(database, id);
    const sorted = { ...annotation, spans: inOrder(annotation.spans) };
    checkAnnotation(sorted, example, readProject(database).task);
    const before: AnnotationState = { annotation: example.annotation, skipped: example.skipped };
    storeAnnotation(database, id, sorted, skipped);
    addEvent(database, addBatch(database), 'annotate', { example: id, before, after: { annotation: sorted, skipped } }, annotator());
    return readExample(database, id);
  });
  return write.immediate();
}

function apply(database: Database, batch: number, kind: Exclude<EventKind, 'annotate'>, events: AnnotationEvent[]): Example {
  for (const event of events) {
    storeAnnotation(database, event.example, event.after.annotation, event.after.skipped);
    addEvent(database, batch, kind, event, annotator());
  }
  markBatch(database, batch, kind === 'undo' ? 'undone' : 'done');
  return readExample(database, events[events.length - 1].example);
}

/** Takes back the last batch; the example it went back to, or null when there is nothing to undo. */
export function undo(database: Database): Example | null {
  const write = database.transaction(() => {
    const batch = lastDone(database);
    if (batch === null) return null;
    const events = batchEvents(database, batch).toReversed();
    return apply(
      database,
      batch,
      'undo',
      events.map(({ example, before, after }) => ({ example, before: after, after: before })),
    );
  });
  return write.immediate();
}

/** Does again what was undone last; null when there is nothing. */
export function redo(database: Database): Example | null {
  const write = database.transaction(() => {
    const batch = firstUndone(database);
    return batch === null ? null : apply(database, batch, 'redo', batchEvents(database, batch));
  });
  return write.immediate();
}
