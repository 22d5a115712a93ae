/** Files that are not what they should be: each ends in an error with its place, or in rows that are all accounted for; the project stays usable. */
import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, test } from 'vitest';
import type { ImportOptions } from '../../src/main/database/index.ts';
import type { Task } from '../../src/shared/domain.ts';
import { newProject, temporaryFile } from './data-places.ts';
import { workbook } from './workbook.ts';

/** The report, after a check that a good file can still be imported into the same project. */
async function attempt(
  name: string,
  content: string | Uint8Array,
  { task = 'classification', ...options }: Partial<ImportOptions> & { task?: Task } = {},
) {
  const project = await newProject(task);
  const outcome = await project.importFile({ file: temporaryFile(name, content), fileName: name, ...options }).then(
    (report) => ({ report, error: null }),
    (error: unknown) => ({ report: null, error }),
  );
  if (outcome.report) expect(outcome.report.imported + outcome.report.rejected.length).toBe(outcome.report.read);
  else expect((await project.summary()).examples).toBe(0);
  const before = (await project.summary()).examples;
  const good = temporaryFile('good.jsonl', task === 'ner' ? '{"text":"ok","spans":[]}\n' : '{"text":"ok","label":"a"}\n');
  expect((await project.importFile({ file: good })).imported).toBe(1);
  expect((await project.summary()).examples).toBe(before + 1);
  return outcome;
}

/** The spreadsheet with another size of its sheet in the archive's directory. */
function saying(file: Uint8Array, sheetBytes: number): Buffer {
  const changed = Buffer.from(file);
  const entry = changed.lastIndexOf('xl/worksheets/sheet1.xml') - 46;
  expect(changed.readUInt32LE(entry)).toBe(0x02014b50);
  changed.writeUInt32LE(sheetBytes, entry + 24);
  return changed;
}

const table = 'text,label\ncafé,good\nnaïve,bad\n';

test('UTF-16, with its mark and without', async () => {
  expect((await attempt('a.csv', Buffer.from(`\uFEFF${table}`, 'utf16le'))).report).toMatchObject({ imported: 2, labels: ['bad', 'good'] });
  expect((await attempt('a.csv', Buffer.from(table, 'utf16le'))).error).toMatchObject({
    code: 'wrong_encoding',
    place: { file: 'a.csv', byte: 1 },
    remedy: expect.stringContaining('--encoding utf-16le'),
  });
  expect((await attempt('a.csv', Buffer.from(table, 'utf16le'), { encoding: 'utf-16le' })).report).toMatchObject({ imported: 2 });
});

test('Windows’ western encoding and Shift-JIS', async () => {
  const western = Buffer.from(table, 'latin1');
  expect((await attempt('a.csv', western)).error).toMatchObject({
    code: 'wrong_encoding',
    place: { byte: 14 },
    remedy: expect.stringContaining('windows-1252'),
  });
  expect((await attempt('a.csv', western, { encoding: 'cp1252' })).report).toMatchObject({ imported: 2 });
  const japanese = Buffer.concat([
    Buffer.from('text,label\n'),
    Buffer.from([0x82, 0xb1, 0x82, 0xea, 0x82, 0xcd, 0x93, 0xfa, 0x96, 0x7b, 0x8c, 0xea]),
    Buffer.from(',x\n'),
  ]);
  expect((await attempt('a.csv', japanese)).error).toMatchObject({ code: 'wrong_encoding', remedy: expect.stringContaining('shift_jis') });
  expect((await attempt('a.csv', japanese, { encoding: 'shift_jis' })).report).toMatchObject({ imported: 1 });
});

test('NUL bytes, in a file and as an escape', async () => {
  expect((await attempt('a.csv', 'text,label\nfine\0,x\n')).error).toMatchObject({
    code: 'wrong_encoding',
    place: { file: 'a.csv', byte: 15 },
  });
  expect((await attempt('a.jsonl', '{"text":"a\\u0000b","label":"x"}\n{"text":"c","label":"x"}\n')).report).toMatchObject({
    imported: 1,
    rejected: [{ line: 1, reason: 'the text holds a NUL character' }],
  });
});

test('ragged rows, columns of one name, a quote that never closes', async () => {
  expect((await attempt('a.csv', 'text,label\na,x\nb\nc,y,z\nd,x\n')).report).toMatchObject({
    imported: 2,
    rejected: [
      { line: 3, reason: 'has 1 column instead of 2' },
      { line: 4, reason: 'has 3 columns instead of 2' },
    ],
  });
  const project = await newProject();
  await project.importFile({ file: temporaryFile('a.csv', 'text,note,note,label\na,1,2,x\n') });
  expect((await project.example(1)).extra).toEqual({ note: '1', 'note (2)': '2' });
  expect((await attempt('a.csv', 'text,label\n"a\nb",x\nc,"y\nd,x\n')).report).toMatchObject({
    imported: 1,
    rejected: [{ line: 4, reason: expect.stringContaining('a quote that opens here is never closed') }],
  });
});

test('a field of 100 MB', async () => {
  const huge = Buffer.alloc(100_000_000, 'a');
  for (const [name, before, after] of [
    ['a.csv', 'text,label\nfine,x\n"', '",y\nfine too,x\n'],
    ['a.tsv', 'text\tlabel\nfine\tx\n', '\ty\nfine too\tx\n'],
    ['a.json', '[{"text":"fine","label":"x"},{"text":"', '","label":"y"},{"text":"fine too","label":"x"}]'],
  ]) {
    const { report } = await attempt(name, Buffer.concat([Buffer.from(before), huge, Buffer.from(after)]));
    expect(report).toMatchObject({ imported: 2, rejected: [{ reason: 'the text has 100,000,000 characters; 16,000,000 are the most' }] });
  }
});

test('broken JSON lines, and JSON that ends too soon', async () => {
  expect((await attempt('a.jsonl', '{"text":"a","label":"x"}\n{"text":"b",\nnull\n{"text":"c","label":"y"}\n')).report).toMatchObject({
    imported: 2,
    rejected: [{ line: 2 }, { line: 3, reason: 'is not a JSON object' }],
  });
  expect((await attempt('a.json', '[{"text":"a","label":"x"},\n{"text":"b"')).report).toMatchObject({
    imported: 1,
    rejected: [{ line: 2, reason: 'the file ends inside this value' }],
  });
  expect((await attempt('a.json', '{"rows":\n3}')).error).toMatchObject({ code: 'wrong_format', place: { file: 'a.json' } });
});

test('a spreadsheet that would unpack to more than memory holds, one that is cut, and none at all', async () => {
  const good = workbook({ A: [['text'], ['fine']] });
  expect((await attempt('a.xlsx', saying(good, 450 * 2 ** 20))).error).toMatchObject({
    code: 'wrong_format',
    message: expect.stringContaining('unpacks to 451 MB'),
  });
  expect((await attempt('a.xlsx', good.subarray(0, good.length - 40))).error).toMatchObject({
    code: 'damaged_file',
    place: { file: 'a.xlsx' },
  });
  expect((await attempt('a.xlsx', 'text,label\na,x\n')).error).toMatchObject({ code: 'damaged_file' });
});

test('a spreadsheet whose archive lies about what it unpacks to takes no more than it said', async () => {
  const honest = workbook({ A: [['text'], ...Array.from({ length: 2000 }, (_, row) => [`fine ${row}`])] });
  const lying = saying(honest, 100);
  expect((await attempt('a.xlsx', lying)).error).toMatchObject({ code: 'damaged_file' });
});

test('parquet of other types, cut short, and none at all', async () => {
  const numbers = parquetWriteBuffer({
    columnData: [
      { name: 'text', data: [1, 2], type: 'INT32' },
      { name: 'label', data: [true, false], type: 'BOOLEAN' },
    ],
  });
  expect((await attempt('a.parquet', new Uint8Array(numbers))).report).toMatchObject({ imported: 2, labels: ['false', 'true'] });
  expect((await attempt('a.parquet', new Uint8Array(numbers).subarray(0, 60))).error).toMatchObject({
    code: 'damaged_file',
    place: { file: 'a.parquet' },
  });
  expect((await attempt('a.parquet', 'text,label\na,x\n')).error).toMatchObject({ code: 'damaged_file' });
  const damaged = new Uint8Array(
    parquetWriteBuffer({ columnData: [{ name: 'text', data: Array.from({ length: 500 }, (_, at) => `text ${at}`), type: 'STRING' }] }),
  );
  damaged.fill(255, 8, 200);
  expect((await attempt('a.parquet', damaged)).error).toMatchObject({ code: 'damaged_file' });
});

test('a Label Studio file of relations alone comes unlabeled', async () => {
  const tasks = [{ data: { text: 'a' }, annotations: [{ result: [{ from_id: 'x', to_id: 'y', type: 'relation' }] }] }];
  expect((await attempt('a.json', JSON.stringify(tasks), { task: 'ner' })).report).toMatchObject({
    imported: 1,
    labels: [],
    notes: [expect.stringContaining('relation')],
  });
});

test('an empty file, whatever it is called', async () => {
  for (const name of ['a.csv', 'a.tsv', 'a.jsonl', 'a.txt', 'a.json', 'a', 'a.xlsx', 'a.parquet'])
    expect((await attempt(name, '')).error).toMatchObject({
      code: expect.stringMatching(/^(wrong_format|damaged_file)$/),
      message: expect.stringContaining(name),
    });
});
