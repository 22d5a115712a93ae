/** What each run said of the examples of a split. */
import type { Database } from 'better-sqlite3';
import type { Prediction, Split } from '../../../shared/domain.ts';
import { formerNames } from './labels.ts';

type Span = NonNullable<Prediction['spans']>[number];

interface PredictionRow {
  example: number;
  label: string | null;
  labels: string | null;
  scores: string;
  spans: string | null;
}

/** Replaces the run's predictions on the split. */
export function replacePredictions(database: Database, run: string, split: Split, predictions: Prediction[]): void {
  database.prepare('DELETE FROM prediction WHERE run = ? AND split = ?').run(run, split);
  const insert = database.prepare(
    'INSERT INTO prediction (run, split, example, label, labels, scores, spans) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  for (const { exampleId, label, labels, scores, spans } of predictions)
    insert.run(
      run,
      split,
      exampleId,
      label,
      labels ? JSON.stringify(labels) : null,
      JSON.stringify(scores),
      spans && JSON.stringify(spans),
    );
}

/** By example id, with labels by their present names: a renamed or merged label is the same answer. */
export function listPredictions(database: Database, run: string, split: Split): Prediction[] {
  const rows = database
    .prepare('SELECT example, label, labels, scores, spans FROM prediction WHERE run = ? AND split = ? ORDER BY example')
    .all(run, split) as PredictionRow[];
  const renamed = formerNames(database);
  const now = (name: string) => renamed.get(name) ?? name;
  return rows.map((row) => ({
    exampleId: row.example,
    label: row.label === null ? null : now(row.label),
    ...(row.labels !== null && { labels: [...new Set((JSON.parse(row.labels) as string[]).map(now))] }),
    scores: JSON.parse(row.scores) as number[],
    spans: row.spans === null ? null : (JSON.parse(row.spans) as Span[]).map((span) => ({ ...span, label: now(span.label) })),
  }));
}
