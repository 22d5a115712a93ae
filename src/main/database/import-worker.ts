/**
 * Entry of the import thread: reads the file, finds texts that are there twice, draws splits. The database thread only writes what it is
 * handed, a small piece at a time, so that labeling never waits for more than that.
 */
import { stat } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import SqliteDatabase from 'better-sqlite3';
import { labelsNamed, splitSchema, type Split } from '../../shared/domain.ts';
import { ThawError, toThawError } from '../../shared/errors.ts';
import { drawSplits, ForeignTexts, parseShares, readRows, stratifyLabels, TextGroups } from '../import/index.ts';
import type { ImportJob, ImportMessage, ParsedRow, ReadReport } from '../import/index.ts';
import { mendRow } from '../doctor/apply.ts';
import { Gathering, textsInMemory } from '../splits/gather.ts';
import { PieceBuilder } from './import-piece.ts';
import { databaseFile } from './open.ts';
import { everyText } from './reading.ts';
import { textHash, textsKnown, valuesKnown } from './tables/examples.ts';
import { testLocked } from './test-lock.ts';

const { folder, task, options, visibleExamples, givenSplits, testLocked: isLocked } = workerData as ImportJob;
const port = parentPort as NonNullable<typeof parentPort>;
const autoShares = { train: 0.8, validation: 0.1, test: 0.1 };
const fileName = options.fileName ?? options.file;

/** Pieces that may be on their way: enough to keep both threads busy, too few to fill the memory. */
const pieces = 4;
let credit = pieces;
let granted: (() => void) | null = null;
port.on('message', () => {
  credit++;
  granted?.();
});

async function send(message: ImportMessage): Promise<void> {
  while (credit === 0) await new Promise<void>((resolve) => (granted = resolve));
  credit--;
  port.postMessage(message);
}

/** A named split, or the shares to draw by; neither: auto. Throws wrong_format. */
function splitPlan(asked: string): { given: Split | null; shares: Record<Split, number> | null } {
  if (asked === 'train' || asked === 'validation' || asked === 'test') return { given: asked, shares: null };
  return { given: null, shares: asked === 'auto' ? null : parseShares(asked) };
}

/** The shares of `auto`, which leaves a validation or test split that was given (before, or by rows of this file) as it is. */
function sharesBeside(given: ReadonlySet<Split>): Record<Split, number> {
  const shares = { ...autoShares };
  for (const split of ['validation', 'test'] as const) {
    if (!given.has(split)) continue;
    shares.train += shares[split];
    shares[split] = 0;
  }
  return shares;
}

const groups = new TextGroups<Split>(splitSchema.options);
/** Splits that the person or the rows named. */
const named = new Set<Split>();
const report: ReadReport = { read: 0, imported: 0, rejected: [], duplicates: 0, notes: [] };

const groupHash = (name: string): Buffer => textHash(`group\0${name}`);

/** What a row says in the column of groups: annotation tools have theirs among the other ones. */
function groupNamed({ group, extra }: ParsedRow): string | undefined {
  const name = group ?? (options.group ? extra[options.group] : undefined);
  hasGroups ||= name !== undefined;
  return name;
}
let hasGroups = false;

/** The group of rows that hold the same in the column that was asked to keep them together, joined with the text's own. */
function grouped(group: number, name: string | undefined): number {
  if (name === undefined || name.trim() === '') return group;
  const key = groupHash(name);
  const known = groups.find(key);
  return groups.join(known < 0 ? groups.add(key, null, []) : known, group);
}

/**
 * The split a row is stored with: the one given, its group's, or for now train, until the draw. Null where that would add it to a test set that has been
 * used; beside it, it would be trained on. Counts duplicates.
 */
function placeRow(hash: Uint8Array, row: ParsedRow, given: Split | null): Split | null {
  const name = groupNamed(row);
  const known = groups.find(hash);
  if (known >= 0) report.duplicates++;
  const split = given ?? row.split;
  if (split) {
    named.add(split);
    const group = grouped(known < 0 ? groups.add(hash, split, []) : known, name);
    // Rows of the same group that waited for the draw go with the one that names its split.
    if (groups.splitOf(group) === null) groups.setSplit(group, split);
    groups.addRow(-1);
    return split;
  }
  const group = grouped(known >= 0 ? known : groups.add(hash, null, labelsNamed(row)), name);
  const settled = groups.splitOf(group);
  if (isLocked && settled === 'test') return null;
  groups.addRow(settled ? -1 : group);
  return settled ?? 'train';
}

/** Texts, and groups, that are there already have their split; they are read beside whatever is written meanwhile. */
function lookAtKnown(): void {
  if (visibleExamples === 0) return;
  const database = new SqliteDatabase(databaseFile(folder), { readonly: true, timeout: 5000 });
  try {
    for (const { textHash: hash, split } of textsKnown(database, visibleExamples)) if (groups.find(hash) < 0) groups.add(hash, split, []);
    for (const { value, split } of options.group ? valuesKnown(database, visibleExamples, options.group) : [])
      if (groups.find(groupHash(value)) < 0) groups.add(groupHash(value), split, []);
  } finally {
    database.close();
  }
}

async function read(given: Split | null): Promise<void> {
  const { size } = await stat(options.file).catch((cause: unknown) => {
    throw toThawError(cause);
  });
  const builder = new PieceBuilder(task);
  const foreign = new ForeignTexts();
  let bytes = 0;
  let told = 0;
  const asked = { ...options, format: options.format ?? ('auto' as const), header: options.header ?? true, task };
  const countBytes = (read: number) => (bytes += read);
  let place = 0;
  let leftOut = 0;
  for await (const found of readRows(options.file, asked, countBytes)) {
    if (found.kind === 'note') {
      report.notes.push(found.text);
      continue;
    }
    const row = found.kind === 'row' && options.mends ? mendRow(found, place++, options.mends) : found;
    report.read++;
    if (!row) leftOut++;
    else if (row.kind === 'rejected') report.rejected.push({ line: row.line, reason: row.reason });
    else {
      const hash = textHash(row.text);
      const split = placeRow(hash, row, given);
      if (split === null) report.rejected.push({ line: row.line, reason: 'Its text or group is in the test set, which has been used.' });
      else {
        builder.add(row, hash, split);
        foreign.look(row);
        report.imported++;
      }
    }
    if (builder.isFull()) await send(builder.take());
    if (bytes - told > size / 200) {
      told = bytes;
      await send({ type: 'progress', done: Math.min(bytes, size), total: size, rows: report.read });
    }
  }
  if (!builder.isEmpty()) await send(builder.take());
  if (leftOut > 0) report.notes.push(`${leftOut} ${leftOut === 1 ? 'row was' : 'rows were'} left out, as the doctor was told.`);
  if (options.group && !hasGroups) report.notes.push(`No row has a column '${options.group}', so none were kept together by it.`);
  const note = foreign.note(report.imported, fileName);
  if (note) report.notes.push(note);
}

function check(): void {
  const { rejected } = report;
  if (report.read === 0)
    throw new ThawError({
      code: 'wrong_format',
      message: `${fileName} holds no rows.`,
      remedy: 'Check that it is the right file; the first row of a table counts as its header unless said otherwise.',
      place: { file: fileName },
    });
  if (!options.strict || rejected.length === 0) return;
  const first = rejected.slice(0, 3).map(({ line, reason }) => `line ${line}: ${reason}`);
  const more = rejected.length > 3 ? ` and ${rejected.length - 3} more` : '';
  throw new ThawError({
    code: 'wrong_format',
    message: `${rejected.length} of ${report.read} rows cannot be imported (${first.join('; ')}${more}), so nothing was.`,
    remedy: 'Mend those rows, or import without strict to leave them out.',
    place: { file: fileName, line: rejected[0].line },
  });
}

/** With more texts than this, looking for near-duplicates would be most of an import; the splits can be drawn anew later. */
const mostCompared = 200_000;
const isCompared = () => report.imported + visibleExamples <= mostCompared;
const tooMany = (count: number) =>
  `Near-duplicates were not looked for among ${count.toLocaleString('en')} texts, which takes minutes: “Redraw splits…” (thaw split) finds them and keeps them in one split, “Check” (thaw check) lists them.`;

/** Joins the groups of near-duplicate texts, of this import and of those that were there, once all are written. */
async function joinNear(): Promise<void> {
  if (!isCompared()) return;
  while (credit < pieces) await new Promise<void>((resolve) => (granted = resolve));
  const gathering = new Gathering(textsInMemory());
  const hashes: Buffer[] = [];
  for (const { id, text } of everyText(folder, visibleExamples + report.imported)) {
    gathering.add(id, text, null);
    hashes.push(textHash(text));
  }
  gathering.finish().together.forEach((name, index) => {
    if (name !== index) groups.join(groups.find(hashes[name]), groups.find(hashes[index]));
  });
}

const nearTest = (): ThawError =>
  new ThawError({
    ...testLocked().toReport(),
    message:
      'Some of these texts are near-duplicates of texts in the test set, and would join it. It has been used: its figures were opened.',
    remedy:
      'Check the file first and leave them out (thaw check FILE --project), or confirm that the test set may change (on the command line: --change-test).',
  });

async function draw(shares: Record<Split, number>): Promise<void> {
  if (groups.hasOpen()) await joinNear();
  const by = task === 'multilabel' ? stratifyLabels : drawSplits;
  groups.draw((open) => by(open, shares, options.seed ?? 1));
  const ids: number[] = [];
  const splits: Split[] = [];
  const flush = () => send({ type: 'moves', ids: Float64Array.from(ids.splice(0)), splits: splits.splice(0) });
  for (const { row, split } of groups.settled()) {
    if (split === 'train') continue;
    if (isLocked && split === 'test') throw nearTest();
    ids.push(visibleExamples + 1 + row);
    splits.push(split);
    if (ids.length === 1000) await flush();
  }
  if (ids.length > 0) await flush();
}

async function run(): Promise<void> {
  const plan = splitPlan(options.split ?? 'auto');
  lookAtKnown();
  await read(plan.given);
  check();
  if (isLocked && (named.has('test') || (plan.shares?.test ?? 0) > 0)) throw testLocked();
  if (groups.hasOpen() && !isCompared()) report.notes.push(tooMany(report.imported + visibleExamples));
  await send({ type: 'read', report });
  const all = new Set([...givenSplits, ...named]);
  await draw(plan.shares ?? sharesBeside(isLocked ? new Set([...all, 'test']) : all));
  await send({ type: 'end', givenSplits: [...all] });
}

try {
  await run();
} catch (error) {
  port.postMessage({ type: 'failed', error: toThawError(error).toReport() } satisfies ImportMessage);
}
port.close();
