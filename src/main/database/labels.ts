/** Managing labels: each call is one batch, with what it does to the annotations in it, so that it can be undone. */
import type { Database } from 'better-sqlite3';
import type { LabelPatch } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import { change, type Changes } from './history.ts';
import { findLabel, newLabel, nextLabelId, publishLabel, readLabel } from './tables/labels.ts';
import { readProject } from './tables/project.ts';
import { exampleStates, inOrder, type ExampleChange, type StoredAnnotation } from './tables/states.ts';

/** Adds the label unless it is there. */
export function createLabel(database: Database, annotator: string, name: string): void {
  if (findLabel(database, name) !== null) return;
  const pending = database.prepare('SELECT id FROM label WHERE name = ? AND pending = 1').pluck().get(name) as number | undefined;
  // An import under way brings it: it is there already, only not seen yet.
  if (pending !== undefined) return database.transaction(() => publishLabel(database, pending, name)).immediate();
  change(database, annotator, `new label “${name}”`, (changes) => changes.label(nextLabelId(database), newLabel(database, name)));
}

/** Renames, recolours, and what else `patch` says. A look that another label has is exchanged with it. Throws unknown_label, wrong_format. */
export function updateLabel(database: Database, annotator: string, { id, patch }: { id: number; patch: LabelPatch }): void {
  const before = readLabel(database, id);
  if (patch.name !== undefined && patch.name !== before.name && isTaken(database, patch.name))
    throw new ThawError({
      code: 'wrong_format',
      message: `There is a label “${patch.name}” already.`,
      remedy: 'Choose another name, or merge the two labels.',
      place: { field: 'name' },
    });
  const title = patchTitle(before.name, patch);
  change(database, annotator, title, (changes) => {
    if (patch.category !== undefined && patch.category !== before.category)
      exchangeLook(database, changes, before.category, patch.category);
    changes.label(id, { ...before, ...patch });
  });
}

const isTaken = (database: Database, name: string) => database.prepare('SELECT 1 FROM label WHERE name = ?').get(name) !== undefined;

function patchTitle(name: string, patch: LabelPatch): string {
  if (patch.name !== undefined) return `renaming “${name}” to “${patch.name}”`;
  if (patch.category !== undefined) return `colour of “${name}”`;
  return `guideline of “${name}”`;
}

function exchangeLook(database: Database, changes: Changes, from: number, to: number): void {
  const others = database.prepare('SELECT id FROM label WHERE category = ? AND pending = 0').pluck().all(to) as number[];
  for (const other of others) changes.label(other, { ...readLabel(database, other), category: from });
}

/** Puts the label at `position`, counted from 0 in the list. Throws unknown_label. */
export function moveLabel(database: Database, annotator: string, { id, position }: { id: number; position: number }): void {
  const { name } = readLabel(database, id);
  const ids = database.prepare('SELECT id FROM label WHERE pending = 0 ORDER BY position, id').pluck().all() as number[];
  const order = ids.filter((other) => other !== id).toSpliced(position, 0, id);
  change(database, annotator, `order of the labels (“${name}”)`, (changes) => {
    order.forEach((other, index) => changes.label(other, { ...readLabel(database, other), position: index }));
  });
}

/**
 * Removes the label. Texts that have it alone become unlabeled; in lists of labels and among spans it is left out. Throws unknown_label.
 */
export function deleteLabel(database: Database, annotator: string, id: number): void {
  const { name } = readLabel(database, id);
  change(database, annotator, `deletion of “${name}”`, (changes) => {
    replaceLabel(database, changes, id, null);
    changes.label(id, { mergedInto: null });
  });
}

/** What carries the label carries `into` from now on. Throws unknown_label, wrong_format for a label and itself. */
export function mergeLabel(database: Database, annotator: string, { id, into }: { id: number; into: number }): void {
  const [from, to] = [readLabel(database, id), readLabel(database, into)];
  if (id === into) throw new ThawError({ code: 'wrong_format', message: `“${from.name}” cannot be merged into itself.` });
  change(database, annotator, `merging “${from.name}” into “${to.name}”`, (changes) => mergeInto(database, changes, id, into));
}

/** As part of a change. */
export function mergeInto(database: Database, changes: Changes, id: number, into: number): void {
  replaceLabel(database, changes, id, into);
  changes.label(id, { mergedInto: into });
}

const carriers = {
  classification: 'SELECT id FROM example WHERE label = ?',
  multilabel: 'SELECT example FROM text_label WHERE label = ?',
  ner: 'SELECT DISTINCT example FROM span WHERE label = ?',
};

/** In every annotation, those of an import under way too: these nobody has seen, so that they are no event. */
function replaceLabel(database: Database, changes: Changes, id: number, into: number | null): void {
  const { task, visibleExamples } = readProject(database);
  const states = exampleStates(database);
  for (const example of database.prepare(carriers[task]).pluck().all(id) as number[]) {
    const { annotation, approval } = states.read(example, { annotation: undefined, approval: undefined });
    const after = replacedState(annotation as StoredAnnotation, approval ?? null, id, into);
    if (example <= visibleExamples) changes.example(example, after);
    else states.write(example, after);
  }
}

/** Of another name it is the same suggestion; without any label it is none. */
function replacedState(annotation: StoredAnnotation, approval: string | null, id: number, into: number | null): ExampleChange {
  const after = replaced(annotation, id, into);
  const isSaid = after.label !== null || after.labels !== null || after.spans !== null;
  return { annotation: after, approval: isSaid ? approval : null };
}

function replaced({ label, labels, spans }: StoredAnnotation, id: number, into: number | null): StoredAnnotation {
  const swap = (other: number) => (other === id ? into : other);
  const kept = (others: number[]) => [...new Set(others.map(swap).filter((other) => other !== null))].sort((a, b) => a - b);
  return {
    label: label === null ? null : swap(label),
    labels: labels && kept(labels),
    spans:
      spans &&
      inOrder(
        spans.flatMap((span) => {
          const other = swap(span.label);
          return other === null ? [] : [{ ...span, label: other }];
        }),
      ),
  };
}
