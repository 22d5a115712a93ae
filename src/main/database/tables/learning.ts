/** What learning beside a person has to know of a project: which texts there are to learn from, and which of them changed. */
import type { Database } from 'better-sqlite3';
import type { Split, Task } from '../../../shared/domain.ts';
import { shown } from './examples.ts';
import { readProject } from './project.ts';

/** Where the project's history is: grows with every change of an example or a label, with undo and redo, and with imports. */
export interface ChangeMark {
  /** The last event: also of a batch that is made in pieces. */
  event: number;
  /** The last thing done: undo and redo bring no events. */
  action: number;
  /** Examples up to this id are seen. */
  visible: number;
}

const mark = `SELECT (SELECT coalesce(max(id), 0) FROM event) AS event, (SELECT coalesce(max(id), 0) FROM action) AS action,
  (SELECT visible_examples FROM project) AS visible`;

export const readMark = (database: Database): ChangeMark => database.prepare(mark).get() as ChangeMark;

export interface Changed {
  mark: ChangeMark;
  /** Examples that were changed since; imported ones are those above the former mark's `visible`. */
  ids: number[];
}

/** What has happened since a mark. */
export function changedSince(database: Database, since: ChangeMark): Changed {
  return database.transaction(() => {
    const now = readMark(database);
    const ids = database
      .prepare(
        `SELECT example FROM event WHERE id > $event AND example IS NOT NULL
         UNION SELECT event.example FROM event WHERE event.example IS NOT NULL
           AND event.batch IN (SELECT batch FROM action WHERE id > $action AND kind <> 'do')`,
      )
      .pluck()
      .all({ event: since.event, action: since.action }) as number[];
    return { mark: now, ids: ids.filter((id) => id <= since.visible) };
  })();
}

export interface TrainingIds {
  labeled: number[];
  /** Those that wait to be labeled. */
  open: number[];
}

/** Training texts with ids above `after` up to `last`, by id; skipped ones are left out. */
export function trainingIds(database: Database, after: number, last: number): TrainingIds {
  const select = (condition: string) =>
    database
      .prepare(`SELECT id FROM example WHERE id > ? AND id <= ? AND split = 'train' AND deleted = 0 AND ${condition} ORDER BY id`)
      .pluck()
      .all(after, last) as number[];
  return { labeled: select('annotated = 1'), open: select('annotated = 0 AND skipped = 0') };
}

/** An example as learning sees it, with labels by id. */
export interface LearningExample {
  id: number;
  text: string;
  /** The same for the same text. */
  textHash: string;
  split: Split;
  /** Null: not labeled. Of entities those of its spans, each once. */
  labels: number[] | null;
  /** Entities of a labeled text; null: it is not labeled, or the task is another. */
  spans: LearningSpan[] | null;
  pretokenized: boolean;
  skipped: boolean;
}
/** UTF-16 offsets, and the label by id. */
export interface LearningSpan {
  start: number;
  end: number;
  label: number;
}

/** As they are now, in the order of `ids`; those that are not there, or deleted, are left out. */
export function learningExamples(database: Database, ids: readonly number[]): LearningExample[] {
  const { task } = readProject(database);
  const select = database.prepare(
    `SELECT id, text, hex(text_hash) AS textHash, split, annotated, label, pretokenized, skipped FROM example WHERE id = ? AND ${shown}`,
  );
  const several = database.prepare('SELECT label FROM text_label WHERE example = ? ORDER BY label').pluck();
  const marked = database.prepare('SELECT start, end, label FROM span WHERE example = ? ORDER BY start, end, label');
  type Row = Pick<LearningExample, 'id' | 'text' | 'textHash' | 'split'> & {
    annotated: number;
    label: number | null;
    pretokenized: number;
    skipped: number;
  };
  const spansOf = ({ id, annotated }: Row) => (annotated && task === 'ner' ? (marked.all(id) as LearningSpan[]) : null);
  const labelsOf = ({ id, annotated, label }: Row): number[] | null =>
    givenLabels(task, annotated, label, () => several.all(id) as number[]);
  return ids.flatMap((id) => {
    const row = select.get(id) as Row | undefined;
    if (!row) return [];
    const { text, textHash, split, skipped, pretokenized } = row;
    const spans = spansOf(row);
    const labels = spans ? [...new Set(spans.map(({ label }) => label))].sort((a, b) => a - b) : labelsOf(row);
    return { id, text, textHash, split, labels, spans, pretokenized: pretokenized === 1, skipped: skipped === 1 };
  });
}

/** The labels of an example, as `label` and `several` name them; null: it has none, as of entities. */
export function givenLabels<T>(task: Task, annotated: number, label: T | null, several: () => T[]): T[] | null {
  if (!annotated || task === 'ner') return null;
  return task === 'multilabel' ? several() : label === null ? null : [label];
}

/** Ids and names, in the project's order. */
export function labelNames(database: Database): { id: number; name: string }[] {
  return database.prepare('SELECT id, name FROM label WHERE pending = 0 ORDER BY position, id').all() as { id: number; name: string }[];
}

/** What decides who suggests: a run, or the head that learns meanwhile. */
export interface SuggestionFacts {
  text: string;
  pretokenized: boolean;
  split: Split;
  isLabeled: boolean;
  /** Labeled texts in the project. */
  labeled: number;
  /** And when the run was made; 0 without one. */
  labeledForRun: number;
}

/** By the index that counts use, which has all but what is deleted: of that there is little. */
function countLabeled(database: Database): number {
  const count = (where: string) =>
    database.prepare(`SELECT count(*) FROM example WHERE annotated = 1 AND ${where}`).pluck().get() as number;
  const all = count("split IN ('train', 'validation', 'test') AND id <= (SELECT visible_examples FROM project)");
  return all - count('deleted = 1');
}

/** Null for an example that is not there. */
export function suggestionFacts(database: Database, example: number, run: string | null): SuggestionFacts | null {
  const row = database.prepare(`SELECT text, pretokenized, split, annotated FROM example WHERE id = ? AND ${shown}`).get(example) as
    { text: string; pretokenized: number; split: Split; annotated: number } | undefined;
  if (!row) return null;
  const labeled = countLabeled(database);
  const seen = database.prepare('SELECT snapshot.examples FROM run JOIN snapshot ON snapshot.hash = run.snapshot WHERE run.id = ?').pluck();
  const labeledForRun = run === null ? 0 : ((seen.get(run) as number | undefined) ?? 0);
  const { text, split } = row;
  return { text, pretokenized: row.pretokenized === 1, split, isLabeled: row.annotated === 1, labeled, labeledForRun };
}
