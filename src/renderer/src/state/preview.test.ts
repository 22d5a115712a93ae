import { describe, expect, it } from 'vitest';
import { formatOf, previewOf } from './preview.ts';

describe('the preview of a file', () => {
  it('finds the format by the extension, else by the content', () => {
    expect(formatOf('a.tsv', '')).toBe('tsv');
    expect(formatOf('a.txt', '{"text": "x"}\n')).toBe('jsonl');
    expect(formatOf('a.txt', '-DOCSTART- O\n\nAnna B-PER\nleft O\n')).toBe('conll');
    expect(formatOf('a.txt', 'text,label\nx,y\n')).toBe('csv');
  });

  it('reads a table with a header and proposes its columns', () => {
    const preview = previewOf('id;category;review\n1;good;"nice; really"\n2;bad;poor\n', 'csv', true);
    expect(preview).toMatchObject({ columns: ['id', 'category', 'review'], text: 'review', label: 'category', task: 'classification' });
    expect(preview.rows).toEqual([
      ['1', 'good', 'nice; really'],
      ['2', 'bad', 'poor'],
    ]);
  });

  it('numbers the columns of a table without a header', () => {
    expect(previewOf('nice,good\npoor,bad\n', 'csv', false)).toMatchObject({ columns: ['1', '2'], text: '1', label: '2' });
  });

  it('leaves quotes of a tsv file alone', () => {
    expect(previewOf('text\tlabel\n"odd\tgood\n', 'tsv', true).rows).toEqual([['"odd', 'good']]);
  });

  it('shows the rows before one that cannot be read', () => {
    expect(previewOf('text,label\na,b\n"never closed\n', 'csv', true).rows).toEqual([['a', 'b']]);
  });

  it('reads objects line by line, whatever fields each has', () => {
    const preview = previewOf('{"text":"a","label":"x"}\n{"text":"b","n":3}\n', 'jsonl', true);
    expect(preview.columns).toEqual(['text', 'label', 'n']);
    expect(preview.rows[1]).toEqual(['b', '', '3']);
    expect(previewOf('{"text":"a","spans":[]}\n', 'jsonl', true).task).toBe('ner');
  });

  it('joins the words of a CoNLL sentence', () => {
    const preview = previewOf('-DOCSTART- O\n\nAnna B-PER\nleft O\n\nBonn B-LOC\n', 'conll', true);
    expect(preview.rows).toEqual([
      ['Anna left', 'PER'],
      ['Bonn', 'LOC'],
    ]);
    expect(preview.task).toBe('ner');
  });
});
