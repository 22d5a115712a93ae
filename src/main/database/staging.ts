/**
 * Writes what the import thread reads, in pieces of a few milliseconds between which other requests are served. Its rows get ids above the
 * project's `visible_examples`, so that nobody sees them before the last, small transaction; whatever ends the import earlier leaves nothing.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import SqliteDatabase from 'better-sqlite3';
import type { Database } from 'better-sqlite3';
import { splitSchema, type ImportProgress, type ImportReport, type Split, type Task } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import type { ImportOptions, MovePiece, ReadReport, RowPiece } from '../import/index.ts';
import { importMessages } from './import-thread.ts';
import type { CallContext } from './operations.ts';
import { discardPendingLabels, pendingLabelId, publishLabels } from './tables/labels.ts';
import { readProject, showExamples } from './tables/project.ts';
import { isTestLocked } from './test-lock.ts';
import { unsynced } from './unsynced.ts';

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

/** Writes pieces; statements are prepared once. */
class Staging {
  readonly #database: Database;
  readonly #firstId: number;
  #nextId: number;
  /** Label ids by their position in the file. */
  readonly #labels: number[] = [];
  readonly labelNames: string[] = [];
  readonly #example;
  readonly #give;
  readonly #span;
  readonly #move;

  constructor(database: Database, firstId: number) {
    this.#database = database;
    this.#firstId = firstId;
    this.#nextId = firstId;
    this.#example = database.prepare(
      'INSERT INTO example (id, text, text_hash, split, annotated, label, pretokenized, source_row, extra) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#give = database.prepare('INSERT INTO text_label (example, label) VALUES (?, ?)');
    this.#span = database.prepare('INSERT OR IGNORE INTO span (example, start, end, label) VALUES (?, ?, ?, ?)');
    this.#move = database.prepare('UPDATE example SET split = ? WHERE id = ?');
  }

  insert(piece: RowPiece): void {
    unsynced(this.#database, () => {
      for (const name of piece.newLabels) {
        this.#labels.push(pendingLabelId(this.#database, name));
        this.labelNames.push(name);
      }
      for (let index = 0; index < piece.texts.length; index++) this.#insertRow(piece, index);
    });
  }

  #insertRow({ texts, hashes, lines, label, labels, spans, split, pretokenized, extra }: RowPiece, index: number): void {
    const id = this.#nextId++;
    const own = label[index] < 0 ? null : this.#labels[label[index]];
    const several = labels?.[index] ?? null;
    const entities = spans?.[index] ?? null;
    const annotated = own !== null || several !== null || entities !== null ? 1 : 0;
    const hash = hashes.subarray(16 * index, 16 * index + 16);
    const other = extra?.[index] ?? '{}';
    this.#example.run(id, texts[index], hash, splitSchema.options[split[index]], annotated, own, pretokenized[index], lines[index], other);
    for (const position of several ?? []) this.#give.run(id, this.#labels[position]);
    for (const entity of entities ?? []) this.#span.run(id, entity.start, entity.end, this.#labels[entity.label]);
  }

  move({ ids, splits }: MovePiece): void {
    unsynced(this.#database, () => splits.forEach((split, index) => this.#move.run(split, ids[index])));
  }

  /** All that was written is seen from here on, and on disk. */
  publish(givenSplits: Split[]): void {
    this.#database
      .transaction(() => {
        publishLabels(this.#database);
        showExamples(this.#database, this.#nextId - 1, givenSplits);
      })
      .immediate();
  }

  splits(): Record<Split, number> {
    const rows = this.#database.prepare('SELECT split, count(*) AS count FROM example WHERE id >= ? GROUP BY split').all(this.#firstId);
    const counts = { train: 0, validation: 0, test: 0 };
    for (const { split, count } of rows as { split: Split; count: number }[]) counts[split] = count;
    return counts;
  }
}

/** Throws what reading the file throws, wrong_format (strict, or another task), disk_full, and the signal's reason. */
export async function importFile(
  database: Database,
  folder: string,
  options: ImportOptions,
  { signal, progress }: CallContext<ImportProgress>,
): Promise<ImportReport> {
  const { task, visibleExamples, givenSplits } = readProject(database);
  checkTask(options, task);
  await discardInPieces(database);
  const job = { folder, task, options, visibleExamples, givenSplits, testLocked: isTestLocked(database) };
  const staging = new Staging(database, visibleExamples + 1);
  let read: ReadReport | null = null;
  try {
    for await (const message of importMessages(job, signal)) {
      if (message.type === 'rows') staging.insert(message);
      else if (message.type === 'moves') staging.move(message);
      else if (message.type === 'progress') progress({ phase: 'reading', ...message });
      else if (message.type === 'read') {
        read = message.report;
        progress({ phase: 'splitting', done: 0, total: read.imported, rows: read.read });
      } else if (message.type === 'end') {
        staging.publish(message.givenSplits);
        return finishedReport(staging, read as ReadReport);
      }
      await nextTurn();
      signal.throwIfAborted();
    }
    throw new ThawError({ code: 'internal', message: 'The import thread ended early.' });
  } catch (error) {
    await discardInPieces(database);
    throw error;
  }
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

function finishedReport(staging: Staging, read: ReadReport): ImportReport {
  const labels = staging.labelNames.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const notes = [...read.notes];
  if (labels.length > 50 && labels.length > read.imported / 10)
    notes.push(`The file has ${labels.length} different labels: check that the label column is the right one.`);
  return { ...read, notes, labels, splits: staging.splits() };
}
