/** Brings project.db to this version's schema. `user_version` counts the migrations already done. */
import type { Database } from 'better-sqlite3';
import { ThawError } from '../../../shared/errors.ts';
import { first } from './0001-first.ts';
import { severalLabels } from './0002-several-labels.ts';
import { remarks } from './0003-remarks.ts';
import { history } from './0004-history.ts';
import { search } from './0005-search.ts';
import { views } from './0006-views.ts';
import { testLock } from './0007-test-lock.ts';
import { randomDraws } from './0008-random-draws.ts';
import { annotators } from './0009-annotators.ts';
import { confirmedLabels } from './0010-confirmed-labels.ts';
import { suggestions } from './0011-suggestions.ts';
import { searchSegments } from './0012-search-segments.ts';

const migrations = [
  first,
  severalLabels,
  remarks,
  history,
  search,
  views,
  testLock,
  randomDraws,
  annotators,
  confirmedLabels,
  suggestions,
  searchSegments,
];

export const schemaVersion = migrations.length;

/** Runs the migrations still to do; call it inside a transaction. Throws newer_project for a schema from a later version of the app. */
export function migrate(database: Database, file: string): void {
  const version = database.pragma('user_version', { simple: true }) as number;
  if (version > schemaVersion)
    throw new ThawError({
      code: 'newer_project',
      message: `This project was last used by a newer Thaw (schema ${version}; this version reads up to ${schemaVersion}).`,
      remedy: 'Open it with that version or a later one; nothing in it was changed.',
      place: { file },
    });
  for (const migration of migrations.slice(version)) database.exec(migration);
  // Setting it writes, which an opening on a full disk had better not do for nothing.
  if (version < schemaVersion) database.pragma(`user_version = ${schemaVersion}`);
}
