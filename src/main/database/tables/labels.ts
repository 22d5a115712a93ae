/** Labels. A pending one belongs to an import that has not ended. */
import type { Database } from 'better-sqlite3';
import type { Label, Task } from '../../../shared/domain.ts';
import { ThawError } from '../../../shared/errors.ts';

const counts = {
  classification: 'SELECT count(*) FROM example WHERE example.label = label.id AND example.id <= (SELECT visible_examples FROM project)',
  multilabel:
    'SELECT count(*) FROM text_label WHERE text_label.label = label.id AND text_label.example <= (SELECT visible_examples FROM project)',
  ner: 'SELECT count(*) FROM span WHERE span.label = label.id AND span.example <= (SELECT visible_examples FROM project)',
} satisfies Record<Task, string>;

/** In the project's order, with how many examples (or NER: spans) carry each. */
export function listLabels(database: Database, task: Task): Label[] {
  return database
    .prepare(`SELECT id, name, position, (${counts[task]}) AS count FROM label WHERE pending = 0 ORDER BY position`)
    .all() as Label[];
}

/** Throws unknown_label, naming those there are. */
export function labelId(database: Database, name: string): number {
  const row = database.prepare('SELECT id FROM label WHERE name = ? AND pending = 0').get(name) as { id: number } | undefined;
  if (row) return row.id;
  const names = (database.prepare('SELECT name FROM label WHERE pending = 0 ORDER BY position').all() as { name: string }[]).map(
    (label) => label.name,
  );
  throw new ThawError({
    code: 'unknown_label',
    message: `There is no label '${name}'.`,
    remedy: names.length ? `Labels of this project: ${names.join(', ')}.` : 'This project has no labels yet: create one first.',
  });
}

/** Adds the label unless it is there. */
export function addLabel(database: Database, name: string): void {
  const position = nextPosition(database);
  database
    .prepare(
      'INSERT INTO label (name, position) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET pending = 0, position = excluded.position WHERE pending = 1',
    )
    .run(name, position);
}

const nextPosition = (database: Database) =>
  (database.prepare('SELECT coalesce(max(position), -1) + 1 AS position FROM label WHERE pending = 0').get() as { position: number })
    .position;

/** The id of a label an unfinished import uses; a new one stays pending until `publishLabels`. */
export function pendingLabelId(database: Database, name: string): number {
  database.prepare('INSERT INTO label (name, position, pending) VALUES (?, 0, 1) ON CONFLICT (name) DO NOTHING').run(name);
  return (database.prepare('SELECT id FROM label WHERE name = ?').get(name) as { id: number }).id;
}

/** Shows the pending labels, in alphabetical order after those there. */
export function publishLabels(database: Database): void {
  const first = nextPosition(database);
  const pending = database.prepare('SELECT id, name FROM label WHERE pending = 1').all() as { id: number; name: string }[];
  pending.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  const update = database.prepare('UPDATE label SET pending = 0, position = ? WHERE id = ?');
  pending.forEach(({ id }, index) => update.run(first + index, id));
}

export function discardPendingLabels(database: Database): void {
  database.prepare('DELETE FROM label WHERE pending = 1').run();
}
