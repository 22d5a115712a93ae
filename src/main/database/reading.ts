/** Reads a whole project through a connection of its own, beside whoever writes to it. */
import SqliteDatabase from 'better-sqlite3';
import { databaseFailure } from './failures.ts';
import { databaseFile } from './open.ts';
import { examplesAfter } from './tables/examples.ts';
import type { StoredExample } from './tables/examples.ts';

const pieceExamples = 500;

/** All examples by id, as they are at this moment. Throws as openProject. */
export function* everyExample(folder: string): Generator<StoredExample> {
  const file = databaseFile(folder);
  let database: SqliteDatabase.Database | null = null;
  try {
    database = new SqliteDatabase(file, { readonly: true, fileMustExist: true, timeout: 5000 });
    database.exec('BEGIN');
    for (let last = 0; ;) {
      const piece = examplesAfter(database, last, pieceExamples);
      yield* piece;
      if (piece.length < pieceExamples) return;
      last = piece[piece.length - 1].id;
    }
  } catch (error) {
    throw databaseFailure(error, file);
  } finally {
    database?.close();
  }
}
