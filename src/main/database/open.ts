/** Opens a project's database: creates it, takes ownership, migrates, and clears what a crash left. */
import SqliteDatabase from 'better-sqlite3';
import type { Database } from 'better-sqlite3';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Task } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import { databaseFailure } from './failures.ts';
import { takeBackLongStep } from './history.ts';
import { migrate, schemaVersion } from './migrations/index.ts';
import { releaseOwnership, takeOwnership } from './owner.ts';
import { discardUnfinishedImport } from './staging.ts';
import { insertProject } from './tables/project.ts';
import { interruptRuns } from './tables/runs.ts';

export interface OpenOptions {
  /** Makes the project when the folder is missing or empty. */
  create?: { task: Task; name: string; attribution?: string };
  readonly?: boolean;
  /** Largest size project.db may grow to; without it, what the disk holds. */
  maximumBytes?: number;
}

/** project.db, runs/, snapshots/, cache/ and what belongs to the first two. */
const ours = /^(project\.db(-wal|-shm|-journal)?|owner\.json(\.\d+)?|runs|snapshots|cache)$/;

export const databaseFile = (folder: string) => join(folder, 'project.db');

/** Throws unknown_project, project_in_use, newer_project, damaged_file, file_unreadable, disk_full. */
export function openDatabase(folder: string, options: OpenOptions): Database {
  const file = databaseFile(folder);
  try {
    checkFolder(folder, options);
    return options.readonly ? openForReading(folder) : openForWriting(folder, options);
  } catch (error) {
    throw databaseFailure(error, file);
  }
}

function noProject(folder: string, why: string): ThawError {
  return new ThawError({
    code: 'unknown_project',
    message: `${folder} ${why}.`,
    remedy: 'Name the folder of a project, or a new or empty folder to import into.',
    place: { file: folder },
  });
}

function checkFolder(folder: string, { create, readonly }: OpenOptions): void {
  if (existsSync(databaseFile(folder))) return;
  if (!create || readonly) throw noProject(folder, existsSync(folder) ? 'is not a Thaw project' : 'does not exist');
  if (existsSync(folder) && readdirSync(folder).some((name) => !ours.test(name)))
    throw noProject(folder, 'holds other files and no project');
}

function openForReading(folder: string): Database {
  const file = databaseFile(folder);
  const database = new SqliteDatabase(file, { readonly: true, timeout: 5000 });
  try {
    const version = database.pragma('user_version', { simple: true }) as number;
    if (version > schemaVersion) migrate(database, file);
    if (version < schemaVersion)
      throw noProject(folder, version === 0 ? 'is not a Thaw project' : 'was made by an older Thaw and has to be opened once for writing');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function openForWriting(folder: string, { create, maximumBytes }: OpenOptions): Database {
  for (const part of ['runs', 'snapshots', 'cache']) mkdirSync(join(folder, part), { recursive: true });
  const database = new SqliteDatabase(databaseFile(folder), { timeout: 5000 });
  let owned = false;
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    database.pragma('cache_size = -65536');
    const take = database.transaction(() => {
      takeOwnership(folder);
      owned = true;
    });
    take.immediate();
    database.transaction(() => prepare(database, folder, create)).immediate();
    if (maximumBytes)
      database.pragma(`max_page_count = ${Math.floor(maximumBytes / (database.pragma('page_size', { simple: true }) as number))}`);
    return database;
  } catch (error) {
    database.close();
    if (owned) releaseOwnership(folder);
    throw error;
  }
}

function prepare(database: Database, folder: string, create: OpenOptions['create']): void {
  const isNew = database.pragma('user_version', { simple: true }) === 0;
  if (isNew && !create) throw noProject(folder, 'is not a Thaw project');
  migrate(database, databaseFile(folder));
  if (isNew && create) insertProject(database, create);
  discardUnfinishedImport(database);
  takeBackLongStep(database);
  interruptRuns(database);
}
