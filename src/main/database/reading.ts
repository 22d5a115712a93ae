/** Reads a whole project through a connection of its own, beside whoever writes to it. */
import SqliteDatabase from 'better-sqlite3';
import { databaseFailure } from './failures.ts';
import { databaseFile } from './open.ts';
import { examplesAfter, textsAfter } from './tables/examples.ts';
import type { StoredExample } from './tables/examples.ts';

const pieceExamples = 500;

/** Texts up to the id `last`, those of an import that has not ended included. Throws as openProject. */
export function* everyText(folder: string, last: number): Generator<{ id: number; text: string }> {
  yield* reading(folder, function* (database) {
    for (let after = 0; ;) {
      const piece = textsAfter(database, after, last, pieceExamples);
      yield* piece;
      if (piece.length < pieceExamples) return;
      after = piece[piece.length - 1].id;
    }
  });
}

/** All examples by id, as they are at this moment. Throws as openProject. */
export function* everyExample(folder: string): Generator<StoredExample> {
  yield* reading(folder, function* (database) {
    for (let last = 0; ;) {
      const piece = examplesAfter(database, last, pieceExamples);
      yield* piece;
      if (piece.length < pieceExamples) return;
      last = piece[piece.length - 1].id;
    }
  });
}

/** In one transaction of a connection of its own. */
function* reading<T>(folder: string, read: (database: SqliteDatabase.Database) => Generator<T>): Generator<T> {
  const file = databaseFile(folder);
  let database: SqliteDatabase.Database | null = null;
  try {
    database = new SqliteDatabase(file, { readonly: true, fileMustExist: true, timeout: 5000 });
    database.exec('BEGIN');
    yield* read(database);
  } catch (error) {
    throw databaseFailure(error, file);
  } finally {
    database?.close();
  }
}
