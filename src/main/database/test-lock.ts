/**
 * The test set is locked once its figures have been opened: figures before and after a change would not be of the same test. Whoever confirms
 * that it may change unlocks it, until its figures are opened again.
 */
import type { Database } from 'better-sqlite3';
import { ThawError } from '../../shared/errors.ts';
import type { ExampleChange } from './tables/states.ts';

export const isTestLocked = (database: Database): boolean => database.prepare('SELECT test_locked FROM project').pluck().get() === 1;

export function lockTest(database: Database, locked: boolean): void {
  database.prepare('UPDATE project SET test_locked = ?').run(locked ? 1 : 0);
}

export const testLocked = (): ThawError =>
  new ThawError({
    code: 'test_locked',
    message: 'The test set has been used: its figures were opened, and they would not be comparable with those after a change.',
    remedy: 'Confirm that the test set may change (on the command line: --change-test), or leave its texts as they are.',
  });

/** Throws test_locked for a change of what the test set is: its texts, their labels, which they are. */
export function testGuard(database: Database): (id: number, change: ExampleChange) => void {
  if (!isTestLocked(database)) return () => {};
  const splitOf = database.prepare('SELECT split FROM example WHERE id = ?').pluck();
  return (id, { split, annotation, text, deleted }) => {
    if (split === undefined && annotation === undefined && text === undefined && deleted === undefined) return;
    if (split === 'test' || splitOf.get(id) === 'test') throw testLocked();
  };
}
