/** Labels of examples that a person has looked at again and says are right. */
import type { Database } from 'better-sqlite3';
import { ThawError } from '../../../shared/errors.ts';
import { learningExamples, type LearningExample } from './learning.ts';

/** What is said of an example, the same for the same: labels by id, ascending; of entities its spans in text order. */
export function labelsKey({ labels, spans }: Pick<LearningExample, 'labels' | 'spans'>): string {
  if (spans)
    return JSON.stringify(
      spans.map(({ start, end, label }) => [start, end, label]).sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]),
    );
  return JSON.stringify([...(labels ?? [])].sort((a, b) => a - b));
}

/** Keeps that the example's present labels are right. @throws unavailable for one without labels */
export function confirmLabels(database: Database, annotator: string, example: number): void {
  const [found] = learningExamples(database, [example]);
  if (!found || found.labels === null)
    throw new ThawError({ code: 'unavailable', message: `Text #${example} has no label to keep.`, remedy: 'Give it a label.' });
  database
    .prepare('INSERT OR REPLACE INTO confirmed_label (example, labels, annotator, at) VALUES (?, ?, ?, ?)')
    .run(example, labelsKey(found), annotator, new Date().toISOString());
}

/** By example: the labels, as labelsKey has them. */
export function confirmedLabels(database: Database): Map<number, string> {
  const rows = database.prepare('SELECT example, labels FROM confirmed_label').all() as { example: number; labels: string }[];
  return new Map(rows.map(({ example, labels }) => [example, labels]));
}
