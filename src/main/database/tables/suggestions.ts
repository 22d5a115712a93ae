/**
 * What runs say of texts that wait to be labeled: unlabeled, not skipped, and never of the test split, since a label that was given with a
 * model's answer in sight is no test of it.
 */
import type { Database } from 'better-sqlite3';
import type { Prediction, Suggestion, Task } from '../../../shared/domain.ts';
import { shown } from './examples.ts';
import { renamer } from './labels.ts';
import { saidIn, type PredictionRow } from './predictions.ts';
import { readProject } from './project.ts';
import { readRun } from './runs.ts';

/** As wide a range of ids as is looked through at once, which takes some milliseconds. */
const rangeIds = 20_000;

const waiting = `example.annotated = 0 AND example.skipped = 0 AND example.split <> 'test' AND ${shown}`;
const unpredicted = `NOT EXISTS (SELECT 1 FROM prediction WHERE prediction.run = $run AND prediction.split IN ('train', 'validation')
  AND prediction.example = example.id)`;

/** Where the next piece goes on; null: there is none. */
export interface Piece {
  last: number | null;
}

const visible = (database: Database) => database.prepare('SELECT visible_examples FROM project').pluck().get() as number;

function endOf(database: Database, after: number): { until: number; last: number | null } {
  const end = visible(database);
  const until = Math.min(end, after + rangeIds);
  return { until, last: until < end ? until : null };
}

/** How many texts of a range of ids above `after` wait to be labeled and have no answer of the run. Throws unknown_run. */
export function countUnpredicted(database: Database, run: string, after: number): Piece & { count: number } {
  readRun(database, run);
  const { until, last } = endOf(database, after);
  const count = database
    .prepare(`SELECT count(*) FROM example WHERE example.id > $after AND example.id <= $until AND ${waiting} AND ${unpredicted}`)
    .pluck()
    .get({ run, after, until }) as number;
  return { count, last };
}

export interface UnpredictedText {
  id: number;
  text: string;
  split: 'train' | 'validation';
}

/** Up to `limit` of them, by id; a piece may be empty and not the last. */
export function unpredictedAfter(database: Database, run: string, after: number, limit: number): Piece & { texts: UnpredictedText[] } {
  const { until, last } = endOf(database, after);
  const texts = database
    .prepare(
      `SELECT example.id, example.text, example.split FROM example
        WHERE example.id > $after AND example.id <= $until AND ${waiting} AND ${unpredicted} ORDER BY example.id LIMIT $limit`,
    )
    .all({ run, after, until, limit }) as UnpredictedText[];
  return { texts, last: texts.length < limit ? last : texts[texts.length - 1].id };
}

const ofRun = `SELECT own.example, own.label, own.labels, own.scores, own.spans FROM prediction AS own
  CROSS JOIN example ON example.id = own.example`;

/** What a run says of a text that waits, by present names. */
export interface WaitingSuggestion {
  id: number;
  /** Of the text, or of its spans; each once. */
  labels: string[];
  /**
   * How sure the run is of all it says, in [0, 1]: of one label its probability; of several the least sure of its answers, that a label does
   * not apply being one; of entities the least probable one. Null where it finds no entity, which it gives no probability for.
   */
  certainty: number | null;
}

/** Those of a range of ids above `after`, by id. */
export function waitingSuggestions(database: Database, run: string, after: number): Piece & { suggestions: WaitingSuggestion[] } {
  const { task } = readProject(database);
  const { labels } = readRun(database, run);
  const { until, last } = endOf(database, after);
  const named = renamer(database);
  const rows = database
    .prepare(
      `${ofRun} WHERE own.run = $run AND own.split IN ('train', 'validation') AND own.example > $after AND own.example <= $until AND ${waiting}
        ORDER BY own.example`,
    )
    .all({ run, after, until }) as PredictionRow[];
  return { suggestions: rows.map((row) => asWaiting(row, task, labels, named)), last };
}

function asWaiting({ example, label, labels, scores, spans }: PredictionRow, task: Task, known: string[], named: (name: string) => string) {
  const given =
    task === 'classification'
      ? [label ?? '']
      : task === 'multilabel'
        ? (JSON.parse(labels ?? '[]') as string[])
        : (JSON.parse(spans ?? '[]') as { label: string }[]).map((span) => span.label);
  return {
    id: example,
    labels: [...new Set(given.map(named))],
    certainty: certaintyOf(task, JSON.parse(scores) as number[], spans, (at) => given.includes(known[at])),
  };
}

function certaintyOf(task: Task, scores: number[], spans: string | null, isGiven: (at: number) => boolean): number | null {
  if (task === 'classification') return Math.max(...scores);
  const least = (values: number[]) => (values.length === 0 ? null : values.reduce((low, value) => Math.min(low, value)));
  if (task === 'multilabel') return least(scores.map((score, at) => (isGiven(at) ? score : 1 - score)));
  return least((JSON.parse(spans ?? '[]') as { score: number }[]).map(({ score }) => score));
}

/** By present names. */
export type SuggestedLabels = Pick<Prediction, 'label' | 'labels' | 'spans'>;

/** What the run says of the text; null where it says nothing, or the text does not wait to be labeled any more. */
export function waitingSuggestion(database: Database, run: string): (id: number) => SuggestedLabels | null {
  const named = renamer(database);
  const select = database.prepare(`${ofRun} WHERE own.run = ? AND own.split IN ('train', 'validation') AND own.example = ? AND ${waiting}`);
  return (id) => {
    const row = select.get(run, id) as PredictionRow | undefined;
    return row ? saidIn(row, named) : null;
  };
}

/**
 * What the newest run that predicted the example says of it, by present names; null where none did, and for test texts.
 */
export function suggestionFor(database: Database, example: number): Suggestion | null {
  const split = database.prepare('SELECT split FROM example WHERE id = ?').pluck().get(example);
  if (split === undefined || split === 'test') return null;
  const runs = database.prepare('SELECT id, name, labels FROM run ORDER BY number DESC').all() as {
    id: string;
    name: string;
    labels: string;
  }[];
  const select = database.prepare(
    "SELECT label, labels, scores, spans FROM prediction WHERE run = ? AND split IN ('train', 'validation') AND example = ?",
  );
  for (const run of runs) {
    const row = select.get(run.id, example) as Omit<PredictionRow, 'example'> | undefined;
    if (!row) continue;
    const named = renamer(database);
    const scores = JSON.parse(row.scores) as number[];
    const { label, labels, spans } = saidIn(row, named);
    const known = JSON.parse(run.labels) as string[];
    return {
      source: 'run',
      run: run.id,
      name: run.name,
      labels: labels ?? (label === null ? [] : [label]),
      scores: known.slice(0, scores.length).map((label, index) => ({ label: named(label), score: scores[index] })),
      spans,
    };
  }
  return null;
}

/** Removes what the run says of unlabeled texts, so many at once; false once nothing of it is left. Whoever removes a run does so first. */
export function forgetSuggestions(database: Database, run: string, limit: number): boolean {
  const { changes } = database
    .prepare(
      `DELETE FROM prediction WHERE run = $run AND (split, example) IN (SELECT own.split, own.example FROM prediction AS own
        WHERE own.run = $run AND own.split IN ('train', 'validation')
          AND (own.split = 'train' OR EXISTS (SELECT 1 FROM example WHERE example.id = own.example AND example.annotated = 0)) LIMIT $limit)`,
    )
    .run({ run, limit });
  return changes > 0;
}
