/**
 * Imports a file in pieces of a few milliseconds, between which other requests are served. Its rows get ids above the project's
 * `visible_examples`, so that nobody sees them before the last, small transaction; whatever ends the import earlier leaves nothing.
 */
import { hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import SqliteDatabase from 'better-sqlite3';
import type { Database, Statement } from 'better-sqlite3';
import { isLabeled, labelsNamed, type ImportReport, type Split, type Task } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import { drawSplits, notEnglish, parseShares, readRows, stratifyLabels } from '../import/index.ts';
import type { ParsedRow, ReadOptions } from '../import/index.ts';
import { discardPendingLabels, pendingLabelId, publishLabels } from './tables/labels.ts';
import { readProject, showExamples } from './tables/project.ts';

export interface ImportOptions extends Omit<ReadOptions, 'task' | 'format' | 'header'> {
  file: string;
  /** Default 'auto'. */
  format?: ReadOptions['format'];
  /** Default true. */
  header?: boolean;
  /** train, validation, test, auto (default), or train:validation:test shares. */
  split?: string;
  /** Import nothing when a row has to be rejected. */
  strict?: boolean;
  /** Refused unless it is the project's. */
  task?: Task;
  /** Of the drawn splits; default 1. */
  seed?: number;
}

const pieceMilliseconds = 8;
const autoShares = { train: 0.8, validation: 0.1, test: 0.1 };

/** Examples of one text that this import brought and that wait for a split. */
interface DrawnGroup {
  labels: string[];
  ids: number[];
}

interface Staging {
  database: Database;
  task: Task;
  options: ImportOptions;
  firstId: number;
  nextId: number;
  report: ImportReport;
  labels: Map<string, number>;
  /** By text hash; null: a text whose split is known. */
  texts: Map<string, DrawnGroup | Split>;
  /** Splits that the person or the rows named. */
  given: Set<Split>;
  /** Texts that are surely not English. */
  foreign: { first: { line: number; why: string } | null; count: number };
}

/** Texts in another language up to this share of a file are strays: they do not ask for another base model. */
const strayShare = 0.01;

/** Removes what an import left that did not end. */
export function discardUnfinishedImport(database: Database): void {
  database.prepare('DELETE FROM example WHERE id > (SELECT visible_examples FROM project)').run();
  discardPendingLabels(database);
}

/** The same in pieces. Where even removing fails (a full disk), the rows stay out of sight until the next import or opening. */
async function discardInPieces(database: Database): Promise<void> {
  const piece = database.prepare(
    'DELETE FROM example WHERE id IN (SELECT id FROM example WHERE id > (SELECT visible_examples FROM project) ORDER BY id DESC LIMIT 500)',
  );
  try {
    while (piece.run().changes > 0) await nextTurn();
    discardPendingLabels(database);
  } catch (error) {
    if (!(error instanceof SqliteDatabase.SqliteError)) throw error;
  }
}

/** Throws what reading the file throws, wrong_format (strict, or another task), disk_full, and the signal's reason. */
export async function importFile(database: Database, options: ImportOptions, signal: AbortSignal): Promise<ImportReport> {
  const { task, visibleExamples, givenSplits } = readProject(database);
  checkTask(options, task);
  const plan = splitPlan(options.split ?? 'auto');
  const staging: Staging = {
    database,
    task,
    options,
    firstId: visibleExamples + 1,
    nextId: visibleExamples + 1,
    report: { read: 0, imported: 0, rejected: [], duplicates: 0, labels: [], splits: { train: 0, validation: 0, test: 0 }, notes: [] },
    labels: new Map(),
    texts: new Map(),
    given: new Set(),
    foreign: { first: null, count: 0 },
  };
  await discardInPieces(database);
  try {
    await stageRows(staging, task, plan.given, signal);
    if (staging.report.read === 0) throw emptyFile(options);
    if (options.strict) refuseRejections(staging);
    const named = [...new Set([...givenSplits, ...staging.given])];
    await drawStaged(staging, plan.shares ?? sharesBeside(named), signal);
    publish(staging, named);
    return finishedReport(staging);
  } catch (error) {
    await discardInPieces(database);
    throw error;
  }
}

function emptyFile({ fileName, file }: ImportOptions): ThawError {
  const name = fileName ?? file;
  return new ThawError({
    code: 'wrong_format',
    message: `${name} holds no rows.`,
    remedy: 'Check that it is the right file; the first row of a table counts as its header unless said otherwise.',
    place: { file: name },
  });
}

function checkTask({ task, fileName, file }: ImportOptions, own: Task): void {
  if (task && task !== own)
    throw new ThawError({
      code: 'wrong_format',
      message: `This project's task is ${own}, not ${task}.`,
      remedy: 'Import the file into a project of its own.',
      place: { file: fileName ?? file },
    });
}

/** A named split, or the shares to draw by; neither: auto. Throws wrong_format. */
function splitPlan(asked: string): { given: Split | null; shares: Record<Split, number> | null } {
  if (asked === 'train' || asked === 'validation' || asked === 'test') return { given: asked, shares: null };
  return { given: null, shares: asked === 'auto' ? null : parseShares(asked) };
}

/** The shares of `auto`, which leaves a validation or test split that was given (before, or by rows of this file) as it is. */
function sharesBeside(givenSplits: Split[]): Record<Split, number> {
  const shares = { ...autoShares };
  for (const split of ['validation', 'test'] as const) {
    if (!givenSplits.includes(split)) continue;
    shares.train += shares[split];
    shares[split] = 0;
  }
  return shares;
}

async function stageRows(staging: Staging, task: Task, given: Split | null, signal: AbortSignal): Promise<void> {
  const { options, report } = staging;
  let waiting: ParsedRow[] = [];
  let began = performance.now();
  const rows = readRows(options.file, { ...options, format: options.format ?? 'auto', header: options.header ?? true, task });
  for await (const row of rows) {
    if (row.kind === 'note') {
      report.notes.push(row.text);
      continue;
    }
    report.read++;
    if (row.kind === 'rejected') report.rejected.push({ line: row.line, reason: row.reason });
    else waiting.push(row);
    if (performance.now() - began < pieceMilliseconds && waiting.length < 400) continue;
    insertPiece(staging, waiting, given);
    waiting = [];
    await nextTurn();
    signal.throwIfAborted();
    began = performance.now();
  }
  insertPiece(staging, waiting, given);
}

/** One invisible transaction, which may be lost in a power failure: the one that publishes is synchronous and covers it. */
function unsynced(database: Database, work: () => void): void {
  database.pragma('synchronous = NORMAL');
  try {
    database.transaction(work).immediate();
  } finally {
    database.pragma('synchronous = FULL');
  }
}

function insertPiece(staging: Staging, rows: ParsedRow[], given: Split | null): void {
  const { database } = staging;
  const example = database.prepare(
    'INSERT INTO example (id, text, text_hash, split, annotated, label, pretokenized, source_row, extra) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const give = database.prepare('INSERT INTO text_label (example, label) VALUES (?, ?)');
  const span = database.prepare('INSERT OR IGNORE INTO span (example, start, end, label) VALUES (?, ?, ?, ?)');
  const twin = database.prepare('SELECT split FROM example WHERE text_hash = ? AND id < ? LIMIT 1');
  unsynced(database, () => {
    for (const row of rows) {
      const textHash = hash('sha256', row.text, 'buffer').subarray(0, 16);
      const split = placeText(staging, textHash, row, given, twin);
      const annotated = isLabeled(row) ? 1 : 0;
      const label = row.label === null ? null : labelIdOf(staging, row.label);
      const id = staging.nextId++;
      example.run(id, row.text, textHash, split, annotated, label, row.pretokenized ? 1 : 0, row.line, JSON.stringify(row.extra));
      for (const name of row.labels ?? []) give.run(id, labelIdOf(staging, name));
      for (const { start, end, label: name } of row.spans ?? []) span.run(id, start, end, labelIdOf(staging, name));
      lookAtLanguage(staging, row);
      staging.report.imported++;
    }
  });
}

function labelIdOf({ database, labels }: Staging, name: string): number {
  const known = labels.get(name);
  if (known !== undefined) return known;
  const id = pendingLabelId(database, name);
  labels.set(name, id);
  return id;
}

function lookAtLanguage({ foreign }: Staging, { text, line }: ParsedRow): void {
  const why = notEnglish(text);
  if (!why) return;
  foreign.first ??= { line, why };
  foreign.count++;
}

/** Names the first text that is not English. A few strays are no reason to doubt the base model, and none is given. */
function noteLanguage({ foreign: { first, count }, report, options }: Staging): void {
  if (!first) return;
  const among = `${report.imported} texts that ${count === 1 ? 'does' : 'do'} not look English.`;
  const all = count === 1 ? `the only one of ${among}` : `one of ${count} among ${among}`;
  const advice =
    count < strayShare * report.imported ? '' : ' The built-in base model is English: take a multilingual base for other languages.';
  report.notes.push(`Line ${first.line} of ${options.fileName ?? options.file} ${first.why}, ${all}${advice}`);
}

/** The split a row is stored with: the one given, its text's, or for now train, until the draw. Counts duplicates. */
function placeText(staging: Staging, textHash: Buffer, row: ParsedRow, given: Split | null, twin: Statement): Split {
  const key = textHash.toString('latin1');
  const known = staging.texts.get(key);
  const before =
    known === undefined && staging.firstId > 1 ? (twin.get(textHash, staging.firstId) as { split: Split } | undefined) : undefined;
  if (known !== undefined || before) staging.report.duplicates++;
  const named = given ?? row.split;
  if (named) {
    staging.given.add(named);
    if (known === undefined) staging.texts.set(key, before?.split ?? named);
    else if (typeof known !== 'string') {
      // Rows of the same text that waited for the draw go with the one that names its split.
      const update = staging.database.prepare('UPDATE example SET split = ? WHERE id = ?');
      for (const id of known.ids) update.run(named, id);
      staging.texts.set(key, named);
    }
    return named;
  }
  const group = known ?? before?.split ?? { labels: [...new Set(labelsNamed(row))], ids: [] };
  if (known === undefined) staging.texts.set(key, group);
  if (typeof group === 'string') return group;
  group.ids.push(staging.nextId);
  return 'train';
}

function refuseRejections({ report, options }: Staging): void {
  const { rejected } = report;
  if (rejected.length === 0) return;
  const first = rejected.slice(0, 3).map(({ line, reason }) => `line ${line}: ${reason}`);
  const more = rejected.length > 3 ? ` and ${rejected.length - 3} more` : '';
  throw new ThawError({
    code: 'wrong_format',
    message: `${rejected.length} of ${report.read} rows cannot be imported (${first.join('; ')}${more}), so nothing was.`,
    remedy: 'Mend those rows, or import without strict to leave them out.',
    place: { file: options.fileName ?? options.file, line: rejected[0].line },
  });
}

async function drawStaged({ database, task, texts, options }: Staging, shares: Record<Split, number>, signal: AbortSignal): Promise<void> {
  const groups = [...texts.values()].filter((group) => typeof group !== 'string');
  const ofTexts = groups.map(({ labels, ids }) => ({ labels, size: ids.length }));
  const draw = task === 'multilabel' ? stratifyLabels : drawSplits;
  const drawn = draw(ofTexts, shares, options.seed ?? 1);
  const moves = groups.flatMap(({ ids }, index) => (drawn[index] === 'train' ? [] : ids.map((id) => ({ id, split: drawn[index] }))));
  const update = database.prepare('UPDATE example SET split = ? WHERE id = ?');
  for (let at = 0; at < moves.length; at += 1000) {
    unsynced(database, () => {
      for (const { id, split } of moves.slice(at, at + 1000)) update.run(split, id);
    });
    await nextTurn();
    signal.throwIfAborted();
  }
}

function publish({ database, nextId }: Staging, givenSplits: Split[]): void {
  database
    .transaction(() => {
      publishLabels(database);
      showExamples(database, nextId - 1, givenSplits);
    })
    .immediate();
}

function finishedReport(staging: Staging): ImportReport {
  const { database, report, labels, firstId } = staging;
  const rows = database.prepare('SELECT split, count(*) AS count FROM example WHERE id >= ? GROUP BY split').all(firstId) as {
    split: Split;
    count: number;
  }[];
  for (const { split, count } of rows) report.splits[split] = count;
  report.labels = [...labels.keys()].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  noteLanguage(staging);
  if (labels.size > 50 && labels.size > report.imported / 10)
    report.notes.push(`The file has ${labels.size} different labels: check that the label column is the right one.`);
  return report;
}
