/** What runs said of training texts that wait to be labeled, under whatever name they stored it. */
import type { Database } from 'better-sqlite3';
import { shown } from './examples.ts';
import { renamer } from './labels.ts';

const waits = `example.split = 'train' AND example.annotated = 0 AND example.skipped = 0 AND ${shown}`;

export interface PredictingRun {
  run: string;
  name: string;
  /** Those its scores are in the order of, by present names. */
  labels: string[];
}

/** The newest runs that have such predictions, newest first. */
export function predictingRuns(database: Database, limit: number): PredictingRun[] {
  const nameNow = renamer(database);
  const rows = database
    .prepare(
      `SELECT id, name, labels FROM run WHERE EXISTS (SELECT 1 FROM prediction JOIN example ON example.id = prediction.example
        WHERE prediction.run = run.id AND ${waits}) ORDER BY number DESC LIMIT ?`,
    )
    .all(limit) as { id: string; name: string; labels: string }[];
  return rows.map(({ id, name, labels }) => ({
    run: id,
    name,
    labels: (JSON.parse(labels) as string[]).map(nameNow),
  }));
}

export interface OpenPrediction {
  example: number;
  /** Classification and multi-label: probabilities in the order of the run's labels. */
  scores: number[];
  /** Of the label given; of several, the highest; of entities, the lowest. Null where there is none. */
  probability: number | null;
}

/** By example id, each once. */
export function openPredictions(database: Database, run: string): OpenPrediction[] {
  const rows = database
    .prepare(
      `SELECT prediction.example, scores, probability FROM prediction JOIN example ON example.id = prediction.example
        WHERE prediction.run = ? AND ${waits} GROUP BY prediction.example ORDER BY prediction.example`,
    )
    .all(run) as { example: number; scores: string; probability: number | null }[];
  return rows.map(({ example, scores, probability }) => ({ example, scores: JSON.parse(scores) as number[], probability }));
}
