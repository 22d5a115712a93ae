/** What is written is read again as it was: any texts, labels, spans, splits and other columns, in every format that can hold them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataFormatSchema, type DataFormat, type Span, type Split, type Task } from '../../shared/domain.ts';
import { inTextOrder } from '../../shared/spans.ts';
import type { StoredExample } from '../database/index.ts';
import { readRows } from '../import/index.ts';
import { dataWriters } from './index.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'thaw-roundtrip-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const pieces = [
  'a',
  'Z',
  ' ',
  '"',
  "'",
  ',',
  ';',
  '|',
  '\t',
  '\n',
  '\r\n',
  '\r',
  '\\',
  '<img onerror=x>',
  'é',
  'e\u0301',
  '日本',
  '😀',
  '👩‍👩‍👧',
  '🏳️‍🌈',
  '\u202e',
  'שלום',
  'مرحبا',
  '\u0001',
  '\u001f',
  '\u2028',
  '\ufeff',
  '#',
  '{',
  '[',
  '-DOCSTART-',
  '\u00a0',
];
const free = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''));
const text = free.filter((value) => value.trim() !== '');
const label = free.map((value) => value.trim()).filter((value) => value !== '');
const split = fc.constantFrom<Split>('train', 'validation', 'test');

/** Spans that begin and end between characters, of which some overlap. */
function spansIn(value: string, labels: string[], cuts: number[]): Span[] {
  const edges = [0];
  for (const character of value) edges.push((edges.at(-1) as number) + character.length);
  const at = [...new Set(cuts.map((cut) => edges[cut % edges.length]))].sort((a, b) => a - b);
  const spans = at.slice(1).map((end, index) => ({ start: at[index], end, label: labels[index % labels.length] }));
  const around = at.length > 2 ? [{ start: at[0], end: at[at.length - 1], label: labels[0] }] : [];
  return [...around, ...spans].sort(inTextOrder);
}

const annotation = (task: Task, value: string, labels: string[], seed: number[], isLabeled: boolean) => {
  if (!isLabeled) return { label: null, spans: null };
  if (task === 'classification') return { label: labels[seed[0] % labels.length], spans: null };
  if (task === 'ner') return { label: null, spans: spansIn(value, labels, seed) };
  return { label: null, labels: labels.filter((_, index) => seed[index % seed.length] % 2 === 0), spans: null };
};

interface Data {
  labels: string[];
  columns: string[];
  examples: StoredExample[];
}

function dataOf(
  task: Task,
  texts: fc.Arbitrary<string>,
  labels: fc.Arbitrary<string>,
  columns: fc.Arbitrary<string>,
  pretokenized = false,
): fc.Arbitrary<Data> {
  const row = fc.record({
    text: texts,
    split,
    isLabeled: fc.boolean(),
    seed: fc.array(fc.nat(40), { minLength: 1, maxLength: 5 }),
    values: fc.array(free, { minLength: 3, maxLength: 3 }),
  });
  return fc
    .record({
      labels: fc.uniqueArray(labels, { minLength: 1, maxLength: 3 }),
      columns: fc.uniqueArray(columns, { maxLength: 2 }),
      rows: fc.array(row, { minLength: 1, maxLength: 6 }),
    })
    .map(({ labels: names, columns: others, rows }) => ({
      labels: names,
      columns: others,
      examples: rows.map(({ text: value, isLabeled, seed, values, ...rest }, index) => ({
        ...rest,
        id: index + 1,
        text: value,
        // One is labeled, so that the file shows what it is.
        annotation: annotation(task, value, names, seed, isLabeled || index === 0),
        skipped: false,
        sourceRow: index + 1,
        extra: Object.fromEntries(others.map((name, at) => [name, values[at]])),
        pretokenized,
      })),
    }));
}

async function written(format: DataFormat, task: Task, { labels, columns, examples }: Data): Promise<string> {
  const writer = dataWriters[format]({ task, labels, columns });
  const parts = [writer.begin(), ...examples.map((example) => writer.write([example])), writer.end()];
  const file = join(folder, `data.${format}`);
  writeFileSync(file, Buffer.concat(parts.map((part) => Buffer.from(part as string))));
  return file;
}

async function readAgain(file: string, format: DataFormat | 'auto', task: Task) {
  const rows = [];
  for await (const row of readRows(file, { format, header: true, task })) {
    if (row.kind === 'rejected') throw new Error(`line ${row.line} ${row.reason}`);
    if (row.kind === 'row') rows.push(row);
  }
  return rows.map((row) => ({
    text: row.text,
    label: row.label,
    labels: row.labels?.toSorted() ?? null,
    spans: row.spans,
    split: row.split,
    pretokenized: row.pretokenized,
    extra: row.extra,
  }));
}

const expected = ({ examples }: Data) =>
  examples.map(({ text: value, annotation: { label: name, labels, spans }, split: part, pretokenized, extra }) => ({
    text: value,
    label: name,
    labels: labels?.toSorted() ?? null,
    spans,
    split: part,
    pretokenized,
    extra,
  }));

const column = fc
  .stringMatching(/^[b-df-km-rt-z_][a-z ]{2,6}[a-z]$/)
  .filter(
    (name) =>
      !/^(data|text|label|meta|body|class|review|rating|tokens|tweet|topic|title|query|target|tag|ner|entities|content|comment|category|utterance|message|intent|polarity)/.test(
        name,
      ),
  );
const carrying = dataFormatSchema.options.filter((format) => format !== 'conll' && format !== 'tsv');

describe.each(carrying)('%s', (format) => {
  test.each<Task>(['classification', 'multilabel', 'ner'])('any data of %s', async (task) => {
    await fc.assert(
      fc.asyncProperty(dataOf(task, text, label, column), async (data) => {
        expect(await readAgain(await written(format, task, data), format, task)).toEqual(expected(data));
      }),
      { numRuns: 60 },
    );
  });
});

const word = fc
  .array(fc.constantFrom('a', 'B', 'é', '😀', '👩‍👩‍👧', 'שלום', ',', '"', '.', '日'), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join(''));
const sentence = fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join(' '));
const plainLabel = fc.stringMatching(/^[A-Za-z][A-Za-z -]{0,5}[A-Za-z]$/);

/** The spans moved out to whole words, those that then touch the same word left out. */
function byWords({ examples, ...rest }: Data): Data {
  const aligned = ({ text: value, annotation: { spans } }: StoredExample) => {
    let last = 0;
    return (spans ?? []).flatMap(({ start: from, end: to, label: name }) => {
      const start = value.lastIndexOf(' ', from) + 1;
      const end = value.indexOf(' ', to - 1) === -1 ? value.length : value.indexOf(' ', to - 1);
      if (start < last || end <= start) return [];
      last = end + 1;
      return [{ start, end, label: name }];
    });
  };
  return { ...rest, examples: examples.map((example) => ({ ...example, annotation: { label: null, spans: aligned(example) } })) };
}

test('CoNLL carries tokens, tags and splits', async () => {
  await fc.assert(
    fc.asyncProperty(dataOf('ner', sentence, plainLabel, column, true), async (data) => {
      const whole = byWords({ ...data, columns: [], examples: data.examples.map((example) => ({ ...example, extra: {} })) });
      expect(await readAgain(await written('conll', 'ner', whole), 'conll', 'ner')).toEqual(expected(whole));
    }),
    { numRuns: 100 },
  );
});

test('CoNLL keeps the spans of free text, and says what it loses', () => {
  const example = (value: string, spans: Span[] | null): StoredExample => ({
    id: 1,
    text: value,
    split: 'train',
    annotation: { label: null, spans },
    skipped: false,
    sourceRow: 1,
    extra: { a: 'b' },
    pretokenized: false,
  });
  const writer = dataWriters.conll({ task: 'ner', labels: ['L'], columns: ['a'] });
  expect(writer.write([example('New-York,  now', [{ start: 0, end: 3, label: 'L' }]), example('unseen', null)])).toBe(
    '# split = train\nNew\tB-L\n-York\tO\n,\tO\nnow\tO\n\n',
  );
  expect(writer.notes()).toEqual([
    expect.stringContaining('One text is no tokens'),
    expect.stringContaining('One unlabeled text was left out'),
    expect.stringContaining('no place for other columns: a'),
  ]);
});

test('tsv carries what has no tabs and line ends, and says where it had to change some', async () => {
  const flat = text.map((value) => value.replaceAll(/[\t\r\n]/g, '.')).filter((value) => value.trim() !== '');
  const flatLabel = flat.map((value) => value.trim());
  await fc.assert(
    fc.asyncProperty(dataOf('classification', flat, flatLabel, fc.constant('other')), async (data) => {
      const extra: Record<string, string> = data.columns.length > 0 ? { other: 'x' } : {};
      const whole = { ...data, examples: data.examples.map((example) => ({ ...example, extra })) };
      expect(await readAgain(await written('tsv', 'classification', whole), 'tsv', 'classification')).toEqual(expected(whole));
    }),
    { numRuns: 60 },
  );
});

test('a column that a format would take for its own gets another name, and the report says so', async () => {
  const data: Data = {
    labels: ['x'],
    columns: ['Text'],
    examples: [
      {
        id: 1,
        text: 'a',
        split: 'train',
        annotation: { label: 'x', spans: null },
        skipped: false,
        sourceRow: 1,
        extra: { Text: 'b' },
        pretokenized: false,
      },
    ],
  };
  for (const format of carrying) {
    const [row] = await readAgain(await written(format, 'classification', data), 'auto', 'classification');
    expect(row).toMatchObject({ text: 'a', label: 'x', extra: { 'Text (2)': 'b' } });
  }
});
