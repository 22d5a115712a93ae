/** What a person can change of an example, with labels by id: read and written for the event log. */
import type { Database } from 'better-sqlite3';
import type { Annotation, Remark, Split } from '../../../shared/domain.ts';
import { textHash } from './examples.ts';
import { labelId } from './labels.ts';
import { readProject } from './project.ts';

/** An annotation with labels by id: those of a renamed or recoloured label stay what they are. Null where the task is another or nothing was said. */
export interface StoredAnnotation {
  label: number | null;
  labels: number[] | null;
  spans: { start: number; end: number; label: number }[] | null;
}

/** What the project's own label was, whose and since when (null: it came with the text), before a disagreement was settled; null: there was none. */
export type Settled = { annotator: string | null; at: string | null; annotation: StoredAnnotation } | { annotation: null };

export interface ExampleState {
  annotation: StoredAnnotation;
  skipped: boolean;
  remark: Remark | null;
  split: Split;
  text: string;
  /** Out of sight, as if it had never been imported. */
  deleted: boolean;
  /** Null until a disagreement of annotators was settled. */
  settled: Settled | null;
  /** The run whose suggestion the annotation is, as a person approved it among others; null: given by hand or by a file. */
  approval: string | null;
}

/** Fields left out stay as they are. */
export type ExampleChange = Partial<ExampleState>;

export interface ExampleStates {
  /** Those fields of the state that `fields` has. */
  read(id: number, fields: ExampleChange): ExampleChange;
  write(id: number, change: ExampleChange): void;
}

/** Throws unknown_label. */
export function storedAnnotation(database: Database, { label, labels, spans }: Annotation): StoredAnnotation {
  const idOf = (name: string) => labelId(database, name);
  return {
    label: label === null ? null : idOf(label),
    labels: labels ? [...new Set(labels.map(idOf))].sort((a, b) => a - b) : null,
    spans: spans && inOrder(spans.map(({ start, end, label: name }) => ({ start, end, label: idOf(name) }))),
  };
}

/** By where they begin, the longer first; each once. */
export function inOrder(spans: NonNullable<StoredAnnotation['spans']>): NonNullable<StoredAnnotation['spans']> {
  const sorted = [...spans].sort((a, b) => a.start - b.start || b.end - a.end || a.label - b.label);
  return sorted.filter(({ start, end, label }, at) => {
    const before = sorted[at - 1];
    return !before || before.start !== start || before.end !== end || before.label !== label;
  });
}

interface Row {
  annotated: number;
  label: number | null;
  skipped: number;
  split: Split;
  text: string;
  deleted: number;
  settled: string | null;
}

/** Statements are prepared once: a batch may change very many examples. */
export function exampleStates(database: Database): ExampleStates {
  const { task } = readProject(database);
  const rowOf = database.prepare('SELECT annotated, label, skipped, split, text, deleted, settled FROM example WHERE id = ?');
  const labelsOf = database.prepare('SELECT label FROM text_label WHERE example = ? ORDER BY label').pluck();
  const spansOf = database.prepare('SELECT start, end, label FROM span WHERE example = ? ORDER BY start, end DESC, label');
  const remarkOf = database.prepare('SELECT note, unsure FROM remark WHERE example = ?');
  const approvalOf = database.prepare('SELECT run FROM approval WHERE example = ?').pluck();
  const annotationOf = (id: number, { annotated, label }: Row): StoredAnnotation => ({
    label,
    labels: annotated && task === 'multilabel' ? (labelsOf.all(id) as number[]) : null,
    spans: annotated && task === 'ner' ? (spansOf.all(id) as NonNullable<StoredAnnotation['spans']>) : null,
  });
  const remark = (id: number): Remark | null => {
    const row = remarkOf.get(id) as { note: string; unsure: number } | undefined;
    return row ? { note: row.note, unsure: row.unsure === 1 } : null;
  };
  return {
    read(id, fields) {
      const row = rowOf.get(id) as Row;
      return {
        ...('annotation' in fields && { annotation: annotationOf(id, row) }),
        ...('skipped' in fields && { skipped: row.skipped === 1 }),
        ...('remark' in fields && { remark: remark(id) }),
        ...('split' in fields && { split: row.split }),
        ...('text' in fields && { text: row.text }),
        ...('deleted' in fields && { deleted: row.deleted === 1 }),
        ...('settled' in fields && { settled: row.settled === null ? null : (JSON.parse(row.settled) as Settled) }),
        ...('approval' in fields && { approval: (approvalOf.get(id) as string | undefined) ?? null }),
      };
    },
    write: writer(database),
  };
}

function writer(database: Database): ExampleStates['write'] {
  const annotated = database.prepare('UPDATE example SET annotated = ?, label = ? WHERE id = ?');
  const forgetLabels = database.prepare('DELETE FROM text_label WHERE example = ?');
  const giveLabel = database.prepare('INSERT INTO text_label (example, label) VALUES (?, ?)');
  const forgetSpans = database.prepare('DELETE FROM span WHERE example = ?');
  const giveSpan = database.prepare('INSERT INTO span (example, start, end, label) VALUES (?, ?, ?, ?)');
  const skip = database.prepare('UPDATE example SET skipped = ? WHERE id = ?');
  const move = database.prepare('UPDATE example SET split = ? WHERE id = ?');
  const hide = database.prepare('UPDATE example SET deleted = ? WHERE id = ?');
  const settle = database.prepare('UPDATE example SET settled = ? WHERE id = ?');
  const rewrite = textWriter(database);
  const forgetRemark = database.prepare('DELETE FROM remark WHERE example = ?');
  const giveRemark = database.prepare('INSERT INTO remark (example, note, unsure) VALUES (?, ?, ?)');
  const forgetApproval = database.prepare('DELETE FROM approval WHERE example = ?');
  const approve = database.prepare('INSERT INTO approval (example, run) VALUES (?, ?)');
  return (id, { annotation, skipped, remark, split, text, deleted, settled, approval }) => {
    if (annotation) {
      const { label, labels, spans } = annotation;
      annotated.run(label !== null || labels !== null || spans !== null ? 1 : 0, label, id);
      forgetLabels.run(id);
      for (const given of labels ?? []) giveLabel.run(id, given);
      forgetSpans.run(id);
      for (const span of spans ?? []) giveSpan.run(id, span.start, span.end, span.label);
    }
    if (skipped !== undefined) skip.run(skipped ? 1 : 0, id);
    if (split) move.run(split, id);
    if (deleted !== undefined) hide.run(deleted ? 1 : 0, id);
    if (settled !== undefined) settle.run(settled && JSON.stringify(settled), id);
    if (text !== undefined) rewrite(id, text);
    if (approval !== undefined) {
      forgetApproval.run(id);
      if (approval !== null) approve.run(id, approval);
    }
    if (remark !== undefined) {
      forgetRemark.run(id);
      if (remark) giveRemark.run(id, remark.note, remark.unsure ? 1 : 0);
    }
  };
}

/** Replaces a text, and where the search index has it, there too. */
function textWriter(database: Database): (id: number, text: string) => void {
  const write = database.prepare('UPDATE example SET text = ?, text_hash = ? WHERE id = ?');
  const indexed = database
    .prepare(
      `SELECT text FROM example WHERE id = ? AND id <= (SELECT indexed_examples FROM project)
        AND NOT EXISTS (SELECT 1 FROM long_example WHERE example = example.id)`,
    )
    .pluck();
  const forget = database.prepare("INSERT INTO example_search (example_search, rowid, text) VALUES ('delete', ?, ?)");
  const index = database.prepare('INSERT INTO example_search (rowid, text) VALUES (?, ?)');
  return (id, text) => {
    const before = indexed.get(id) as string | undefined;
    if (before !== undefined) forget.run(id, before);
    write.run(text, textHash(text), id);
    if (before !== undefined) index.run(id, text);
  };
}
