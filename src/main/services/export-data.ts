/** Writes a project's examples and their labels into one file of a format that other tools, and Thaw, read. */
import { stat, type FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { DataExportReport, DataFormat, ProjectSummary } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import type { Call, Project, StoredExample } from '../database/index.ts';
import { fileNameOf, writeWholeFile } from '../whole-file.ts';
import { dataWriters, type DataShape } from '../export-data/index.ts';

export interface DataExport {
  format: DataFormat;
  /** A file there is replaced, once the new one is whole. */
  output: string;
}

export interface DataExportProgress {
  written: number;
  total: number;
}

const pieceExamples = 500;
const pieceColumns = 10_000;

const extensions: Partial<Record<DataFormat, string>> = { 'label-studio': 'json', doccano: 'jsonl', spacy: 'jsonl' };

/** What a file of that format is usually called. */
export const dataFileName = ({ name }: ProjectSummary, format: DataFormat): string =>
  `${fileNameOf(name) || 'data'}${format in extensions ? `.${format}` : ''}.${extensions[format] ?? format}`;

async function columnsOf(project: Project, signal?: AbortSignal): Promise<string[]> {
  const names = new Set<string>();
  for (let after = 0; ;) {
    signal?.throwIfAborted();
    const piece = await project.columnsAfter(after, pieceColumns);
    for (const name of piece.names) names.add(name);
    if (piece.last === null) return [...names];
    after = piece.last;
  }
}

async function* examplesOf(project: Project, signal?: AbortSignal): AsyncGenerator<StoredExample[]> {
  for (let after = 0; ;) {
    signal?.throwIfAborted();
    const piece = await project.examplesAfter(after, pieceExamples);
    if (piece.length === 0) return;
    yield piece;
    after = (piece.at(-1) as StoredExample).id;
  }
}

function check({ task, examples }: ProjectSummary, format: DataFormat): void {
  if (examples === 0)
    throw new ThawError({ code: 'not_enough_data', message: 'The project has no texts to write.', remedy: 'Import some first.' });
  if (format === 'conll' && task !== 'ner')
    throw new ThawError({
      code: 'wrong_format',
      message: 'CoNLL files hold tagged tokens, and this project labels whole texts.',
      remedy: 'Choose csv, jsonl or another format.',
      place: { field: 'format' },
    });
}

async function refuseFolder(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found && !found.isFile())
    throw new ThawError({ code: 'file_unreadable', message: `${file} is no file.`, remedy: 'Name a file to write.', place: { file } });
}

/**
 * Written beside the output and renamed when it is whole, so that whatever ends it earlier leaves nothing. Examples that are labeled meanwhile
 * are written as they are when their piece is read. Throws not_enough_data, wrong_format, file_unreadable, disk_full, cancelled.
 */
export async function exportData(
  project: Project,
  { format, output }: DataExport,
  { signal, progress }: Call<DataExportProgress> = {},
): Promise<DataExportReport> {
  const file = resolve(output);
  const summary = await project.summary();
  check(summary, format);
  await refuseFolder(file);
  const shape: DataShape = {
    task: summary.task,
    labels: summary.labels.map(({ name }) => name),
    columns: await columnsOf(project, signal),
  };
  const writer = dataWriters[format](shape);
  let written = 0;
  const write = async (handle: FileHandle) => {
    await handle.writeFile(writer.begin());
    for await (const piece of examplesOf(project, signal)) {
      await handle.writeFile(writer.write(piece));
      written += piece.length;
      progress?.({ written, total: Math.max(written, summary.examples) });
    }
    await handle.writeFile(writer.end());
  };
  await writeWholeFile(file, write).catch((error: unknown) => {
    throw signal?.aborted ? new ThawError({ code: 'cancelled', message: 'Cancelled; no file was written.' }) : error;
  });
  return { file, format, examples: written, notes: writer.notes() };
}
