/** Labels of examples that a person has looked at again and says are right. */
import type { Database } from 'better-sqlite3';
import { ThawError } from '../../../shared/errors.ts';
import { learningExamples } from './learning.ts';

/** Labels by id, ascending, as text. */
export const labelsKey = (labels: readonly number[]): string => JSON.stringify([...labels].sort((a, b) => a - b));

/** Keeps that the example's present labels are right. @throws unavailable for one without labels */
export function confirmLabels(database: Database, annotator: string, example: number): void {
  const labels = learningExamples(database, [example]).at(0)?.labels ?? null;
  if (labels === null)
    throw new ThawError({ code: 'unavailable', message: `Text #${example} has no label to keep.`, remedy: 'Give it a label.' });
  database
    .prepare('INSERT OR REPLACE INTO confirmed_label (example, labels, annotator, at) VALUES (?, ?, ?, ?)')
    .run(example, labelsKey(labels), annotator, new Date().toISOString());
}

/** By example: the labels, as labelsKey has them. */
export function confirmedLabels(database: Database): Map<number, string> {
  const rows = database.prepare('SELECT example, labels FROM confirmed_label').all() as { example: number; labels: string }[];
  return new Map(rows.map(({ example, labels }) => [example, labels]));
}
