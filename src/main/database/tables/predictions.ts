/** What each run said of the examples of a split. */
import type { Database } from 'better-sqlite3';
import type { Example, Prediction, Split, Suggestion } from '../../../shared/domain.ts';
import type { ListedPrediction } from '../../../shared/filter.ts';
import { formerNames } from './labels.ts';

type Span = NonNullable<Prediction['spans']>[number];

interface PredictionRow {
  example: number;
  label: string | null;
  labels: string | null;
  scores: string;
  spans: string | null;
}

/** Of the label given; of several, the highest; of entities, the lowest. Null where there is none. */
const probabilityOf = ({ scores, spans }: Prediction): number | null => {
  const all = scores.length > 0 ? scores : (spans ?? []).map(({ score }) => score);
  return all.length === 0 ? null : all.reduce((best, score) => (scores.length > 0 ? Math.max(best, score) : Math.min(best, score)));
};

/** Replaces the run's predictions on the split. */
export function replacePredictions(database: Database, run: string, split: Split, predictions: Prediction[]): void {
  database.prepare('DELETE FROM prediction WHERE run = ? AND split = ?').run(run, split);
  const insert = database.prepare(
    'INSERT INTO prediction (run, split, example, label, labels, scores, spans, probability) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  for (const prediction of predictions) {
    const { exampleId, label, labels, scores, spans } = prediction;
    insert.run(
      run,
      split,
      exampleId,
      label,
      labels ? JSON.stringify(labels) : null,
      JSON.stringify(scores),
      spans && JSON.stringify(spans),
      probabilityOf(prediction),
    );
  }
}

/** The run last made that has predictions; null where none has. */
export function newestPredictingRun(database: Database): string | null {
  const run = database
    .prepare('SELECT id FROM run WHERE EXISTS (SELECT 1 FROM prediction WHERE prediction.run = run.id) ORDER BY number DESC LIMIT 1')
    .pluck()
    .get();
  return (run as string | undefined) ?? null;
}

/** The splits whose predictions may be seen: the test split stays closed until it was opened. */
export function openSplits(database: Database, run: string): Split[] {
  const isOpen = database.prepare('SELECT 1 FROM test_opening WHERE run = ? LIMIT 1').get(run) !== undefined;
  return isOpen ? ['train', 'validation', 'test'] : ['train', 'validation'];
}

/** What the run said of each example; null where it said nothing. */
export function listedPredictions(database: Database, run: string, examples: Pick<Example, 'id'>[]): (ListedPrediction | null)[] {
  const open = openSplits(database, run);
  const renamed = formerNames(database);
  const now = (name: string) => renamed.get(name) ?? name;
  const select = database.prepare(
    `SELECT split, label, labels, scores, spans, probability FROM prediction
      WHERE run = ? AND split IN ('train', 'validation', 'test') AND example = ?`,
  );
  return examples.map(({ id }) => {
    const row = select.get(run, id) as (Omit<PredictionRow, 'example'> & { split: Split; probability: number | null }) | undefined;
    if (!row) return null;
    if (!open.includes(row.split)) return { sealed: true, label: null, spans: null, scores: [], probability: null };
    const { label, labels, scores, spans, probability } = row;
    return {
      sealed: false,
      label: label === null ? null : now(label),
      ...(labels !== null && { labels: [...new Set((JSON.parse(labels) as string[]).map(now))] }),
      spans: spans === null ? null : (JSON.parse(spans) as Span[]).map((span) => ({ ...span, label: now(span.label) })),
      scores: JSON.parse(scores) as number[],
      probability,
    };
  });
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

/**
 * What the newest run that predicted the example says of it, by present names; null where none did. Never of a test text: a label that was
 * given with a model's answer in sight is no test of it.
 */
export function suggestionFor(database: Database, example: number): Suggestion | null {
  const split = database.prepare('SELECT split FROM example WHERE id = ?').pluck().get(example) as Split | undefined;
  if (split === undefined || split === 'test') return null;
  const runs = database.prepare('SELECT id, name, labels FROM run ORDER BY number DESC').all() as {
    id: string;
    name: string;
    labels: string;
  }[];
  const select = database.prepare('SELECT label, labels, scores, spans FROM prediction WHERE run = ? AND split = ? AND example = ?');
  for (const run of runs) {
    const row = select.get(run.id, split, example) as PredictionRow | undefined;
    if (!row) continue;
    const renamed = formerNames(database);
    const now = (name: string) => renamed.get(name) ?? name;
    const scores = JSON.parse(row.scores) as number[];
    const given = row.labels === null ? (row.label === null ? [] : [row.label]) : (JSON.parse(row.labels) as string[]);
    return {
      source: 'run',
      run: run.id,
      name: run.name,
      labels: [...new Set(given.map(now))],
      scores: (JSON.parse(run.labels) as string[])
        .slice(0, scores.length)
        .map((label, index) => ({ label: now(label), score: scores[index] })),
    };
  }
  return null;
}
