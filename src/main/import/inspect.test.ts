import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReadOptions } from './row.ts';
import { previewFile } from './inspect.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'thaw-inspect-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function preview(name: string, content: string | Uint8Array, options: Partial<ReadOptions> = {}) {
  const file = join(folder, name);
  writeFileSync(file, content);
  return previewFile(file, { format: 'auto', header: true, fileName: name, ...options });
}

test('a table: delimiter, columns, what they are taken for, and what becomes of the rows', async () => {
  expect(await preview('a.csv', 'id;review;mood;split\n1;"Fine; really";good;test\n2;;bad;train\n')).toEqual({
    format: 'csv',
    encoding: 'utf-8',
    delimiter: ';',
    task: 'classification',
    columns: ['id', 'review', 'mood', 'split'],
    chosen: { text: ['review'], label: ['mood'], split: 'split', group: null },
    cells: [
      ['1', 'Fine; really', 'good', 'test'],
      ['2', '', 'bad', 'train'],
    ],
    rows: [
      { line: 2, text: 'Fine; really', labels: ['good'], split: 'test', rejected: null },
      { line: 3, text: '', labels: [], split: null, rejected: 'the text is empty' },
    ],
    notes: [],
  });
});

test('what was asked for is what is shown', async () => {
  const asked = { delimiter: ',', header: false, text: '1,2', label: '3', task: 'classification' as const };
  expect(await preview('a.csv', 'a;b,c,d\n', asked)).toMatchObject({
    columns: ['1', '2', '3'],
    chosen: { text: ['1', '2'], label: ['3'] },
    cells: [['a;b', 'c', 'd']],
    rows: [{ line: 1, text: 'a;b\nc', labels: ['d'] }],
  });
  await expect(preview('a.csv', 'a,b\n', { text: 'c' })).rejects.toMatchObject({ code: 'unknown_column' });
});

test('the encoding is found where the file is not UTF-8, and can be said', async () => {
  const western = Buffer.from('text,label\ncafé,good\n', 'latin1');
  expect(await preview('a.csv', western)).toMatchObject({ encoding: 'windows-1252', rows: [{ text: 'café' }] });
  expect(await preview('a.csv', western, { encoding: 'windows-1251' })).toMatchObject({
    encoding: 'windows-1251',
    rows: [{ text: 'cafй' }],
  });
  expect(await preview('a.csv', Buffer.from('text,label\ncafé,good\n', 'utf16le'))).toMatchObject({
    encoding: 'utf-16le',
    rows: [{ text: 'café' }],
  });
});

test('formats that say themselves what is what show their rows only', async () => {
  expect(await preview('a.conll', 'Ann B-PER\nran O\n')).toMatchObject({
    task: 'ner',
    columns: [],
    rows: [{ text: 'Ann ran', labels: ['PER'] }],
  });
  const tasks = [{ data: { text: 'a' }, annotations: [{ result: [{ type: 'choices', value: { choices: ['x', 'y'] } }] }] }];
  expect(await preview('a.json', JSON.stringify(tasks))).toMatchObject({
    format: 'label-studio',
    task: 'multilabel',
    columns: [],
    rows: [{ text: 'a', labels: ['x', 'y'] }],
  });
});

test('objects: names of any of them; lists of labels', async () => {
  expect(await preview('a.jsonl', '{"text":"a"}\n{"text":"b","labels":["x"]}\n')).toMatchObject({
    task: 'multilabel',
    columns: ['text', 'labels'],
    chosen: { text: ['text'], label: ['labels'] },
    cells: [
      ['a', ''],
      ['b', '["x"]'],
    ],
  });
});
