/** Snapshots: the labeled examples as canonical JSON (fixed key order, by id), in a file named by its SHA-256. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import SqliteDatabase from 'better-sqlite3';
import type { Database } from 'better-sqlite3';
import type { Span, Split, Task } from '../../shared/domain.ts';
import { databaseFile } from './open.ts';
import { annotatedAfter, countApproved } from './tables/examples.ts';
import type { StoredExample } from './tables/examples.ts';
import { listLabels } from './tables/labels.ts';
import { readProject } from './tables/project.ts';
import { recordSnapshot } from './tables/snapshots.ts';

export interface SnapshotExample {
  id: number;
  text: string;
  split: Split;
  label: string | null;
  /** Multi-label only: the files of other tasks, and so their hashes, do without. */
  labels?: string[];
  /** UTF-16 offsets. */
  spans: Span[] | null;
  /** The text is tokens joined by single spaces. */
  pretokenized: boolean;
}

export interface Snapshot {
  /** SHA-256 of the file, in hexadecimal. */
  hash: string;
  file: string;
  task: Task;
  /** All labels of the project, in its order. */
  labels: string[];
  /** The labeled ones, by id. */
  examples: SnapshotExample[];
  /** How many labels of the training split are approved suggestions; no part of the file. */
  approvedLabels: number;
}

const pieceExamples = 500;

const asSnapshotExample = ({ id, text, split, annotation, pretokenized }: StoredExample): SnapshotExample => ({
  id,
  text,
  split,
  label: annotation.label,
  ...(annotation.labels && { labels: annotation.labels }),
  spans: annotation.spans?.map(({ start, end, label }) => ({ start, end, label })) ?? null,
  pretokenized,
});

/** Reads in one transaction of a connection of its own, so that annotating goes on beside it. */
async function collect(folder: string): Promise<Omit<Snapshot, 'hash' | 'file'>> {
  const database = new SqliteDatabase(databaseFile(folder), { readonly: true, timeout: 5000 });
  try {
    database.exec('BEGIN');
    const { task } = readProject(database);
    const labels = listLabels(database, task).map(({ name }) => name);
    const approvedLabels = countApproved(database, 'train');
    const examples: SnapshotExample[] = [];
    for (;;) {
      const piece = annotatedAfter(database, examples.at(-1)?.id ?? 0, pieceExamples).map(asSnapshotExample);
      examples.push(...piece);
      if (piece.length < pieceExamples) return { task, labels, examples, approvedLabels };
      await nextTurn();
    }
  } finally {
    database.close();
  }
}

async function write(
  folder: string,
  { task, labels, examples }: Pick<Snapshot, 'task' | 'labels' | 'examples'>,
): Promise<{ hash: string; file: string }> {
  const beside = join(folder, 'snapshots', `writing-${process.pid}.json`);
  const digest = createHash('sha256');
  const output = await open(beside, 'w');
  try {
    const put = async (text: string) => {
      digest.update(text);
      await output.writeFile(text);
    };
    await put(`{"task":${JSON.stringify(task)},"labels":${JSON.stringify(labels)},"examples":[`);
    for (let at = 0; at < examples.length; at += pieceExamples) {
      const piece = examples.slice(at, at + pieceExamples).map((example) => JSON.stringify(example));
      await put(`${at > 0 ? ',' : ''}\n${piece.join(',\n')}`);
    }
    await put('\n]}\n');
    await output.sync();
  } catch (error) {
    await output.close();
    await rm(beside, { force: true });
    throw error;
  }
  await output.close();
  const hash = digest.digest('hex');
  const file = join(folder, 'snapshots', `${hash}.json`);
  if (existsSync(file)) await rm(beside);
  else await rename(beside, file);
  return { hash, file };
}

export async function takeSnapshot(database: Database, folder: string): Promise<Snapshot> {
  const content = await collect(folder);
  const { hash, file } = await write(folder, content);
  recordSnapshot(database, hash, content.examples.length);
  return { hash, file, ...content };
}
