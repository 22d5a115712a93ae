/** Labels. A pending one belongs to an import that has not ended. */
import type { Database } from 'better-sqlite3';
import type { Label, Task } from '../../../shared/domain.ts';
import { ThawError } from '../../../shared/errors.ts';

/** Of all there are, which an index has, less the few deleted ones. */
const counts = {
  classification: `(SELECT count(*) FROM example WHERE example.label = label.id AND example.id <= (SELECT visible_examples FROM project))
    - (SELECT count(*) FROM example WHERE example.deleted = 1 AND example.label = label.id)`,
  multilabel: `(SELECT count(*) FROM text_label WHERE text_label.label = label.id AND text_label.example <= (SELECT visible_examples FROM project))
    - (SELECT count(*) FROM example JOIN text_label ON text_label.example = example.id WHERE example.deleted = 1 AND text_label.label = label.id)`,
  ner: `(SELECT count(*) FROM span WHERE span.label = label.id AND span.example <= (SELECT visible_examples FROM project))
    - (SELECT count(*) FROM example JOIN span ON span.example = example.id WHERE example.deleted = 1 AND span.label = label.id)`,
} satisfies Record<Task, string>;

/** All that a person can change of a label. */
export interface LabelState {
  name: string;
  position: number;
  /** Which of the looks (hue and glyph) it has, from 0. */
  category: number;
  guideline: string;
  /** Texts that show what the guideline means. */
  examples: string[];
}

/** A label as an event has it: as it was or became, or that there was none (any more), and into which it was merged. */
export type LabelChange = LabelState | { mergedInto: number | null };

export const noLabel: LabelChange = { mergedInto: null };

const parsed = <Row extends { examples: string }>(row: Row) => ({ ...row, examples: JSON.parse(row.examples) as string[] });

/** In the project's order, with how many examples (or NER: spans) carry each. */
export function listLabels(database: Database, task: Task): Label[] {
  const rows = database
    .prepare(
      `SELECT id, name, position, category, guideline, examples, (${counts[task]}) AS count FROM label WHERE pending = 0 ORDER BY position, id`,
    )
    .all() as (Omit<Label, 'examples'> & { examples: string })[];
  return rows.map(parsed);
}

/** Throws unknown_label. */
export function readLabel(database: Database, id: number): LabelState {
  const row = database.prepare('SELECT name, position, category, guideline, examples FROM label WHERE id = ? AND pending = 0').get(id);
  if (!row) throw new ThawError({ code: 'unknown_label', message: 'That label is not there any more.', remedy: 'Look at the list again.' });
  return parsed(row as Omit<LabelState, 'examples'> & { examples: string });
}

const namesInOrder = (database: Database) =>
  database.prepare('SELECT name FROM label WHERE pending = 0 ORDER BY position, id').pluck().all() as string[];

/** Null where there is none of that name. */
export function findLabel(database: Database, name: string): number | null {
  return (database.prepare('SELECT id FROM label WHERE name = ? AND pending = 0').pluck().get(name) as number | undefined) ?? null;
}

/** Throws unknown_label, naming those there are. */
export function labelId(database: Database, name: string): number {
  const id = findLabel(database, name);
  if (id !== null) return id;
  const names = namesInOrder(database);
  throw new ThawError({
    code: 'unknown_label',
    message: `There is no label '${name}'.`,
    remedy: names.length ? `Labels of this project: ${names.join(', ')}.` : 'This project has no labels yet: create one first.',
  });
}

const unusedId = '(SELECT last_label + 1 FROM project)';

/** The id a new label gets; no id is given twice, since events name labels by id. */
export function nextLabelId(database: Database): number {
  return database.prepare(`SELECT ${unusedId}`).pluck().get() as number;
}

/** Where a new label goes, and the first look that no other has. */
export function newLabel(database: Database, name: string): LabelState {
  const taken = new Set(database.prepare('SELECT category FROM label WHERE pending = 0').pluck().all() as number[]);
  let category = 0;
  while (taken.has(category)) category++;
  return { name, position: nextPosition(database), category, guideline: '', examples: [] };
}

/** Puts the label in the state, makes it, or removes it. A name that another label (of an import, say) has meanwhile gets a number. */
export function storeLabel(database: Database, id: number, state: LabelChange): void {
  if (!('name' in state)) return removeLabel(database, id);
  const { position, category, guideline, examples } = state;
  const values = [position, category, guideline, JSON.stringify(examples)];
  database
    .prepare(
      `INSERT INTO label (id, name, position, category, guideline, examples) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, position = excluded.position, category = excluded.category,
         guideline = excluded.guideline, examples = excluded.examples`,
    )
    .run(id, freeName(database, id, state.name), ...values);
}

/** One that imported examples carry stays: they came after the label, and outlive what made it. */
function removeLabel(database: Database, id: number): void {
  const used = database.prepare(
    `SELECT EXISTS (SELECT 1 FROM example WHERE label = $id) OR EXISTS (SELECT 1 FROM text_label WHERE label = $id)
       OR EXISTS (SELECT 1 FROM span WHERE label = $id)`,
  );
  if (used.pluck().get({ id }) === 0) database.prepare('DELETE FROM label WHERE id = ?').run(id);
}

function freeName(database: Database, id: number, name: string): string {
  const taken = database.prepare('SELECT 1 FROM label WHERE name = ? AND id <> ?');
  let free = name;
  for (let number = 2; taken.get(free, id); number++) free = `${name} (${number})`;
  return free;
}

const nextPosition = (database: Database) =>
  database.prepare('SELECT coalesce(max(position), -1) + 1 FROM label WHERE pending = 0').pluck().get() as number;

/** The id of a label an unfinished import uses; a new one stays pending until `publishLabels`. */
export function pendingLabelId(database: Database, name: string): number {
  database.prepare(`INSERT INTO label (id, name, position, pending) VALUES (${unusedId}, ?, 0, 1) ON CONFLICT (name) DO NOTHING`).run(name);
  return (database.prepare('SELECT id FROM label WHERE name = ?').get(name) as { id: number }).id;
}

/** Shows the pending labels, in alphabetical order after those there. */
export function publishLabels(database: Database): void {
  const pending = database.prepare('SELECT id, name FROM label WHERE pending = 1').all() as { id: number; name: string }[];
  pending.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  for (const { id, name } of pending) publishLabel(database, id, name);
}

/** Shows a pending label, which nothing of the log speaks of. */
export function publishLabel(database: Database, id: number, name: string): void {
  storeLabel(database, id, newLabel(database, name));
  database.prepare('UPDATE label SET pending = 0 WHERE id = ?').run(id);
}

export function discardPendingLabels(database: Database): void {
  database.prepare('DELETE FROM label WHERE pending = 1').run();
}

/** What became of labels, by what is done and not undone: the ids that names belonged to, and the ids into which others were merged. */
function labelFates(database: Database): { ids: Map<string, number>; merged: Map<number, number> } {
  const rows = database
    .prepare(
      `SELECT event.label, before, after FROM event JOIN batch ON batch.id = event.batch
       WHERE event.label IS NOT NULL AND batch.state = 'done' ORDER BY event.id`,
    )
    .all() as { label: number; before: string; after: string }[];
  const ids = new Map<string, number>();
  const merged = new Map<number, number>();
  for (const { label, before, after } of rows) {
    const [was, is] = [JSON.parse(before) as LabelChange, JSON.parse(after) as LabelChange];
    if ('name' in was) ids.set(was.name, label);
    if (!('name' in is) && is.mergedInto !== null) merged.set(label, is.mergedInto);
  }
  return { ids, merged };
}

/** The name of a label now, by an id that it has or had before it was merged into another; null for one that was deleted. */
export function presentNames(database: Database): (id: number) => string | null {
  const { merged } = labelFates(database);
  const nameOf = database.prepare('SELECT name FROM label WHERE id = ? AND pending = 0').pluck();
  const known = new Map<number, string | null>();
  const find = (id: number): string | null => {
    let last = id;
    for (let into = merged.get(last); into !== undefined; into = merged.get(last)) last = into;
    return (nameOf.get(last) as string | undefined) ?? null;
  };
  return (id) => {
    const name = known.has(id) ? (known.get(id) as string | null) : find(id);
    known.set(id, name);
    return name;
  };
}

/** What a name that was stored once is now: a renamed or merged label is the same answer. */
export function renamer(database: Database): (name: string) => string {
  const former = formerNames(database);
  return (name) => former.get(name) ?? name;
}

/** By a name that a label had before it was renamed, or merged into another: its name now. Names that a label has now are left out. */
export function formerNames(database: Database): Map<string, string> {
  const present = presentNames(database);
  const now = new Set(namesInOrder(database));
  const names = new Map<string, string>();
  for (const [name, id] of labelFates(database).ids) {
    const is = present(id);
    if (is !== null && !now.has(name)) names.set(name, is);
  }
  return names;
}
