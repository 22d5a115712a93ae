/** Suggestions of a run approved as labels, many at once. */
import type { Database } from 'better-sqlite3';
import { countOf } from '../../shared/counts.ts';
import type { Prediction } from '../../shared/domain.ts';
import { changeInPieces, type Changes } from './history.ts';
import type { CallContext } from './operations.ts';
import { findLabel } from './tables/labels.ts';
import { readProject } from './tables/project.ts';
import { readRun } from './tables/runs.ts';
import { inOrder, type StoredAnnotation } from './tables/states.ts';
import { waitingSuggestion } from './tables/suggestions.ts';

export interface ApprovedSuggestions {
  run: string;
  ids: Uint32Array;
}

/**
 * Gives how many texts got a label. Left out are texts that were labeled, skipped, deleted or made test texts meanwhile, and those whose label
 * the project does not have any more. Cancelled, it labels none. Throws unknown_run and the signal's reason.
 */
export async function approveSuggestions(
  database: Database,
  annotator: string,
  { run, ids }: ApprovedSuggestions,
  call: CallContext<{ done: number; total: number }>,
): Promise<number> {
  const { name } = readRun(database, run);
  const annotationOf = annotations(database, run);
  const title = `approval of ${countOf(ids.length, 'suggestion')} of “${name}”`;
  const step = (id: number, changes: Changes) => {
    const annotation = annotationOf(id);
    if (annotation) changes.example(id, { annotation, approval: run });
  };
  return changeInPieces(database, annotator, { title, ids, step }, call);
}

/** What the run's suggestion for a text is as an annotation; null where it cannot be one. */
function annotations(database: Database, run: string): (id: number) => StoredAnnotation | null {
  const { task } = readProject(database);
  const suggested = waitingSuggestion(database, run);
  const ids = new Map<string, number | null>();
  const idOf = (name: string) => {
    if (!ids.has(name)) ids.set(name, findLabel(database, name));
    return ids.get(name) ?? null;
  };
  const all = (names: string[]): number[] | null => {
    const found = names.map(idOf).filter((id) => id !== null);
    return found.length === names.length ? found : null;
  };
  const textOf = database.prepare('SELECT text FROM example WHERE id = ?').pluck();
  const spansOf = (id: number, spans: NonNullable<Prediction['spans']>): StoredAnnotation['spans'] => {
    const labels = all(spans.map(({ label }) => label));
    const { length } = textOf.get(id) as string;
    if (!labels || spans.some(({ end }) => end > length)) return null;
    return inOrder(spans.map(({ start, end }, at) => ({ start, end, label: labels[at] })));
  };
  return (id) => {
    const said = suggested(id);
    if (!said) return null;
    const annotation: StoredAnnotation = { label: null, labels: null, spans: null };
    if (task === 'classification') annotation.label = said.label === null ? null : idOf(said.label);
    else if (task === 'multilabel') annotation.labels = all(said.labels ?? [])?.sort((a, b) => a - b) ?? null;
    else annotation.spans = spansOf(id, said.spans ?? []);
    return annotation.label !== null || annotation.labels !== null || annotation.spans !== null ? annotation : null;
  };
}
