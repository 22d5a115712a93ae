/** SQLite's failures as ThawErrors. */
import SqliteDatabase from 'better-sqlite3';
import { ThawError, toThawError } from '../../shared/errors.ts';

/** Any failure of a database operation, with the file it concerns. */
export function databaseFailure(cause: unknown, file: string): ThawError {
  if (!(cause instanceof SqliteDatabase.SqliteError)) return toThawError(cause);
  const place = { file };
  const { code } = cause;
  if (code === 'SQLITE_FULL')
    return new ThawError(
      {
        code: 'disk_full',
        message: `The disk is full: ${file} cannot grow.`,
        remedy: 'Free some space and try again; everything saved before is there.',
        place,
      },
      { cause },
    );
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB')
    return new ThawError(
      {
        code: 'damaged_file',
        message: `${file} is damaged or not a project database.`,
        remedy: 'Restore the project folder from a backup.',
        place,
      },
      { cause },
    );
  if (code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_READONLY') || code === 'SQLITE_PERM')
    return new ThawError(
      {
        code: 'file_unreadable',
        message: `${file} cannot be opened (${cause.message}).`,
        remedy: 'Check that you may read and write the project folder.',
        place,
      },
      { cause },
    );
  if (code.startsWith('SQLITE_BUSY'))
    return new ThawError(
      { code: 'project_in_use', message: `${file} is locked by another process.`, remedy: 'Try again once that process is done.', place },
      { cause },
    );
  return new ThawError({ code: 'internal', message: `${file}: ${cause.message} (${code})`, place }, { cause });
}
