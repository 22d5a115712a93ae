import SqliteDatabase from 'better-sqlite3';
import { expect, test } from 'vitest';
import { migrate, schemaVersion } from './index.ts';

const tables = (database: SqliteDatabase.Database) =>
  (
    database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name").all() as {
      name: string;
    }[]
  ).map(({ name }) => name);

test('from an empty file to the present schema, and no further', () => {
  const database = new SqliteDatabase(':memory:');
  migrate(database, 'project.db');
  expect(database.pragma('user_version', { simple: true })).toBe(schemaVersion);
  expect(tables(database)).toEqual([
    'batch',
    'epoch',
    'event',
    'example',
    'label',
    'prediction',
    'project',
    'run',
    'snapshot',
    'span',
    'test_opening',
  ]);
  migrate(database, 'project.db');
  expect(database.pragma('foreign_key_check')).toEqual([]);
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
    INSERT INTO batch (state) VALUES ('done');
    INSERT INTO event (batch, kind, example, before, after, at, annotator) VALUES (1, 'annotate', 1, '{}', '{}', '', '')`);
  expect(() => database.exec('DELETE FROM event')).toThrow('append-only');
  expect(() => database.exec("UPDATE event SET after = '[]'")).toThrow('append-only');
});
