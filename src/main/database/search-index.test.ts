import SqliteDatabase from 'better-sqlite3';
import { expect, test } from 'vitest';
import { migrate } from './migrations/index.ts';
import { SearchIndexer } from './search-index.ts';
import { insertProject } from './tables/project.ts';

const pieces = 24;
const rowsPerPiece = 50;

/** A project whose texts came, and were indexed, a few at a time. */
async function indexedInPieces(): Promise<SqliteDatabase.Database> {
  const database = new SqliteDatabase(':memory:');
  migrate(database, 'project.db');
  insertProject(database, { name: 'x', task: 'classification' });
  const insert = database.prepare("INSERT INTO example (text, text_hash, split, source_row) VALUES (?, x'00', 'train', 1)");
  const indexer = new SearchIndexer(database, () => true);
  for (let piece = 0; piece < pieces; piece++) {
    for (let row = 0; row < rowsPerPiece; row++) insert.run(`parcel w${piece} x${row} y${piece * rowsPerPiece + row}`);
    database.prepare('UPDATE project SET visible_examples = (SELECT max(id) FROM example)').run();
    await indexer.catchUp();
  }
  return database;
}

test('the index is in few segments once all is indexed, and has every word of every text', async () => {
  const database = await indexedInPieces();
  const segments = database.prepare('SELECT count(DISTINCT segid) FROM example_search_idx').pluck().get();
  expect(segments).toBeLessThanOrEqual(4);
  const found = database.prepare('SELECT rowid FROM example_search WHERE example_search MATCH ? ORDER BY rowid').pluck();
  const all = Array.from({ length: pieces * rowsPerPiece }, (_, index) => index + 1);
  expect(found.all('parcel')).toEqual(all);
  expect(found.all('w3')).toEqual(all.slice(3 * rowsPerPiece, 4 * rowsPerPiece));
  expect(found.all('x7')).toEqual(all.filter((id) => (id - 1) % rowsPerPiece === 7));
  for (const id of [1, 600, 1200]) expect(found.all(`y${id - 1}`)).toEqual([id]);
  database.exec("INSERT INTO example_search (example_search, rank) VALUES ('integrity-check', 1)");
});
