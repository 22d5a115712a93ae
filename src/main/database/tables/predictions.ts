/** What each run said of the examples of a split. */
import type { Database } from 'better-sqlite3';
import type { Example, Prediction, Split } from '../../../shared/domain.ts';
import type { ListedPrediction } from '../../../shared/filter.ts';
import { renamer } from './labels.ts';
import { readRun } from './runs.ts';

type Span = NonNullable<Prediction['spans']>[number];

export interface PredictionRow {
  example: number;
  label: string | null;
  labels: string | null;
  scores: string;
  spans: string | null;
}

/** What a stored prediction says, by present names. */
export const saidIn = (
  { label, labels, spans }: Pick<PredictionRow, 'label' | 'labels' | 'spans'>,
  nameNow: (name: string) => string,
): Pick<Prediction, 'label' | 'labels' | 'spans'> => ({
  label: label === null ? null : nameNow(label),
  ...(labels !== null && { labels: [...new Set((JSON.parse(labels) as string[]).map(nameNow))] }),
  spans: spans === null ? null : (JSON.parse(spans) as Span[]).map((span) => ({ ...span, label: nameNow(span.label) })),
});

/** Of the label given; of several, the highest; of entities, the lowest. Null where there is none. */
const probabilityOf = ({ scores, spans }: Prediction): number | null => {
  const all = scores.length > 0 ? scores : (spans ?? []).map(({ score }) => score);
  return all.length === 0 ? null : all.reduce((best, score) => (scores.length > 0 ? Math.max(best, score) : Math.min(best, score)));
};

/** Replaces the run's predictions on the split. */
export function replacePredictions(database: Database, run: string, split: Split, predictions: Prediction[]): void {
  database.prepare('DELETE FROM prediction WHERE run = ? AND split = ?').run(run, split);
  const insert = inserter(database, run);
  for (const prediction of predictions) insert(split, prediction);
}

/** Adds what the run says of examples outside the test split; what it said of them before is replaced. Throws unknown_run. */
export function addPredictions(database: Database, run: string, split: 'train' | 'validation', predictions: Prediction[]): void {
  readRun(database, run);
  const insert = inserter(database, run);
  const forget = database.prepare("DELETE FROM prediction WHERE run = ? AND split IN ('train', 'validation') AND example = ?");
  for (const prediction of predictions) {
    forget.run(run, prediction.exampleId);
    insert(split, prediction);
  }
}

function inserter(database: Database, run: string): (split: Split, prediction: Prediction) => void {
  const insert = database.prepare(
    'INSERT INTO prediction (run, split, example, label, labels, scores, spans, probability) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  return (split, prediction) => {
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
  };
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
  const nameNow = renamer(database);
  const select = database.prepare(
    // Of a text that became a test text, or was one, what was said stays closed too.
    `SELECT min(prediction.split, example.split) AS split, prediction.label, labels, scores, spans, probability
      FROM prediction JOIN example ON example.id = prediction.example
      WHERE run = ? AND prediction.split IN ('train', 'validation', 'test') AND example = ? ORDER BY prediction.split DESC LIMIT 1`,
  );
  return examples.map(({ id }) => {
    const row = select.get(run, id) as (Omit<PredictionRow, 'example'> & { split: Split; probability: number | null }) | undefined;
    if (!row) return null;
    if (!open.includes(row.split)) return { sealed: true, label: null, spans: null, scores: [], probability: null };
    return { sealed: false, ...saidIn(row, nameNow), scores: JSON.parse(row.scores) as number[], probability: row.probability };
  });
}

/** By example id, with labels by their present names. */
export function listPredictions(database: Database, run: string, split: Split): Prediction[] {
  const rows = database
    .prepare('SELECT example, label, labels, scores, spans FROM prediction WHERE run = ? AND split = ? ORDER BY example')
    .all(run, split) as PredictionRow[];
  const nameNow = renamer(database);
  return rows.map((row) => ({ exampleId: row.example, ...saidIn(row, nameNow), scores: JSON.parse(row.scores) as number[] }));
}
