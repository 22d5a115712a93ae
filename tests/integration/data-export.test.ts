/** A project's texts and labels as a file, and that file as a project. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Project } from '../../src/main/database/index.ts';
import { exportData } from '../../src/main/services/export-data.ts';
import type { Task } from '../../src/shared/domain.ts';
import { newProject, rows, temporaryFile, temporaryFolder } from './data-places.ts';

const everything = async (project: Project) =>
  (await project.examplesAfter(0, 1000)).map(({ text, annotation, split, extra, pretokenized }) => ({
    text,
    annotation,
    split,
    extra,
    pretokenized,
  }));

const files: Record<Task, string> = {
  classification: [
    { text: 'Fine, "really"\r\nfine 😀', label: 'good, very', split: 'train', source: 'web' },
    { text: '\ufeffשלום', label: null, split: 'test', source: '' },
    { text: '=1+1', label: 'bad', split: 'validation', source: '<b>' },
  ]
    .map((row) => JSON.stringify(row))
    .join('\n'),
  multilabel: [
    { text: 'a', labels: ['x', 'y|z'], split: 'train', source: '1' },
    { text: 'b', labels: [], split: 'train', source: '2' },
    { text: 'c', labels: null, split: 'test', source: '3' },
  ]
    .map((row) => JSON.stringify(row))
    .join('\n'),
  ner: [
    {
      text: '👩‍👩‍👧 Ann met Bo',
      spans: [
        [6, 9, 'PER'],
        [6, 16, 'MEETING'],
        [14, 16, 'PER'],
      ],
      split: 'train',
      source: '1',
    },
    { text: 'nobody', spans: [], split: 'test', source: '2' },
    { text: 'not seen', spans: null, split: 'train', source: '3' },
  ]
    .map((row) => JSON.stringify(row))
    .join('\n'),
};

/** One of each kind; all formats are tried on any data beside their writers. */
const formats = ['csv', 'jsonl', 'label-studio', 'parquet'] as const;

test.each<Task>(['classification', 'multilabel', 'ner'])('%s: a file brings a project back as it was', async (task) => {
  const project = await newProject(task);
  await project.importFile({ file: temporaryFile('a.jsonl', files[task]), format: 'jsonl' });
  const before = await everything(project);
  expect(before).toHaveLength(3);
  for (const format of formats) {
    const output = join(temporaryFolder(), `data.${format === 'label-studio' ? 'json' : 'jsonl'}`);
    expect(await exportData(project, { format, output })).toMatchObject({ file: output, format, examples: 3 });
    const again = await newProject(task);
    expect((await again.importFile({ file: output, format })).rejected).toEqual([]);
    expect({ format, examples: await everything(again) }).toEqual({ format, examples: before });
  }
});

test('it tells how far it is, and replaces what was there only when it is whole', async () => {
  const project = await newProject();
  await project.importFile({ file: temporaryFile('a.csv', rows(1200)) });
  const output = join(temporaryFolder(), 'below', 'data.csv');
  const seen: number[] = [];
  await exportData(project, { format: 'csv', output }, { progress: ({ written, total }) => seen.push(written, total) });
  expect(seen).toEqual([500, 1200, 1000, 1200, 1200, 1200]);
  expect(readFileSync(output, 'utf8').split('\n')).toHaveLength(1202);
  writeFileSync(output, 'mine');
  const stop = new AbortController();
  const cancelled = exportData(project, { format: 'csv', output }, { signal: stop.signal, progress: () => stop.abort() });
  await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  expect(readdirSync(dirname(output))).toEqual(['data.csv']);
  expect(readFileSync(output, 'utf8')).toBe('mine');
});

test('what cannot be written is refused, and nothing is left of it', async () => {
  const project = await newProject();
  const output = join(temporaryFolder(), 'data.csv');
  await expect(exportData(project, { format: 'csv', output })).rejects.toMatchObject({ code: 'not_enough_data' });
  await project.importFile({ file: temporaryFile('a.csv', rows(3)) });
  await expect(exportData(project, { format: 'conll', output })).rejects.toMatchObject({ code: 'wrong_format' });
  mkdirSync(output);
  await expect(exportData(project, { format: 'csv', output })).rejects.toMatchObject({ code: 'file_unreadable', place: { file: output } });
  expect(readdirSync(dirname(output))).toEqual(['data.csv']);
  expect(existsSync(join(output, 'data.csv'))).toBe(false);
});
