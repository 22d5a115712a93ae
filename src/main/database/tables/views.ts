/** Filters kept under names, in the order they were first saved. */
import type { Database } from 'better-sqlite3';
import type { SavedView } from '../../../shared/filter.ts';

export function listViews(database: Database): SavedView[] {
  return database.prepare('SELECT id, name, query FROM view ORDER BY id').all() as SavedView[];
}

/** A view of that name is replaced. */
export function storeView(database: Database, name: string, query: string): void {
  database.prepare('INSERT INTO view (name, query) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET query = excluded.query').run(name, query);
}

export function deleteView(database: Database, id: number): void {
  database.prepare('DELETE FROM view WHERE id = ?').run(id);
}
