/** Runs, each with the whole configuration that repeats it. */
import type { Database } from 'better-sqlite3';
import type { Run, RunConfiguration, RunStatus } from '../../../shared/domain.ts';
import { ThawError } from '../../../shared/errors.ts';
import { listEpochs } from './epochs.ts';

export interface NewRun {
  name: string;
  configuration: RunConfiguration;
  /** Content hash. */
  snapshot: string;
  labels: string[];
  /** How many of its training labels are approved suggestions; left out: none. */
  approvedLabels?: number;
}

export type RunPatch = Partial<Pick<Run, 'name' | 'status' | 'figures' | 'validation' | 'test' | 'error' | 'labels'>>;

interface RunRow {
  id: string;
  name: string;
  status: RunStatus;
  base: string;
  snapshot: string;
  configuration: string;
  labels: string;
  approved_labels: number;
  created_at: string;
  figures: string | null;
  validation: string | null;
  test: string | null;
  error: string | null;
}

const parsed = <T>(text: string | null): T | null => (text === null ? null : (JSON.parse(text) as T));

function asRun(database: Database, row: RunRow): Run {
  return {
    run: row.id,
    name: row.name,
    status: row.status,
    base: row.base,
    snapshot: row.snapshot,
    configuration: JSON.parse(row.configuration) as RunConfiguration,
    labels: JSON.parse(row.labels) as string[],
    ...(row.approved_labels > 0 && { approvedLabels: row.approved_labels }),
    createdAt: row.created_at,
    figures: parsed(row.figures),
    epochs: listEpochs(database, row.id),
    validation: parsed(row.validation),
    test: parsed(row.test),
    error: row.error,
  };
}

/** A queued run. */
export function insertRun(database: Database, { name, configuration, snapshot, labels, approvedLabels = 0 }: NewRun): Run {
  const { lastInsertRowid } = database
    .prepare(
      "INSERT INTO run (name, status, base, snapshot, configuration, labels, approved_labels, created_at) VALUES (?, 'queued', ?, ?, ?, ?, ?, ?)",
    )
    .run(
      name,
      configuration.base,
      snapshot,
      JSON.stringify(configuration),
      JSON.stringify(labels),
      approvedLabels,
      new Date().toISOString(),
    );
  return readRun(database, `r${lastInsertRowid}`);
}

/** Throws unknown_run, naming those there are. */
export function readRun(database: Database, id: string): Run {
  const row = database.prepare('SELECT * FROM run WHERE id = ?').get(id) as RunRow | undefined;
  if (row) return asRun(database, row);
  const ids = (database.prepare('SELECT id FROM run ORDER BY number').all() as { id: string }[]).map((run) => run.id);
  throw new ThawError({
    code: 'unknown_run',
    message: `There is no run '${id}' in this project.`,
    remedy: ids.length ? `Runs of this project: ${ids.join(', ')}.` : 'This project has no runs yet: train one first.',
  });
}

/** Oldest first. */
export function listRuns(database: Database): Run[] {
  return (database.prepare('SELECT * FROM run ORDER BY number').all() as RunRow[]).map((row) => asRun(database, row));
}

export function countRuns(database: Database): number {
  return (database.prepare('SELECT count(*) AS count FROM run').get() as { count: number }).count;
}

export function patchRun(database: Database, id: string, patch: RunPatch): Run {
  const run = { ...readRun(database, id), ...patch };
  const text = (value: unknown) => (value === null ? null : JSON.stringify(value));
  database
    .prepare('UPDATE run SET name = ?, status = ?, figures = ?, validation = ?, test = ?, error = ?, labels = ? WHERE id = ?')
    .run(run.name, run.status, text(run.figures), text(run.validation), text(run.test), run.error, JSON.stringify(run.labels), id);
  return readRun(database, id);
}

/** Throws unknown_run, and unavailable for one that is not over or that others start from. */
export function checkRemovable(database: Database, id: string): void {
  const run = readRun(database, id);
  if (run.status === 'queued' || run.status === 'running')
    throw new ThawError({ code: 'unavailable', message: `Run ${id} is still ${run.status}.`, remedy: 'Cancel it first.' });
  const children = database.prepare('SELECT id FROM run WHERE base = ? ORDER BY number').pluck().all(id) as string[];
  if (children.length > 0)
    throw new ThawError({
      code: 'unavailable',
      message: `${children.length === 1 ? `Run ${children[0]} starts` : `Runs ${children.join(', ')} start`} from run ${id} and cannot do without it.`,
      remedy: `Delete ${children.length === 1 ? 'that run' : 'those runs'} first.`,
    });
}

/** Throws as checkRemovable. */
export function deleteRun(database: Database, id: string): void {
  checkRemovable(database, id);
  database.prepare('DELETE FROM run WHERE id = ?').run(id);
}

/** No run outlives its host: those left queued or running were cut off. */
export function interruptRuns(database: Database): void {
  database
    .prepare("UPDATE run SET status = 'interrupted', error = 'Thaw ended before the run did.' WHERE status IN ('queued', 'running')")
    .run();
}

export function addTestOpening(database: Database, run: string): number {
  readRun(database, run);
  database.prepare('INSERT INTO test_opening (run, at) VALUES (?, ?)').run(run, new Date().toISOString());
  return (database.prepare('SELECT count(*) AS count FROM test_opening WHERE run = ?').get(run) as { count: number }).count;
}
