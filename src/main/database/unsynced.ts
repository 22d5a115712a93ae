import type { Database } from 'better-sqlite3';

/**
 * One transaction that may be lost in a power failure: of work that is begun again then, or that a synchronous transaction after it covers.
 */
export function unsynced(database: Database, work: () => void): void {
  database.pragma('synchronous = NORMAL');
  try {
    database.transaction(work).immediate();
  } finally {
    database.pragma('synchronous = FULL');
  }
}
