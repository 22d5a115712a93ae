/** Files of every format through the import, into a project. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import type { Task } from '../../src/shared/domain.ts';
import { newProject, temporaryFile, temporaryFolder } from './data-places.ts';
import { workbook } from './workbook.ts';

const all = { offset: 0, limit: 500, search: '', split: null, label: null, labeled: null };

function folderOf(files: Record<string, string | Uint8Array>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

async function imported(file: string, task: Task = 'classification', options: object = {}) {
  const project = await newProject(task);
  const report = await project.importFile({ file, ...options });
  return { report, examples: (await project.page(all)).examples };
}

const features = (of: object) => [{ key: 'huggingface', value: JSON.stringify({ info: { features: of } }) }];

describe('plain text', () => {
  test('a line an example', async () => {
    const { examples } = await imported(temporaryFile('a.txt', 'First, a line.\r\n\r\nAnd another\n'));
    expect(examples.map(({ text, annotation, sourceRow }) => [text, annotation.label, sourceRow])).toEqual([
      ['First, a line.', null, 1],
      ['And another', null, 3],
    ]);
  });

  test('a file an example, labeled by its folder, in the split that the outer folder names', async () => {
    const folder = folderOf({
      'train/good/1.txt': 'Fine.\nVery fine.\n',
      'train/bad/1.txt': 'Awful.',
      'test/good/2.txt': 'Nice',
      'test/bad/3.txt': Buffer.from([0x63, 0x61, 0x66, 0xe9]),
      'readme.pdf': '%PDF',
      '.hidden/x.txt': 'no',
    });
    const { report, examples } = await imported(folder);
    expect(report).toMatchObject({ read: 4, imported: 3, labels: ['bad', 'good'], splits: { train: 2, validation: 0, test: 1 } });
    expect(report.rejected).toEqual([{ line: 1, reason: expect.stringContaining('test/bad/3.txt is not UTF-8: byte 3') }]);
    expect(report.notes).toEqual([expect.stringContaining('readme.pdf')]);
    expect(examples.map(({ text, annotation, split, extra }) => [text, annotation.label, split, extra.file])).toEqual([
      ['Nice', 'good', 'test', 'test/good/2.txt'],
      ['Awful.', 'bad', 'train', 'train/bad/1.txt'],
      ['Fine.\nVery fine.', 'good', 'train', 'train/good/1.txt'],
    ]);
  });

  test('a folder without texts', async () => {
    const project = await newProject();
    await expect(project.importFile({ file: folderOf({ 'a.pdf': 'x' }) })).rejects.toMatchObject({
      code: 'wrong_format',
      message: expect.stringContaining('no text files'),
    });
    await expect(project.importFile({ file: temporaryFolder() })).rejects.toMatchObject({ code: 'wrong_format' });
    expect((await project.summary()).examples).toBe(0);
  });
});

describe('spreadsheets', () => {
  test('the first sheet; numbers, truth values and empty cells; lines as shown', async () => {
    const file = temporaryFile(
      'a.xlsx',
      workbook({
        Data: [
          ['text', 'label', 'stars'],
          ['Fine <b> & more', 'good', 4.5],
          [null, null, null],
          ['Awful', 'bad', true],
          [7, 'odd', null],
        ],
        More: [['x']],
      }),
    );
    const { report, examples } = await imported(file);
    expect(report.notes).toEqual([expect.stringContaining('“Data”')]);
    expect(examples.map(({ text, annotation, sourceRow, extra }) => [text, annotation.label, sourceRow, extra.stars])).toEqual([
      ['Fine <b> & more', 'good', 2, '4.5'],
      ['Awful', 'bad', 4, 'true'],
      ['7', 'odd', 5, ''],
    ]);
  });
});

describe('parquet', () => {
  test('class numbers by the names in the metadata; −1 is no label', async () => {
    const file = temporaryFile(
      'a.parquet',
      new Uint8Array(
        parquetWriteBuffer({
          columnData: [
            { name: 'text', data: ['a 😀', 'b', 'c'], type: 'STRING' },
            { name: 'label', data: [1n, 0n, -1n], type: 'INT64' },
            { name: 'id', data: [1, 2, 3], type: 'INT32' },
          ],
          kvMetadata: features({ label: { names: ['neg', 'pos'], _type: 'ClassLabel' }, text: { dtype: 'string', _type: 'Value' } }),
        }),
      ),
    );
    const { examples } = await imported(file);
    expect(examples.map(({ text, annotation, extra }) => [text, annotation.label, extra])).toEqual([
      ['a 😀', 'pos', { id: '1' }],
      ['b', 'neg', { id: '2' }],
      ['c', null, { id: '3' }],
    ]);
  });

  test('a data set’s folder: splits by the names of its files, tokens with tags', async () => {
    const part = (tokens: string[], tags: number[]) =>
      new Uint8Array(
        parquetWriteBuffer({
          columnData: [
            { name: 'tokens', data: [tokens] },
            { name: 'ner_tags', data: [tags] },
          ],
          schema: [
            { name: 'root', num_children: 2 },
            { name: 'tokens', num_children: 1, converted_type: 'LIST', repetition_type: 'OPTIONAL' },
            { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
            { name: 'element', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
            { name: 'ner_tags', num_children: 1, converted_type: 'LIST', repetition_type: 'OPTIONAL' },
            { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
            { name: 'element', type: 'INT32', repetition_type: 'OPTIONAL' },
          ],
          kvMetadata: features({ ner_tags: { feature: { names: ['O', 'B-PER', 'I-PER'], _type: 'ClassLabel' }, _type: 'List' } }),
        }),
      );
    const folder = folderOf({
      'data/train-00000-of-00001.parquet': part(['Ann', 'Ruiz', 'ran'], [1, 2, 0]),
      'data/validation-00000-of-00001.parquet': part(['Bo', 'ran'], [1, 0]),
      'README.md': '# data',
    });
    const { report, examples } = await imported(folder, 'ner');
    expect(report).toMatchObject({ imported: 2, labels: ['PER'], splits: { train: 1, validation: 1, test: 0 } });
    expect(examples.map(({ text, annotation }) => [text, annotation.spans])).toEqual([
      ['Ann Ruiz ran', [{ start: 0, end: 8, label: 'PER' }]],
      ['Bo ran', [{ start: 0, end: 2, label: 'PER' }]],
    ]);
  });
});

describe('brat', () => {
  test('entities of a folder of documents', async () => {
    const folder = folderOf({
      'a.txt': '😀 Ann met\nBo.\n',
      'a.ann': 'T1\tPerson 2 5\tAnn\nT2\tPerson 10 12\tBo\nR1\tMet Arg1:T1 Arg2:T2\n#1\tAnnotatorNotes T1\tsure\n',
      'b.txt': 'Nobody',
      'b.ann': '',
      'c.txt': 'Not looked at',
      'annotation.conf': '[entities]',
    });
    const { report, examples } = await imported(folder, 'ner');
    expect(report).toMatchObject({ read: 3, imported: 3, labels: ['Person'], notes: [expect.stringContaining('relations')] });
    expect(
      examples.map(({ text, annotation, extra }) => [annotation.spans?.map(({ start, end }) => text.slice(start, end)), extra.file]),
    ).toEqual([
      [['Ann', 'Bo'], 'a.txt'],
      [[], 'b.txt'],
      [undefined, 'c.txt'],
    ]);
  });

  test('annotations that do not fit their text are rejected at their line', async () => {
    const folder = folderOf({
      'a.txt': 'Ann',
      'a.ann': 'T1\tPerson 0 3\tAnn\nT2\tPerson 2 9\tn met Bo\n',
      'b.txt': 'Ann and Bo',
      'b.ann': 'T1\tPerson 0 3\tBob\n',
      'c.txt': 'Ann and Bo',
      'c.ann': 'T1\tPerson 0 3;8 10\tAnn Bo\n',
      'd.ann': 'T1\tPerson 0 3\tAnn\n',
      'e.txt': 'fine',
    });
    const { report } = await imported(folder, 'ner');
    expect(report).toMatchObject({ read: 5, imported: 1 });
    expect(report.rejected.map(({ line, reason }) => [line, reason])).toEqual([
      [1, 'a.ann, line 2: T2 (2–9) points outside its text of 3 characters'],
      [2, 'b.ann, line 1: T1 says “Bob” where the text has “Ann”'],
      [3, 'c.ann, line 1: T1 is in several pieces, which spans cannot be'],
      [4, 'd.ann has no d.txt beside it'],
    ]);
  });

  test('one document, by either of its files', async () => {
    const folder = folderOf({ 'a.txt': 'Ann', 'a.ann': 'T1\tP 0 3\tAnn\n', 'b.txt': 'Bo' });
    for (const name of ['a.txt', 'a.ann'])
      expect((await imported(join(folder, name), 'ner')).examples).toMatchObject([{ text: 'Ann', annotation: { spans: [{ end: 3 }] } }]);
  });
});

/** Made by tests/fixtures/make_data_files.py. */
const made = (name: string) => join(import.meta.dirname, '../fixtures/data', name);

describe('files that other tools wrote', () => {
  test('data sets of Hugging Face’s datasets', async () => {
    const reviews = await imported(made('reviews'));
    expect(reviews.report).toMatchObject({ imported: 4, labels: ['neg', 'pos'], splits: { train: 2, validation: 1, test: 1 } });
    expect(reviews.examples.map(({ text, annotation, split }) => [text, annotation.label, split])).toEqual([
      ['Who knows', null, 'test'],
      ['\ufeffGreat 😀', 'pos', 'train'],
      ['Poor', 'neg', 'train'],
      ['Fine', 'pos', 'validation'],
    ]);
    const entities = await imported(made('entities'), 'ner');
    expect(entities.examples.map(({ text, annotation }) => annotation.spans?.map(({ start, end }) => text.slice(start, end)))).toEqual([
      [],
      ['Ann Ruiz', 'Bo'],
    ]);
  });

  test.each(['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4'])('pyarrow’s parquet, %s', async (codec) => {
    const { report, examples } = await imported(made(`${codec}.parquet`), 'multilabel');
    expect(report).toMatchObject({ read: 40, imported: 40, labels: ['a', 'b'] });
    expect(examples.slice(36).map(({ text, annotation, extra }) => [text, annotation.labels, extra.stars])).toEqual([
      ['text 36', ['a'], '5'],
      ['text 37', [], ''],
      ['text 38', undefined, '5'],
      ['text 39', ['a', 'b'], ''],
    ]);
  });

  test('a workbook of openpyxl: dates, truth values, large numbers, text that looks like a formula', async () => {
    const { examples } = await imported(made('answers.xlsx'));
    expect(examples.map(({ text, annotation, extra }) => [text, annotation.label, extra.when, extra.score])).toEqual([
      ['Fine <b>', 'good', '2024-05-06', '4.5'],
      [' spaced ', 'bad', '2024-05-06T07:08:00.000Z', 'true'],
      ['=1+1', 'odd', '', '12345678901'],
    ]);
  });
});
