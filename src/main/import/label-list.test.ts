import { describe, expect, test } from 'vitest';
import { readJsonLines } from './jsonl.ts';
import { readLabels } from './label-list.ts';
import { rowsOfObjects } from './objects.ts';
import type { RowStream, Source } from './row.ts';
import { readCsv, rowsOfTable } from './table.ts';

const options: Source = { path: 'file', fileName: 'file', format: 'csv', header: true, task: 'multilabel' };

async function* pieces(text: string): AsyncGenerator<string> {
  yield text;
}

async function collect(rows: RowStream) {
  const found = [];
  for await (const row of readLabels(rows))
    found.push(row.kind === 'row' ? row.labels : row.kind === 'note' ? row.text : [row.line, row.reason]);
  return found;
}
const csv = (text: string, more: Partial<Source> = {}) => collect(rowsOfTable(readCsv(pieces(text), options), { ...options, ...more }));
const json = (text: string, more: Partial<Source> = {}) => collect(rowsOfObjects(readJsonLines(pieces(text)), { ...options, ...more }));

describe('several labels a text', () => {
  test('names parted by the mark that more cells have; each label once', async () => {
    expect(await csv('text,labels\na,x|y\nb,y; z\nc,x|x | z\nd,x|y\n')).toEqual([
      ['x', 'y'],
      ['y; z'],
      ['x', 'z'],
      ['x', 'y'],
      'Several labels in one cell are read as parted by “|”.',
    ]);
    expect((await csv('text,labels\na,x;y\nb,y\n')).slice(0, 2)).toEqual([['x', 'y'], ['y']]);
  });

  test('an empty list says that none applies, an empty cell says nothing', async () => {
    expect(await csv('text,labels\na,[]\nb,\nc,x\n')).toEqual([
      [],
      undefined,
      ['x'],
      '1 rows without a label came unlabeled; write [] where none of the labels applies.',
    ]);
  });

  test('lists as JSON and Python write them', async () => {
    const cells = [`['a', 'b']`, `["a; c", "it's"]`, `['it\\'s' "b"]`, '[a, 2]', `['open]`];
    expect(await csv(`text,labels\n${cells.map((cell) => `t,"${cell.replaceAll('"', '""')}"`).join('\n')}\n`)).toEqual([
      ['a', 'b'],
      ['a; c', "it's"],
      ["it's", 'b'],
      ['a', '2'],
      [6, expect.stringContaining('is no list of labels')],
    ]);
  });

  test('columns of 1 and 0 are labels by their names, beside columns of names', async () => {
    expect(await csv('text,rude,threat,more\na,1,0,\nb,0,0,x|y\nc,0,0,\nd,,,\n', { label: 'rude,threat,more' })).toEqual([
      ['rude'],
      ['x', 'y'],
      [],
      undefined,
      expect.stringContaining('“|”'),
      expect.stringContaining('1 rows without a label'),
    ]);
    expect(await csv('text,label\na,1\n')).toEqual([['1']]);
  });

  test('arrays in jsonl; what is no list is rejected with its line', async () => {
    const lines = ['{"text":"a","labels":["x","y"]}', '{"text":"b","labels":[]}', '{"text":"c"}', '{"text":"d","labels":{"x":1}}'];
    expect((await json(lines.join('\n'))).slice(0, 4)).toEqual([['x', 'y'], [], undefined, [4, `'{"x":1}' is no list of labels`]]);
  });

  test('says that commas part nothing', async () => {
    expect((await csv('text,labels\na,"2,5"\n')).at(-1)).toContain('“2,5” holds a comma');
  });
});
