/** Tables, jsonl and CoNLL, read from text in pieces of any size. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readConll } from './conll.ts';
import { readJson } from './json.ts';
import { readJsonLines } from './jsonl.ts';
import { rowsOfObjects } from './objects.ts';
import type { RowStream, Source } from './row.ts';
import { readCsv, readTsv, rowsOfTable } from './table.ts';

const options: Source = { path: 'file', fileName: 'file', format: 'csv', header: true, task: 'classification' };

async function* pieces(text: string, size = 7): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

async function collect(rows: RowStream) {
  const found = [];
  for await (const row of rows) found.push(row);
  return found;
}

const csv = async (text: string, more: Partial<Source> = {}) =>
  (await collect(rowsOfTable(readCsv(pieces(text, 1000), { ...options, ...more }), { ...options, ...more }))).map((row) =>
    row.kind === 'row' ? [row.line, row.text, row.label] : row.kind === 'rejected' ? [row.line, row.reason] : [0, row.text],
  );

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

describe('csv', () => {
  test('lines are where rows start, over quoted line ends and blank lines', async () => {
    for (const end of ['\n', '\r\n'])
      expect(await csv(['text,label', '"two', 'lines",a', '', 'next,b', '"three', '', 'lines",c', 'last,d'].join(end))).toEqual([
        [2, `two${end}lines`, 'a'],
        [5, 'next', 'b'],
        [6, `three${end}${end}lines`, 'c'],
        [9, 'last', 'd'],
      ]);
  });

  test('a stray quote is text; one that never closes is rejected where it opens', async () => {
    expect(await csv('text,label\na 5" disc,x\nsay "hi",y\n"never,z\nmore,x\n')).toEqual([
      [2, 'a 5" disc', 'x'],
      [3, 'say "hi"', 'y'],
      [4, 'a quote that opens here is never closed, so nothing after it can be read'],
    ]);
  });

  test('the delimiter is found', async () => {
    for (const delimiter of [',', ';', '\t', '|'])
      expect(await csv(`text${delimiter}label\n"a, b; c",x\n`.replace('",', `"${delimiter}`))).toEqual([[2, 'a, b; c', 'x']]);
    expect(await csv('text;label\nwell, yes, no;x\nso, so;y\n')).toEqual([
      [2, 'well, yes, no', 'x'],
      [3, 'so, so', 'y'],
    ]);
  });

  test('columns by name, by guess and by number', async () => {
    expect(await csv('id,review,sentiment,source\n1,fine,good,web\n')).toEqual([[2, 'fine', 'good']]);
    expect(await csv('one,two,three\na,b,c\n')).toEqual([[2, 'a', 'c']]);
    expect(await csv('one,two,three\na,b,c\n', { text: 'three', label: 'one' })).toEqual([[2, 'c', 'a']]);
    expect(await csv('a,b,c\n', { header: false })).toEqual([[1, 'a', 'c']]);
    expect(await csv('text\nonly\n')).toEqual([[2, 'only', null]]);
    await expect(csv('a,b,c\n', { header: false, label: '4' })).rejects.toMatchObject({
      code: 'unknown_column',
      remedy: 'Columns there are: 1, 2, 3.',
    });
  });

  test('any table written as csv is read back', async () => {
    const cell = fc
      .string({ unit: fc.constantFrom('a', 'b', '"', ',', ';', '\n', ' ', 'é', '😀'), minLength: 1, maxLength: 8 })
      .filter((text) => text.trim() === text);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ text: cell, label: cell }), { minLength: 1, maxLength: 8 }), async (table) => {
        const rows = await csv(table.reduce((text, row) => `${text}${quoted(row.text)},${quoted(row.label)}\n`, 'text,label\n'));
        expect(rows.map(([, text, label]) => ({ text, label }))).toEqual(table);
      }),
    );
  });
});

test('tsv has no quoting', async () => {
  const rows = await collect(rowsOfTable(readTsv(pieces('sentence\tlabel\r\n"quoted\t1\r\nsay ""\t0\r\ntoo\tmany\tcells\r\n')), options));
  expect(rows).toMatchObject([
    { text: '"quoted', label: '1', line: 2 },
    { text: 'say ""', label: '0' },
    { kind: 'rejected', line: 4, reason: 'has 3 columns instead of 2' },
  ]);
});

describe('jsonl', () => {
  const json = (text: string, more: Partial<Source> = {}) => collect(rowsOfObjects(readJsonLines(pieces(text)), { ...options, ...more }));

  test('broken lines and missing fields are rejected, other fields kept', async () => {
    const rows = await json(
      '{"text":"a","label":1,"id":7}\n{"text":\n[1]\n\n{"label":"x"}\n{"text":" "}\n{"text":"b","label":null,"tags":["t"]}\n',
    );
    expect(rows).toMatchObject([
      { text: 'a', label: '1', extra: { id: '7' } },
      { kind: 'rejected', line: 2, reason: expect.stringContaining('is not JSON') },
      { kind: 'rejected', line: 3, reason: 'is not a JSON object' },
      { kind: 'rejected', line: 5, reason: "has no field 'text'" },
      { kind: 'rejected', line: 6, reason: 'the text is empty' },
      { text: 'b', label: null, extra: { tags: '["t"]' } },
    ]);
    await expect(json('{"text":"a"}\n', { label: 'class' })).rejects.toMatchObject({ code: 'unknown_column' });
  });

  test('fields that the first object lacks are found', async () => {
    expect(await json('{"text":"a"}\n{"text":"b","label":"x"}\n')).toMatchObject([
      { text: 'a', label: null },
      { text: 'b', label: 'x' },
    ]);
    expect(await json('{"label":"x"}\n?\n{"label":"y","text":"b"}\n')).toMatchObject([
      { kind: 'rejected', line: 1, reason: "has no field 'text'" },
      { kind: 'rejected', line: 2 },
      { text: 'b', label: 'y' },
    ]);
    const plain = '{"review":"a","mood":"x"}\n'.repeat(3);
    expect((await json(`${plain}{"review":"b","mood":"y","text":"z"}\n`)).at(-1)).toMatchObject({
      text: 'b',
      label: 'y',
      extra: { text: 'z' },
    });
    const many = `${'{"text":"a"}\n'.repeat(150)}{"text":"b"}\n`;
    expect((await json(many)).map((row) => row.kind !== 'note' && row.line)).toEqual(Array.from({ length: 151 }, (_, index) => index + 1));
  });

  test('spans come in code points and are kept in UTF-16 units', async () => {
    const rows = await json(
      '{"text":"😀 Ann in Rome","spans":[{"start":9,"end":13,"label":"LOC"},{"start":2,"end":5,"label":"PER"}]}\n{"text":"x","spans":[{"start":0,"end":2,"label":"A"}]}\n{"text":"y"}\n',
      { task: 'ner' },
    );
    expect(rows).toMatchObject([
      {
        spans: [
          { start: 3, end: 6, label: 'PER' },
          { start: 10, end: 14, label: 'LOC' },
        ],
      },
      { kind: 'rejected', reason: 'the span 0–2 is not inside the text of 1 characters' },
      { text: 'y', spans: null },
    ]);
  });
});

describe('json', () => {
  const json = async (text: string, size = 7) => {
    const found = [];
    for await (const record of readJson(pieces(text, size), { fileName: 'a.json' }))
      found.push(record.kind === 'fields' ? [record.line, record.object] : record);
    return found;
  };

  test('a list, or the data of an object, wherever the pieces end', async () => {
    const list = '[\n  {"text": "a, [b] {c} \\"d\\"", "label": 1},\n  {"text": "e",\n   "n": {"data": [1, 2]}}\n]\n';
    const around = `{"version": {"data": [{"text": "not this"}]}, "data": ${list}, "more": [3]}`;
    for (const size of [1, 2, 7, 1000]) {
      expect(await json(list, size)).toEqual([
        [2, { text: 'a, [b] {c} "d"', label: 1 }],
        [3, { text: 'e', n: { data: [1, 2] } }],
      ]);
      expect((await json(around, size)).map((record) => (record as [number, object])[0])).toEqual([2, 3]);
    }
  });

  test('broken elements are rejected where they start, the others read', async () => {
    expect(await json('[{"text": "a"},\n{"text": oops},\n3,\n{"text": "b"}\n]')).toMatchObject([
      [1, { text: 'a' }],
      { kind: 'rejected', line: 2, reason: expect.stringContaining('is not JSON') },
      { kind: 'rejected', line: 3, reason: 'is not a JSON object' },
      [4, { text: 'b' }],
    ]);
    expect(await json('[{"text": "a"},\n{"text": "b')).toMatchObject([
      [1, {}],
      { kind: 'rejected', line: 2, reason: 'the file ends inside this value' },
      { kind: 'note' },
    ]);
    expect(await json('[{"text": "a"}\n')).toMatchObject([
      [1, {}],
      { kind: 'note', text: expect.stringContaining('never closed (line 2)') },
    ]);
    await expect(json('{"text": "a"}')).rejects.toMatchObject({ code: 'wrong_format', place: { line: 1 } });
  });

  test('any list of objects comes back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 5 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(2),
        async (list, size, indent) => {
          const read = await json(JSON.stringify(list, null, indent), size);
          expect(read.map((record) => (record as [number, object])[1])).toEqual(JSON.parse(JSON.stringify(list)));
        },
      ),
    );
  });
});

describe('CoNLL', () => {
  const tokens = ['Ann', 'Ruiz', 'Bert', 'in', 'New', 'York'];
  const schemes: Record<string, string[]> = {
    IOB1: ['I-PER', 'I-PER', 'B-PER', 'O', 'I-LOC', 'I-LOC'],
    IOB2: ['B-PER', 'I-PER', 'B-PER', 'O', 'B-LOC', 'I-LOC'],
    BIOES: ['B-PER', 'E-PER', 'S-PER', 'O', 'B-LOC', 'E-LOC'],
    BILOU: ['B-PER', 'L-PER', 'U-PER', 'O', 'B-LOC', 'L-LOC'],
  };
  const layouts: Record<string, (token: string, tag: string) => string> = {
    'two columns and a space': (token, tag) => `${token} ${tag}`,
    'two columns and a tab': (token, tag) => `${token}\t${tag}`,
    'three columns': (token, tag) => `${token} NNP ${tag}`,
    'four columns': (token, tag) => `${token} NNP I-NP ${tag}`,
    'five columns and tabs': (token, tag) => `${token}\t_\tNNP\tI-NP\t${tag}`,
  };
  const conll = (text: string, more: Partial<Source> = {}) => collect(readConll(pieces(text), { ...options, task: 'ner', ...more }));

  for (const [scheme, tags] of Object.entries(schemes))
    test.each(Object.entries(layouts))(`${scheme}, %s`, async (_, line) => {
      const sentence = tokens.map((token, index) => line(token, tags[index])).join('\r\n');
      const spans = [
        { start: 0, end: 8, label: 'PER' },
        { start: 9, end: 13, label: 'PER' },
        { start: 17, end: 25, label: 'LOC' },
      ];
      const row = { text: 'Ann Ruiz Bert in New York', pretokenized: true, label: null, spans };
      const rows = await conll(`${line('-DOCSTART-', 'O')}\r\n\r\n${sentence}\r\n\r\n\r\n# id 7\r\n${sentence}`);
      expect(rows).toMatchObject([
        { ...row, line: 3 },
        { ...row, line: 12 },
      ]);
    });

  test('another column as the tag; a token with a space stays one token', async () => {
    expect(await conll('New York\tB-LOC\tO\n', { label: '2' })).toMatchObject([
      { text: 'New\u00a0York', spans: [{ start: 0, end: 8, label: 'LOC' }] },
    ]);
    await expect(conll('York\tB-LOC\n', { label: '3' })).rejects.toMatchObject({ code: 'unknown_column' });
  });
});
