/** One change of many examples. */
import type { Database } from 'better-sqlite3';
import { countOf } from '../../shared/counts.ts';
import type { BulkChange } from '../../shared/filter.ts';
import { ThawError } from '../../shared/errors.ts';
import { changeInPieces, type Changes } from './history.ts';
import type { CallContext } from './operations.ts';
import { labelId } from './tables/labels.ts';
import { readProject } from './tables/project.ts';
import { shown } from './tables/examples.ts';
import { exampleStates } from './tables/states.ts';
import type { ExampleChange, ExampleStates, StoredAnnotation } from './tables/states.ts';

export interface ManyExamples {
  ids: Uint32Array;
  change: BulkChange;
}

function titleOf(change: BulkChange, count: number): string {
  const texts = countOf(count, 'text');
  if (change.kind === 'label') return change.label === null ? `no label for ${texts}` : `label “${change.label}” for ${texts}`;
  if (change.kind === 'give') return `label “${change.label}” for ${texts}`;
  if (change.kind === 'take') return `label “${change.label}” taken from ${texts}`;
  if (change.kind === 'split') return `split of ${texts}`;
  if (change.kind === 'skip') return change.skipped ? `skip of ${texts}` : `skip of ${texts} taken back`;
  return `deletion of ${texts}`;
}

const nothing: StoredAnnotation = { label: null, labels: null, spans: null };

/** What the change makes of an example. Throws unknown_label, and wrong_format for a change that is not of the project's task. */
function stepOf(database: Database, change: BulkChange): (id: number, states: ExampleStates) => ExampleChange {
  const { task } = readProject(database);
  const needs = (wanted: string) => {
    if (task !== wanted)
      throw new ThawError({
        code: 'wrong_format',
        message: `This project’s task is ${task}: “${change.kind}” is no change of its texts.`,
        remedy: task === 'ner' ? 'Mark entities in the labeler.' : task === 'multilabel' ? 'Give or take a label.' : 'Set a label.',
      });
  };
  if (change.kind === 'split') return () => ({ split: change.split });
  if (change.kind === 'skip') return () => ({ skipped: change.skipped });
  if (change.kind === 'delete') return () => ({ deleted: true });
  if (change.kind === 'label') {
    needs('classification');
    const annotation = { ...nothing, label: change.label === null ? null : labelId(database, change.label) };
    return () => ({ annotation, ...(change.label !== null && { skipped: false }) });
  }
  needs('multilabel');
  const label = labelId(database, change.label);
  return (id, states) => {
    const { annotation } = states.read(id, { annotation: undefined });
    const labels = annotation?.labels ?? null;
    const others = (labels ?? []).filter((other) => other !== label);
    if (change.kind === 'give') return { annotation: { ...nothing, labels: [...others, label].sort((a, b) => a - b) }, skipped: false };
    return labels === null ? {} : { annotation: { ...nothing, labels: others } };
  };
}

/** How many it changed. Cancelled, it changes none. Throws unknown_label, wrong_format, and the signal's reason. */
export async function changeMany(
  database: Database,
  annotator: string,
  { ids, change }: ManyExamples,
  call: CallContext<{ done: number; total: number }>,
): Promise<number> {
  const step = stepOf(database, change);
  const states = exampleStates(database);
  const isThere = database.prepare(`SELECT 1 FROM example WHERE id = ? AND ${shown}`);
  const each = (id: number, changes: Changes) => {
    if (isThere.get(id)) changes.example(id, step(id, states));
  };
  return changeInPieces(database, annotator, { title: titleOf(change, ids.length), ids, step: each }, call);
}
