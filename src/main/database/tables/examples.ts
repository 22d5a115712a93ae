/** Examples and their current annotations. Only examples up to the project's `visible_examples` are shown. */
import { hash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { Example, Span, Split, Task } from '../../../shared/domain.ts';
import { ThawError } from '../../../shared/errors.ts';

/** What anybody sees. */
export const shown = 'example.id <= (SELECT visible_examples FROM project) AND example.deleted = 0';
const columns = `example.id, example.text, example.split, example.annotated, label.name AS label, example.skipped, example.pretokenized, example.source_row AS sourceRow, example.extra, remark.note, remark.unsure, approval.run AS approval`;
const from =
  'FROM example LEFT JOIN label ON label.id = example.label LEFT JOIN remark ON remark.example = example.id LEFT JOIN approval ON approval.example = example.id';
const task = '(SELECT task FROM project) AS task';

interface ExampleRow {
  id: number;
  text: string;
  split: Split;
  annotated: number;
  label: string | null;
  skipped: number;
  pretokenized: number;
  sourceRow: number;
  extra: string;
  /** Null without a remark. */
  note: string | null;
  unsure: number | null;
  approval: string | null;
  task: Task;
}

export interface StoredExample extends Example {
  /** Its words are the runs of text between single spaces, as the file gave them. */
  pretokenized: boolean;
}

function withAnnotations(database: Database, rows: ExampleRow[]): StoredExample[] {
  const spans = database.prepare(
    'SELECT start, end, name AS label FROM span JOIN label ON label.id = span.label WHERE example = ? ORDER BY start, end DESC, label.position',
  );
  const labels = database
    .prepare('SELECT name FROM text_label JOIN label ON label.id = text_label.label WHERE example = ? ORDER BY position')
    .pluck();
  const labeled = (row: ExampleRow, kind: Task) => row.annotated === 1 && row.task === kind;
  return rows.map((row) => ({
    id: row.id,
    text: row.text,
    split: row.split,
    annotation: {
      label: row.label,
      ...(labeled(row, 'multilabel') && { labels: labels.all(row.id) as string[] }),
      spans: labeled(row, 'ner') ? (spans.all(row.id) as Span[]) : null,
    },
    skipped: row.skipped === 1,
    ...(row.note !== null && { remark: { note: row.note, unsure: row.unsure === 1 } }),
    ...(row.approval !== null && { approvedFrom: row.approval }),
    sourceRow: row.sourceRow,
    extra: JSON.parse(row.extra) as Record<string, string>,
    pretokenized: row.pretokenized === 1,
  }));
}

function asExample({ pretokenized: _, ...example }: StoredExample): Example {
  return example;
}

/** Throws internal for an id that is not there. */
export function readExample(database: Database, id: number): Example {
  const row = database.prepare(`SELECT ${columns}, ${task} ${from} WHERE example.id = ? AND ${shown}`).get(id) as ExampleRow | undefined;
  if (!row) throw new ThawError({ code: 'internal', message: `There is no example ${id} in this project.` });
  return asExample(withAnnotations(database, [row])[0]);
}

/** In the order of `ids`; those that are not there are left out. */
export function readExamples(database: Database, ids: number[]): Example[] {
  const select = database.prepare(`SELECT ${columns}, ${task} ${from} WHERE example.id = ? AND ${shown}`);
  const rows = ids.map((id) => select.get(id) as ExampleRow | undefined).filter((row) => row !== undefined);
  return withAnnotations(database, rows).map(asExample);
}

/** 16 bytes that tell texts apart. */
export const textHash = (text: string): Buffer => hash('sha256', text, 'buffer').subarray(0, 16);

/** Annotated examples with an id above `after`, by id: the source of snapshots. */
export function annotatedAfter(database: Database, after: number, limit: number): StoredExample[] {
  const rows = database
    .prepare(`SELECT ${columns}, ${task} ${from} WHERE example.annotated = 1 AND example.id > ? AND ${shown} ORDER BY example.id LIMIT ?`)
    .all(after, limit);
  return withAnnotations(database, rows as ExampleRow[]);
}

/** Examples with an id above `after`, by id, annotated or not. */
export function examplesAfter(database: Database, after: number, limit: number): StoredExample[] {
  const rows = database
    .prepare(`SELECT ${columns}, ${task} ${from} WHERE example.id > ? AND ${shown} ORDER BY example.id LIMIT ?`)
    .all(after, limit);
  return withAnnotations(database, rows as ExampleRow[]);
}

/** Texts with an id above `after` up to `last`, those of an import that has not ended included. */
export function textsAfter(database: Database, after: number, last: number, limit: number): { id: number; text: string }[] {
  const select = database.prepare('SELECT id, text FROM example WHERE id > ? AND id <= ? AND deleted = 0 ORDER BY id LIMIT ?');
  return select.all(after, last, limit) as { id: number; text: string }[];
}

/** Names of the other columns of so many examples above `after`, and the last of those; null: there were none. */
export function columnsAfter(database: Database, after: number, limit: number): { names: string[]; last: number | null } {
  const piece = `SELECT id, extra FROM example WHERE id > ? AND ${shown} ORDER BY id LIMIT ?`;
  const { last } = database.prepare(`SELECT max(id) AS last FROM (${piece})`).get(after, limit) as { last: number | null };
  const names = database.prepare(`SELECT DISTINCT key FROM (${piece}) AS piece, json_each(piece.extra)`).pluck().all(after, limit);
  return { names: names as string[], last };
}

/** Hash of the text and split of the first `visible` examples, by id. */
export function* textsKnown(database: Database, visible: number): Generator<{ textHash: Uint8Array; split: Split }> {
  const select = database.prepare('SELECT text_hash AS textHash, split FROM example WHERE id <= ? AND deleted = 0 ORDER BY id');
  yield* select.iterate(visible) as Iterable<{ textHash: Uint8Array; split: Split }>;
}

/** What the other column `column` says of each example up to the id `visible`, where it says something, and its split. */
export function* valuesKnown(database: Database, visible: number, column: string): Generator<{ value: string; split: Split }> {
  const select = database.prepare(
    `SELECT json_each.value, split FROM example, json_each(example.extra)
      WHERE example.id <= ? AND deleted = 0 AND json_each.key = ? AND trim(json_each.value) <> '' ORDER BY example.id`,
  );
  yield* select.iterate(visible, column) as Iterable<{ value: string; split: Split }>;
}

/** The next unlabeled example that was not skipped, after `after` and then from the start; null when there is none. */
export function nextToLabel(database: Database, after: number | null): Example | null {
  const select = database
    .prepare(`SELECT id FROM example WHERE example.annotated = 0 AND example.skipped = 0 AND ${shown} AND id > ? ORDER BY id LIMIT 1`)
    .pluck();
  const id = (select.get(after ?? 0) ?? select.get(0)) as number | undefined;
  return id === undefined ? null : readExample(database, id);
}

/** The example before or after that one, by id; null at the end. */
export function exampleBeside(database: Database, id: number, direction: 'earlier' | 'later'): Example | null {
  const [sign, order] = direction === 'later' ? ['>', 'ASC'] : ['<', 'DESC'];
  const select = database.prepare(`SELECT id FROM example WHERE id ${sign} ? AND ${shown} ORDER BY id ${order} LIMIT 1`).pluck();
  const beside = select.get(id) as number | undefined;
  return beside === undefined ? null : readExample(database, beside);
}

/** Labels of a split that are approved suggestions. */
export function countApproved(database: Database, split: Split): number {
  const select = database.prepare(
    `SELECT count(*) FROM approval JOIN example ON example.id = approval.example WHERE example.split = ? AND ${shown}`,
  );
  return select.pluck().get(split) as number;
}

export interface ExampleCounts {
  examples: number;
  labeled: number;
  splits: Record<Split, number>;
  labeledSplits: Record<Split, number>;
}

export function countExamples(database: Database): ExampleCounts {
  // An index has all that is counted, but not what is deleted: that is taken off, as there is little of it.
  const grouped = (sign: number, where: string) =>
    `SELECT split, annotated, ${sign} * count(*) AS count FROM example WHERE ${where} GROUP BY split, annotated`;
  const rows = database
    .prepare(`${grouped(1, 'id <= (SELECT visible_examples FROM project)')} UNION ALL ${grouped(-1, 'deleted = 1')}`)
    .all() as { split: Split; annotated: number; count: number }[];
  const none = { train: 0, validation: 0, test: 0 };
  const counts: ExampleCounts = { examples: 0, labeled: 0, splits: { ...none }, labeledSplits: { ...none } };
  for (const { split, annotated, count } of rows) {
    counts.examples += count;
    counts.splits[split] += count;
    if (!annotated) continue;
    counts.labeled += count;
    counts.labeledSplits[split] += count;
  }
  return counts;
}
