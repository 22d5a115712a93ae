/** What a person says of one example: a label, labels or spans, that they skip it, a note, a doubt. */
import type { Database } from 'better-sqlite3';
import { isLabeled, type Annotation, type Example, type Remark, type Span, type Task } from '../../shared/domain.ts';
import { ThawError, type ErrorPlace } from '../../shared/errors.ts';
import { change } from './history.ts';
import { readExample } from './tables/examples.ts';
import { readProject } from './tables/project.ts';
import { storedAnnotation } from './tables/states.ts';

/** Throws wrong_format where the annotation does not fit the task or the text. Spans may overlap. */
export function checkAnnotation(
  { label, labels, spans }: Annotation,
  example: Pick<Example, 'id' | 'text'>,
  task: Task,
  place: ErrorPlace = { field: 'annotation' },
): void {
  const refuse = (message: string) => new ThawError({ code: 'wrong_format', message: `Example ${example.id}: ${message}`, place });
  if (task !== 'ner' && spans !== null) throw refuse('this project classifies whole texts and takes no spans.');
  if (task === 'ner' && (label !== null || labels !== undefined))
    throw refuse('this project marks spans and takes no label for the whole text.');
  if (task === 'classification' && labels !== undefined) throw refuse('this project gives a text one label and takes no list of them.');
  if (task === 'multilabel' && label !== null) throw refuse('this project gives a text several labels and takes a list of them.');
  for (const span of spans ?? [])
    if (span.end <= span.start || span.end > example.text.length)
      throw refuse(`the span ${span.start}–${span.end} is not inside the text.`);
}

/** Throws unknown_label, wrong_format. */
export function annotate(
  database: Database,
  annotator: string,
  { id, annotation, skipped }: { id: number; annotation: Annotation; skipped: boolean },
): Example {
  const before = readExample(database, id);
  checkAnnotation(annotation, before, readProject(database).task);
  change(database, annotator, titleOf(before, annotation, skipped), (changes) =>
    changes.example(id, { annotation: storedAnnotation(database, annotation), skipped }),
  );
  return readExample(database, id);
}

/** Throws internal for an id that is not there. */
export function remark(database: Database, annotator: string, { id, remark: { note, unsure } }: { id: number; remark: Remark }): Example {
  const before = readExample(database, id);
  const what = note !== (before.remark?.note ?? '') ? 'note on' : unsure ? 'doubt about' : 'no more doubt about';
  change(database, annotator, `${what} text ${id}`, (changes) =>
    changes.example(id, { remark: note === '' && !unsure ? null : { note, unsure } }),
  );
  return readExample(database, id);
}

function titleOf(before: Example, annotation: Annotation, skipped: boolean): string {
  const { label, labels, spans } = annotation;
  if (skipped && !before.skipped) return `skip of text ${before.id}`;
  if (!isLabeled(annotation)) return `no label for text ${before.id}`;
  if (spans) return spanTitle(before, spans);
  return `${saidOf(annotation)} ${label === null && !labels?.length ? 'to' : 'for'} text ${before.id}`;
}

/** An annotation in words. */
export function saidOf({ label, labels, spans }: Annotation): string {
  if (spans) return spans.length === 1 ? '1 span' : `${spans.length} spans`;
  if (label !== null) return `label “${label}”`;
  return labels?.length ? `labels ${labels.map((name) => `“${name}”`).join(', ')}` : '“none applies”';
}

function spanTitle({ id, text, annotation }: Example, spans: Span[]): string {
  const keyOf = ({ start, end, label }: Span) => `${start}/${end}/${label}`;
  const without = (some: Span[], others: Span[]) => {
    const known = new Set(others.map(keyOf));
    return some.filter((span) => !known.has(keyOf(span)));
  };
  const was = annotation.spans ?? [];
  const [added, removed] = [without(spans, was), without(was, spans)];
  const said = ({ start, end, label }: Span) => `“${text.slice(start, end)}” as ${label} in text ${id}`;
  if (added.length === 0 && removed.length === 0) return `“done” of text ${id}`;
  if (added.length === 1 && removed.length <= 1) return said(added[0]);
  if (added.length === 0 && removed.length === 1) return `removal of ${said(removed[0])}`;
  return `spans of text ${id}`;
}
