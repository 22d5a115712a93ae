import SqliteDatabase from 'better-sqlite3';
import { expect, test } from 'vitest';
import { first } from './0001-first.ts';
import { severalLabels } from './0002-several-labels.ts';
import { remarks } from './0003-remarks.ts';
import { history } from './0004-history.ts';
import { search } from './0005-search.ts';
import { views } from './0006-views.ts';
import { testLock } from './0007-test-lock.ts';
import { redo, undo } from '../history.ts';
import { migrate, schemaVersion } from './index.ts';

const tables = (database: SqliteDatabase.Database) =>
  (
    database
      .prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'example_search_%' ORDER BY name",
      )
      .all() as {
      name: string;
    }[]
  ).map(({ name }) => name);

test('from an empty file to the present schema, and no further', () => {
  const database = new SqliteDatabase(':memory:');
  migrate(database, 'project.db');
  expect(database.pragma('user_version', { simple: true })).toBe(schemaVersion);
  expect(tables(database)).toEqual([
    'action',
    'answer',
    'approval',
    'batch',
    'confirmed_label',
    'epoch',
    'event',
    'example',
    'example_search',
    'label',
    'long_example',
    'long_step',
    'prediction',
    'project',
    'random_draw',
    'remark',
    'run',
    'sent_example',
    'snapshot',
    'span',
    'test_opening',
    'text_label',
    'view',
  ]);
  migrate(database, 'project.db');
  expect(database.pragma('foreign_key_check')).toEqual([]);
});

test('0002: a project of the first schema keeps its examples and runs, and the third task is possible', () => {
  const database = new SqliteDatabase(':memory:');
  database.pragma('foreign_keys = ON');
  database.exec(first);
  database.pragma('user_version = 1');
  database.exec(`
    INSERT INTO project (id, name, task, attribution, created_at, visible_examples, given_splits)
      VALUES (1, 'Old', 'classification', 'someone', '2026-01-01', 2, '["test"]');
    INSERT INTO label (id, name, position) VALUES (7, 'yes', 0);
    INSERT INTO example (id, text, text_hash, split, annotated, label, source_row) VALUES (1, 'a', x'00', 'train', 1, 7, 2);
    INSERT INTO snapshot (hash, examples, created_at) VALUES ('h', 1, '');
    INSERT INTO run (name, status, base, snapshot, configuration, labels, created_at) VALUES ('R', 'finished', 'b', 'h', '{}', '["yes"]', '');
    INSERT INTO prediction (run, split, example, label, scores) VALUES ('r1', 'test', 1, 'yes', '[1]')`);
  database.transaction(() => migrate(database, 'project.db'))();
  expect(database.prepare('SELECT * FROM project').all()).toMatchObject([
    {
      id: 1,
      name: 'Old',
      task: 'classification',
      attribution: 'someone',
      created_at: '2026-01-01',
      visible_examples: 2,
      given_splits: '["test"]',
      last_label: 7,
    },
  ]);
  expect(database.prepare('SELECT label, labels FROM prediction').all()).toEqual([{ label: 'yes', labels: null }]);
  database.exec("UPDATE project SET task = 'multilabel'; INSERT INTO text_label (example, label) VALUES (1, 7)");
  database.exec('DELETE FROM prediction; DELETE FROM example');
  expect(database.prepare('SELECT * FROM text_label').all()).toEqual([]);
  expect(database.pragma('foreign_key_check')).toEqual([]);
});

test('0003: a project of the second schema keeps its examples, which may then be remarked on', () => {
  const database = new SqliteDatabase(':memory:');
  database.pragma('foreign_keys = ON');
  database.exec(first + severalLabels);
  database.pragma('user_version = 2');
  database.exec("INSERT INTO example (id, text, text_hash, split, source_row) VALUES (1, 'a', x'00', 'train', 1)");
  migrate(database, 'project.db');
  database.exec("INSERT INTO remark (example, note, unsure) VALUES (1, 'odd', 1)");
  expect(() => database.exec("INSERT INTO remark (example, note, unsure) VALUES (2, '', 1)")).toThrow('FOREIGN KEY');
  database.exec('DELETE FROM example');
  expect(database.prepare('SELECT * FROM remark').all()).toEqual([]);
});

test('0004: what was labeled before can still be taken back, and names become ids', () => {
  const database = new SqliteDatabase(':memory:');
  database.pragma('foreign_keys = ON');
  database.exec(first + severalLabels + remarks);
  database.pragma('user_version = 3');
  const state = (annotation: object, skipped = false) => JSON.stringify({ annotation, skipped });
  const event = `INSERT INTO event (batch, kind, example, before, after, at, annotator) VALUES (?, ?, 1, ?, ?, '2026-01-01', 'Ann')`;
  database.exec(`
    INSERT INTO project (id, name, task, created_at, visible_examples) VALUES (1, 'Old', 'ner', '', 1);
    INSERT INTO label (id, name, position) VALUES (4, 'Person', 0), (7, 'Place', 1);
    INSERT INTO example (id, text, text_hash, split, annotated, source_row) VALUES (1, 'Ann in Bonn', x'00', 'train', 1, 1);
    INSERT INTO span (example, start, end, label) VALUES (1, 0, 3, 4);
    INSERT INTO batch (state) VALUES ('done'), ('undone')`);
  const none = state({ label: null, spans: null }, true);
  const one = state({ label: null, spans: [{ start: 0, end: 3, label: 'Person' }] });
  const two = state({
    label: null,
    spans: [
      { start: 0, end: 3, label: 'Person' },
      { start: 7, end: 11, label: 'Place' },
    ],
  });
  database.prepare(event).run(1, 'annotate', none, one);
  database.prepare(event).run(2, 'annotate', one, two);
  database.prepare(event).run(2, 'undo', two, one);
  database.transaction(() => migrate(database, 'project.db'))();
  expect(database.pragma('foreign_key_check')).toEqual([]);
  expect(database.prepare('SELECT batch, kind, annotator FROM action').all()).toEqual([
    { batch: 1, kind: 'do', annotator: 'Ann' },
    { batch: 2, kind: 'do', annotator: 'Ann' },
    { batch: 2, kind: 'undo', annotator: 'Ann' },
  ]);
  const spans = () => database.prepare('SELECT start, end, label FROM span ORDER BY start').all();
  database.exec("UPDATE label SET name = 'Somebody' WHERE id = 4");
  expect(redo(database, 'Ben')).toMatchObject({ title: 'labeling', examples: 1, labels: false });
  expect(spans()).toEqual([
    { start: 0, end: 3, label: 4 },
    { start: 7, end: 11, label: 7 },
  ]);
  undo(database, 'Ben');
  expect(undo(database, 'Ben').example).toMatchObject({ annotation: { label: null, spans: null }, skipped: true });
  expect(spans()).toEqual([]);
  database.exec(
    "DELETE FROM label WHERE id = 7; INSERT INTO label (id, name, position) VALUES ((SELECT last_label + 1 FROM project), 'New', 1)",
  );
  expect(database.prepare("SELECT id FROM label WHERE name = 'New'").pluck().get()).toBe(8);
});

test('0005: what a project of the fourth schema has is to be indexed, and predictions have a probability', () => {
  const database = new SqliteDatabase(':memory:');
  database.exec(first + severalLabels + remarks + history);
  database.pragma('user_version = 4');
  database.exec(`
    INSERT INTO project (id, name, task, created_at, visible_examples) VALUES (1, 'Old', 'classification', '2026-01-01', 1);
    INSERT INTO example (id, text, text_hash, split, source_row) VALUES (1, 'a', x'00', 'train', 1);
    INSERT INTO snapshot (hash, examples, created_at) VALUES ('h', 1, '');
    INSERT INTO run (name, status, base, snapshot, configuration, labels, created_at) VALUES ('R', 'finished', 'b', 'h', '{}', '[]', '');
    INSERT INTO prediction (run, split, example, scores, spans) VALUES ('r1', 'test', 1, '[0.25,0.75]', NULL),
      ('r1', 'train', 1, '[]', '[{"score":0.9},{"score":0.4}]'), ('r1', 'validation', 1, '[]', '[]')`);
  migrate(database, 'project.db');
  expect(database.prepare('SELECT indexed_examples, deleted FROM project, example').all()).toEqual([{ indexed_examples: 0, deleted: 0 }]);
  expect(database.prepare('SELECT split, probability FROM prediction ORDER BY split').all()).toEqual([
    { split: 'test', probability: 0.75 },
    { split: 'train', probability: 0.4 },
    { split: 'validation', probability: null },
  ]);
});

test('0008: a text can be drawn once, with or without the answer of a head', () => {
  const database = new SqliteDatabase(':memory:');
  database.pragma('foreign_keys = ON');
  migrate(database, 'project.db');
  database.exec(`
    INSERT INTO example (id, text, text_hash, split, source_row) VALUES (1, 'a', x'00', 'train', 1);
    INSERT INTO random_draw (example, drawn_at) VALUES (1, '2026-01-01')`);
  expect(() => database.exec("INSERT INTO random_draw (example, drawn_at) VALUES (1, '2026-01-02')")).toThrow('UNIQUE');
  expect(() => database.exec("INSERT INTO random_draw (example, drawn_at) VALUES (2, '2026-01-02')")).toThrow('FOREIGN KEY');
  database.exec('DELETE FROM example');
  expect(database.prepare('SELECT * FROM random_draw').all()).toEqual([]);
});

test('0009: a project gets an identity, answers go with their example, and an example has at most one of each annotator', () => {
  const database = new SqliteDatabase(':memory:');
  database.pragma('foreign_keys = ON');
  database.exec(first + severalLabels + remarks + history + search);
  database.pragma('user_version = 5');
  database.exec(`
    INSERT INTO project (id, name, task, created_at, visible_examples) VALUES (1, 'Old', 'classification', '2026-01-01', 1);
    INSERT INTO example (id, text, text_hash, split, source_row) VALUES (1, 'a', x'00', 'train', 1)`);
  migrate(database, 'project.db');
  expect(database.prepare('SELECT identity, origin, settled FROM project, example').get()).toEqual({
    identity: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    origin: null,
    settled: null,
  });
  const answer = "INSERT INTO answer (example, annotator, annotation, at) VALUES (1, 'Ben', '{}', '')";
  database.exec(`${answer}; INSERT INTO sent_example (example, origin) VALUES (1, 7)`);
  expect(() => database.exec(answer)).toThrow('UNIQUE');
  database.exec('DELETE FROM example');
  expect(database.prepare('SELECT example FROM answer UNION ALL SELECT example FROM sent_example').all()).toEqual([]);
});

test('0011: the runs of a project of the seventh schema learned from labels that were given, and nothing was cut off', () => {
  const database = new SqliteDatabase(':memory:');
  database.pragma('foreign_keys = ON');
  database.exec(first + severalLabels + remarks + history + search + views + testLock);
  database.pragma('user_version = 7');
  database.exec(`
    INSERT INTO example (id, text, text_hash, split, source_row) VALUES (1, 'a', x'00', 'train', 1);
    INSERT INTO snapshot (hash, examples, created_at) VALUES ('h', 1, '');
    INSERT INTO run (name, status, base, snapshot, configuration, labels, created_at) VALUES ('R', 'finished', 'b', 'h', '{}', '[]', '')`);
  migrate(database, 'project.db');
  expect(database.prepare('SELECT approved_labels FROM run').pluck().all()).toEqual([0]);
  expect(database.prepare('SELECT * FROM approval').all()).toEqual([]);
  expect(database.prepare('SELECT * FROM long_step').all()).toEqual([]);
  database.exec("INSERT INTO approval (example, run) VALUES (1, 'r1'); DELETE FROM run; DELETE FROM example");
  expect(database.prepare('SELECT * FROM approval').all()).toEqual([]);
});

test('a schema of a later version is refused', () => {
  const database = new SqliteDatabase(':memory:');
  database.pragma(`user_version = ${schemaVersion + 1}`);
  expect(() => migrate(database, 'project.db')).toThrow(expect.objectContaining({ code: 'newer_project' }));
  expect(tables(database)).toEqual([]);
});

test('the annotation log only grows', () => {
  const database = new SqliteDatabase(':memory:');
  migrate(database, 'project.db');
  database.exec(`
    INSERT INTO example (id, text, text_hash, split, source_row) VALUES (1, 'a', x'00', 'train', 1);
    INSERT INTO batch (state, title) VALUES ('done', 'skip');
    INSERT INTO event (batch, example, before, after) VALUES (1, 1, '{}', '{}');
    INSERT INTO action (batch, kind, at, annotator) VALUES (1, 'do', '', '')`);
  expect(() => database.exec('DELETE FROM event')).toThrow('append-only');
  expect(() => database.exec("UPDATE event SET after = '[]'")).toThrow('append-only');
  expect(() => database.exec('DELETE FROM action')).toThrow('append-only');
  expect(() => database.exec("UPDATE action SET at = ''")).toThrow('append-only');
});
