/** A filter in SQL, but for what has to look at the texts themselves. */
import type { Database } from 'better-sqlite3';
import type { Task } from '../../shared/domain.ts';
import type { ExampleFilter } from '../../shared/filter.ts';
import { shown } from './tables/examples.ts';
import { renamer } from './tables/labels.ts';
import { newestPredictingRun, openSplits } from './tables/predictions.ts';
import { readProject } from './tables/project.ts';
import { readRun } from './tables/runs.ts';

export type Value = string | number;

export interface Conditions {
  /** `example`, and where the conditions are of predictions, the run's as `own`. */
  from: string;
  /** Of their columns. */
  where: string;
  values: Value[];
  /** Holds only for examples that the run has an open prediction of. */
  ofPredictions: boolean;
  /** Holds for every example. */
  isEverything: boolean;
  /** The run that predictions are of; null where none has any. */
  run: string | null;
}

/** Labels that were renamed since are the same labels. */
const predicts = `(present_label(own.label) = ? OR EXISTS (SELECT 1 FROM json_each(own.labels) WHERE present_label(value) = ?)
  OR EXISTS (SELECT 1 FROM json_each(own.spans) WHERE present_label(value ->> 'label') = ?))`;

/** What an example's annotation or a run's prediction says, in one form, so that two can be compared. */
const said = {
  classification: {
    example: '(SELECT name FROM label WHERE label.id = example.label)',
    prediction: (of: string) => `present_label(${of}.label)`,
  },
  multilabel: {
    example: `(SELECT json_group_array(name) FROM (SELECT name FROM text_label JOIN label ON label.id = text_label.label
      WHERE text_label.example = example.id ORDER BY name))`,
    prediction: (of: string) =>
      `(SELECT json_group_array(name) FROM (SELECT DISTINCT present_label(value) AS name FROM json_each(${of}.labels) ORDER BY name))`,
  },
  ner: {
    example: `(SELECT json_group_array(json_array(start, end, name)) FROM (SELECT start, end, name FROM span JOIN label ON label.id = span.label
      WHERE span.example = example.id ORDER BY start, end, name))`,
    prediction: (of: string) => `(SELECT json_group_array(json_array(value ->> 'start', value ->> 'end', present_label(value ->> 'label')))
      FROM (SELECT value FROM json_each(${of}.spans) ORDER BY value ->> 'start', value ->> 'end', value ->> 'label'))`,
  },
};

class Parts {
  readonly parts: string[] = [];
  readonly values: Value[] = [];

  add(part: string, ...values: Value[]): void {
    this.parts.push(part);
    this.values.push(...values);
  }

  /** Where the flag is said at all. */
  flag(wanted: boolean | null, isTrue: string): void {
    if (wanted !== null) this.add(wanted ? isTrue : `NOT (${isTrue})`);
  }
}

/** The examples' own columns and notes. A plus keeps SQLite from an index that would have to be sorted by id at every piece. */
function ofExample(database: Database, parts: Parts, task: Task, filter: ExampleFilter): void {
  const { split, label, labeled, source, skipped, unsure, noted, minLength, maxLength } = filter;
  if (split) parts.add('+example.split = ?', split);
  if (label !== null) {
    const id = (database.prepare('SELECT id FROM label WHERE name = ? AND pending = 0').pluck().get(label) as number | undefined) ?? -1;
    if (task === 'classification') parts.add('example.label = ?', id);
    else if (task === 'multilabel') parts.add('example.id IN (SELECT example FROM text_label WHERE label = ?)', id);
    else parts.add('example.id IN (SELECT example FROM span WHERE label = ?)', id);
  }
  if (labeled !== null) parts.add('+example.annotated = ?', labeled ? 1 : 0);
  if (source !== null)
    parts.add(
      `example.annotated = 1 AND ${source === 'approved' ? '' : 'NOT '}EXISTS (SELECT 1 FROM approval WHERE approval.example = example.id)`,
    );
  if (skipped !== null) parts.add('+example.skipped = ?', skipped ? 1 : 0);
  const remarked = (column: string) => `EXISTS (SELECT 1 FROM remark WHERE remark.example = example.id AND ${column})`;
  parts.flag(unsure, remarked('remark.unsure = 1'));
  parts.flag(noted, remarked("remark.note <> ''"));
  if (minLength !== null) parts.add('length(example.text) >= ?', minLength);
  if (maxLength !== null) parts.add('length(example.text) <= ?', maxLength);
}

const listed = (splits: string[]) => splits.map((split) => `'${split}'`).join();

/** Throws unknown_run. */
export function conditionsOf(database: Database, filter: ExampleFilter): Conditions {
  const { task } = readProject(database);
  const run = filter.run === null ? newestPredictingRun(database) : readRun(database, filter.run).run;
  const { predicted, minProbability, maxProbability, differs } = filter;
  const ofPredictions = predicted !== null || minProbability !== null || maxProbability !== null || differs !== null;
  const nameNow = renamer(database);
  database.function('present_label', { deterministic: true }, (name: unknown) => nameNow(name as string));
  const parts = new Parts();
  if (ofPredictions) ofPrediction(database, parts, task, run, filter);
  parts.add(shown);
  const own = parts.parts.length;
  ofExample(database, parts, task, filter);
  return {
    from: ofPredictions ? 'FROM prediction AS own CROSS JOIN example ON example.id = own.example' : 'FROM example',
    where: parts.parts.join(' AND '),
    values: parts.values,
    ofPredictions,
    isEverything: !ofPredictions && parts.parts.length === own,
    run,
  };
}

function ofPrediction(database: Database, parts: Parts, task: Task, run: string | null, filter: ExampleFilter): void {
  const { predicted, minProbability, maxProbability, differs } = filter;
  const splits = run === null ? [] : openSplits(database, run);
  // A text that became a test text is closed as they are.
  parts.add(`own.run = ? AND own.split IN (${listed(splits)}) AND example.split IN (${listed(splits)})`, run ?? '');
  // One that was a test text may have an answer of each time.
  if (splits.includes('test'))
    parts.add(
      `(own.split <> 'test' OR NOT EXISTS (SELECT 1 FROM prediction AS since WHERE since.run = own.run
        AND since.split IN ('train', 'validation') AND since.example = own.example))`,
    );
  if (predicted !== null) parts.add(predicts, predicted, predicted, predicted);
  if (minProbability !== null) parts.add('own.probability >= ?', minProbability);
  if (maxProbability !== null) parts.add('own.probability <= ?', maxProbability);
  const { prediction, example } = said[task];
  if (differs === 'label') parts.add(`example.annotated = 1 AND ${prediction('own')} IS NOT ${example}`);
  else if (differs !== null) {
    const other = readRun(database, differs).run;
    parts.add(
      `EXISTS (SELECT 1 FROM prediction AS other WHERE other.run = ? AND other.example = own.example
        AND other.split IN (${listed(openSplits(database, other))}) AND ${prediction('own')} IS NOT ${prediction('other')})`,
      other,
    );
  }
}
