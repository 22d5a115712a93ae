/** Examples and their current annotations. Only examples up to the project's `visible_examples` are shown. */
import type { Database } from 'better-sqlite3';
import type { Example, Span, Split, Task } from '../../../shared/domain.ts';
import { ThawError } from '../../../shared/errors.ts';

const shown = 'example.id <= (SELECT visible_examples FROM project)';
const columns = `example.id, example.text, example.split, example.annotated, label.name AS label, example.skipped, example.pretokenized, example.source_row AS sourceRow, example.extra, remark.note, remark.unsure`;
const from = 'FROM example LEFT JOIN label ON label.id = example.label LEFT JOIN remark ON remark.example = example.id';
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
  task: Task;
}

export interface ExampleFilter {
  search: string;
  split: Split | null;
  label: string | null;
  labeled: boolean | null;
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

/** Names of the other columns of so many examples above `after`, and the last of those; null: there were none. */
export function columnsAfter(database: Database, after: number, limit: number): { names: string[]; last: number | null } {
  const piece = `SELECT id, extra FROM example WHERE id > ? AND ${shown} ORDER BY id LIMIT ?`;
  const { last } = database.prepare(`SELECT max(id) AS last FROM (${piece})`).get(after, limit) as { last: number | null };
  const names = database.prepare(`SELECT DISTINCT key FROM (${piece}) AS piece, json_each(piece.extra)`).pluck().all(after, limit);
  return { names: names as string[], last };
}

function conditions({ search, split, label, labeled }: ExampleFilter): { where: string; values: (string | number)[] } {
  const parts = [shown];
  const values: (string | number)[] = [];
  const add = (part: string, ...given: (string | number)[]) => {
    parts.push(part);
    values.push(...given);
  };
  if (search) add(String.raw`example.text LIKE ? ESCAPE '\'`, `%${search.replace(/[\\%_]/g, String.raw`\$&`)}%`);
  if (split) add('example.split = ?', split);
  if (label !== null)
    add(
      `EXISTS (SELECT 1 FROM label AS sought WHERE sought.name = ? AND (sought.id = example.label
        OR EXISTS (SELECT 1 FROM text_label WHERE text_label.example = example.id AND text_label.label = sought.id)
        OR EXISTS (SELECT 1 FROM span WHERE span.example = example.id AND span.label = sought.id)))`,
      label,
    );
  if (labeled !== null) add('example.annotated = ?', labeled ? 1 : 0);
  return { where: parts.join(' AND '), values };
}

export function pageOfExamples(
  database: Database,
  filter: ExampleFilter & { offset: number; limit: number },
): { total: number; examples: Example[] } {
  const { where, values } = conditions(filter);
  const { total } = database.prepare(`SELECT count(*) AS total FROM example WHERE ${where}`).get(...values) as { total: number };
  const rows = database
    .prepare(`SELECT ${columns}, ${task} ${from} WHERE ${where} ORDER BY example.id LIMIT ? OFFSET ?`)
    .all(...values, filter.limit, filter.offset);
  return { total, examples: withAnnotations(database, rows as ExampleRow[]).map(asExample) };
}

/** The next unlabeled example that was not skipped, after `after` and then from the start. */
export function nextToLabel(database: Database, after: number | null): { example: Example | null; remaining: number } {
  const open = `example.annotated = 0 AND example.skipped = 0 AND ${shown}`;
  const { remaining } = database.prepare(`SELECT count(*) AS remaining FROM example WHERE ${open}`).get() as { remaining: number };
  const select = database.prepare(`SELECT id FROM example WHERE ${open} AND id > ? ORDER BY id LIMIT 1`);
  const found = (select.get(after ?? 0) ?? select.get(0)) as { id: number } | undefined;
  return { example: found ? readExample(database, found.id) : null, remaining };
}

export interface ExampleCounts {
  examples: number;
  labeled: number;
  splits: Record<Split, number>;
}

export function countExamples(database: Database): ExampleCounts {
  const rows = database
    .prepare(`SELECT split, annotated, count(*) AS count FROM example WHERE ${shown} GROUP BY split, annotated`)
    .all() as { split: Split; annotated: number; count: number }[];
  const counts: ExampleCounts = { examples: 0, labeled: 0, splits: { train: 0, validation: 0, test: 0 } };
  for (const { split, annotated, count } of rows) {
    counts.examples += count;
    counts.splits[split] += count;
    if (annotated) counts.labeled += count;
  }
  return counts;
}
