/** The one row that says what this project is. */
import { randomUUID } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { Split, Task } from '../../../shared/domain.ts';

export interface ProjectRow {
  name: string;
  task: Task;
  attribution: string | null;
  /** Examples with a higher id belong to an unfinished import. */
  visibleExamples: number;
  /** Splits that an import named. */
  givenSplits: Split[];
}

export function insertProject(database: Database, { name, task, attribution }: { name: string; task: Task; attribution?: string }): void {
  database
    .prepare('INSERT INTO project (id, name, task, attribution, created_at, identity) VALUES (1, ?, ?, ?, ?, ?)')
    .run(name, task, attribution ?? null, new Date().toISOString(), randomUUID().replaceAll('-', ''));
}

export function readProject(database: Database): ProjectRow {
  const row = database
    .prepare('SELECT name, task, attribution, visible_examples AS visibleExamples, given_splits AS givenSplits FROM project')
    .get() as Omit<ProjectRow, 'givenSplits'> & {
    givenSplits: string;
  };
  return { ...row, givenSplits: JSON.parse(row.givenSplits) as Split[] };
}

export function showExamples(database: Database, visibleExamples: number, givenSplits: Split[]): void {
  database.prepare('UPDATE project SET visible_examples = ?, given_splits = ?').run(visibleExamples, JSON.stringify(givenSplits));
}
