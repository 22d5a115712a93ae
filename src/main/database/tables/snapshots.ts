/** Snapshots by content hash; their content is a file. */
import type { Database } from 'better-sqlite3';

export function recordSnapshot(database: Database, hash: string, examples: number): void {
  database
    .prepare('INSERT INTO snapshot (hash, examples, created_at) VALUES (?, ?, ?) ON CONFLICT (hash) DO NOTHING')
    .run(hash, examples, new Date().toISOString());
}
