/** What the annotation tools' formats mean, by files as the tools write them. */
import { describe, expect, test } from 'vitest';
import type { FileFormat, Task } from '../../shared/domain.ts';
import { readers } from './readers.ts';
import { parseObject } from './jsonl.ts';
import type { Records, Fields, Source } from './row.ts';

async function* recordsOf(objects: unknown[]): Records<Fields> {
  for (const [index, object] of objects.entries()) yield parseObject(index + 1, JSON.stringify(object));
}

/** Rows, then reasons, then notes. */
async function read(format: FileFormat, task: Task, objects: unknown[], more: Partial<Source> = {}) {
  const reader = readers[format];
  if (reader.kind !== 'tasks') throw new Error(`${format} is no tool's`);
  const source: Source = { path: 'a', fileName: 'a', format, header: true, task, ...more };
  const found = [];
  for await (const row of reader.rowsOf(recordsOf(objects), source)) found.push(row);
  return found;
}

const said = (text: string, spans: { start: number; end: number }[] | null | undefined) =>
  spans?.map(({ start, end }) => text.slice(start, end));

describe('Label Studio', () => {
  const task = (text: string, result: unknown[], more: object = {}) => ({
    id: 7,
    data: { text, source: 'web' },
    annotations: [{ id: 1, was_cancelled: false, result }],
    ...more,
  });
  const choice = (...choices: string[]) => ({ from_name: 'topic', to_name: 'text', type: 'choices', value: { choices } });
  const region = (start: number, end: number, text: string, label = 'PER') => ({
    from_name: 'label',
    to_name: 'text',
    type: 'labels',
    value: { start, end, text, labels: [label] },
  });

  test('choices are labels; other data are kept', async () => {
    expect(
      await read('label-studio', 'classification', [
        task('a', [choice('x')]),
        task('b', [choice('x', 'y')]),
        task('c', []),
        { data: { text: 'd' } },
      ]),
    ).toMatchObject([
      { text: 'a', label: 'x', extra: { id: '7', source: 'web' } },
      { kind: 'rejected', line: 2, reason: 'has 2 labels (x, y); in this project a text has one' },
      { text: 'c', label: null },
      { text: 'd', label: null },
    ]);
    expect(await read('label-studio', 'multilabel', [task('b', [choice('x', 'y')]), task('c', []), { data: { text: 'd' } }])).toMatchObject(
      [{ labels: ['x', 'y'] }, { labels: [] }, { text: 'd' }],
    );
  });

  test('regions count code points, in old files UTF-16 units: what they say decides', async () => {
    const text = '😀😀 Ann met Bo';
    const rows = await read('label-studio', 'ner', [
      task(text, [region(3, 6, 'Ann'), region(11, 13, 'Bo')]),
      task(text, [region(5, 8, 'Ann')]),
      task(text, [region(0, 3, 'Ann')]),
    ]);
    expect(rows[0]).toMatchObject({
      spans: [
        { start: 5, end: 8 },
        { start: 13, end: 15 },
      ],
    });
    expect(rows[1]).toMatchObject({ spans: [{ start: 5, end: 8 }] });
    expect(rows[2]).toMatchObject({ kind: 'rejected', reason: 'the region 0–3 says “Ann”, which the text does not have there' });
  });

  test('a relation alone is no word on entities; an empty result says that there are none', async () => {
    const relation = { from_id: 'a', to_id: 'b', type: 'relation', direction: 'right' };
    expect(await read('label-studio', 'ner', [task('a', [relation]), task('b', [])])).toMatchObject([
      { kind: 'row', text: 'a', spans: null },
      { kind: 'row', text: 'b', spans: [] },
      { kind: 'note', text: expect.stringContaining('relation') },
    ]);
  });

  test('of several annotations the ground truth counts, else the newest; skipped ones do not', async () => {
    const annotations = (...all: object[]) => ({ data: { text: 'a' }, annotations: all });
    const by = (name: string, more: object = {}) => ({ result: [choice(name)], ...more });
    expect(
      await read('label-studio', 'classification', [
        annotations(by('x'), by('y')),
        annotations(by('x', { ground_truth: true }), by('y')),
        annotations(by('x'), by('y', { was_cancelled: true })),
      ]),
    ).toMatchObject([
      { label: 'y' },
      { label: 'x' },
      { label: 'x' },
      { kind: 'note', text: expect.stringContaining('2 tasks have several annotations') },
    ]);
  });
});

describe('doccano', () => {
  test('both layouts, and entities beside relations', async () => {
    expect(
      await read('doccano', 'ner', [
        { id: 1, text: '😀 Ann', label: [[2, 5, 'PER']], meta: { a: 1 } },
        { id: 2, text: 'Bo', entities: [{ id: 1, label: 'PER', start_offset: 0, end_offset: 2 }], relations: [] },
        { id: 3, text: 'none', label: [] },
        { id: 4, text: 'unseen' },
      ]),
    ).toMatchObject([
      { spans: [{ start: 3, end: 6, label: 'PER' }], extra: { id: '1', meta: '{"a":1}' } },
      { spans: [{ start: 0, end: 2, label: 'PER' }] },
      { spans: [] },
      { spans: null },
      { kind: 'note', text: expect.stringContaining('1 text has an empty list') },
      { kind: 'note', text: expect.stringContaining('--offsets utf-16') },
    ]);
    expect(
      await read('doccano', 'classification', [
        { text: 'a', label: ['x'] },
        { text: 'b', label: [] },
      ]),
    ).toMatchObject([{ label: 'x' }, { label: null }]);
    expect(await read('doccano', 'multilabel', [{ data: 'a', label: ['x', 'y'] }])).toMatchObject([{ text: 'a', labels: ['x', 'y'] }]);
  });

  test('offsets in UTF-16 units when they are said to be', async () => {
    const object = { text: '😀 firetrucks', label: [[3, 13, 'THING']] };
    expect(await read('doccano', 'ner', [object])).toMatchObject([
      { kind: 'rejected', reason: expect.stringContaining('--offsets utf-16') },
      { kind: 'note' },
    ]);
    const [row] = await read('doccano', 'ner', [object], { offsets: 'utf-16' });
    expect(row.kind === 'row' && said(row.text, row.spans)).toEqual(['firetrucks']);
  });
});

test('Prodigy: choices by their ids, binary answers, spans', async () => {
  const options = [
    { id: 1, text: 'good' },
    { id: 2, text: 'bad' },
  ];
  expect(
    await read('prodigy', 'classification', [
      { text: 'a', options, accept: [2], answer: 'accept', meta: { source: 'web' }, _task_hash: 1, _input_hash: 2, _timestamp: 3 },
      { text: 'b', label: 'good', answer: 'accept' },
      { text: 'c', label: 'good', answer: 'reject' },
      { text: 'd', options, accept: [], answer: 'ignore' },
    ]),
  ).toMatchObject([
    { label: 'bad', extra: { source: 'web' } },
    { label: 'good' },
    { label: null },
    { label: null },
    { kind: 'note', text: expect.stringContaining('2 texts were rejected or ignored') },
  ]);
  expect(
    await read('prodigy', 'ner', [
      { text: '😀 Ann', tokens: [], spans: [{ start: 2, end: 5, label: 'PER', token_start: 1, token_end: 1 }], answer: 'accept' },
      { text: 'b', spans: [{ start: 0, end: 1, label: 'PER' }], answer: 'reject' },
    ]),
  ).toMatchObject([{ spans: [{ start: 3, end: 6, label: 'PER' }], extra: {} }, { spans: null }, { kind: 'note' }]);
});

test('spaCy: triples, objects, scores, and texts in pairs', async () => {
  expect(
    await read('spacy', 'ner', [
      { text: '😀 Ann', entities: [[2, 5, 'PER']], source: 'web' },
      ['Bo', { entities: [[0, 2, 'PER']] }],
      { text: 'Cy', spans: [{ start: 0, end: 2, label: 'PER' }] },
      { text: 'd' },
    ]),
  ).toMatchObject([
    { spans: [{ start: 3, end: 6 }], extra: { source: 'web' } },
    { text: 'Bo', spans: [{ start: 0, end: 2 }] },
    { spans: [{ start: 0, end: 2 }] },
    { spans: null },
  ]);
  expect(
    await read('spacy', 'multilabel', [
      { text: 'a', cats: { x: 1, y: 0.7, z: 0 } },
      { text: 'b', cats: { x: 0 } },
      { text: 'c', cats: {} },
    ]),
  ).toMatchObject([{ labels: ['x', 'y'] }, { labels: [] }, { kind: 'row', text: 'c', extra: {} }]);
});
