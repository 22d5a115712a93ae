/** Changes of many examples at once, each one batch that can be undone: what the doctor mends, and splits drawn anew. */
import type { Database } from 'better-sqlite3';
import { countOf } from '../../shared/counts.ts';
import type { MendPlan, RowMend } from '../doctor/index.ts';
import type { Moves } from '../splits/index.ts';
import { change } from './history.ts';
import { mergeInto } from './labels.ts';
import { labelId } from './tables/labels.ts';
import { storedAnnotation, type ExampleChange } from './tables/states.ts';

function changeOf(database: Database, { split, text, unlabel, spans, leaveOut }: RowMend): ExampleChange {
  return {
    ...(leaveOut && { deleted: true }),
    ...(split && { split }),
    ...(text !== undefined && { text }),
    ...(spans && { annotation: storedAnnotation(database, { label: null, spans }) }),
    ...(unlabel && { annotation: { label: null, labels: null, spans: null } }),
  };
}

/** Gives how many examples were to be mended. Throws test_locked. */
export function mend(database: Database, annotator: string, { rows, labels }: MendPlan): number {
  const merged = Object.entries(labels);
  const title = rows.size > 0 ? `mending of ${countOf(rows.size, 'text')}` : `merging of ${merged.map(([name]) => `“${name}”`).join(', ')}`;
  change(database, annotator, title, (changes) => {
    for (const [id, one] of rows) changes.example(id, changeOf(database, one));
    for (const [name, into] of merged) mergeInto(database, changes, labelId(database, name), labelId(database, into));
  });
  return rows.size;
}

/** Throws test_locked. */
export function applySplits(database: Database, annotator: string, { ids, splits }: Moves): void {
  change(database, annotator, `new splits of ${countOf(ids.length, 'text')}`, (changes) => {
    for (let index = 0; index < ids.length; index++) changes.example(ids[index], { split: splits[index] });
  });
}
