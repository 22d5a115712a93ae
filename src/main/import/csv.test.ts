/** The reference is csv-parse. */
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CsvRecords } from './csv.ts';

/** All records of the text, given in pieces of so many characters. */
function recordsOf(text: string, pieceLength = text.length): { lines: number[]; cells: string[][]; unclosed: boolean } {
  const records = new CsvRecords(',');
  const all = [];
  for (let at = 0; at < text.length; at += pieceLength) all.push(...records.read(text.slice(at, at + pieceLength)));
  all.push(...records.end());
  return { lines: all.map(({ line }) => line), cells: all.map(({ cells }) => cells), unclosed: records.unclosed };
}

const byReference = (text: string) =>
  parse(text, { relax_quotes: true, relax_column_count: true, record_delimiter: '\n', skip_empty_lines: false });

test('any text, in pieces of any length, gives the records that csv-parse gives', () => {
  const text = fc.array(fc.constantFrom('a', 'b ', '"', '""', ',', '\n', 'é', '😀'), { maxLength: 40 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 9 }), (content, pieceLength) => {
      const { cells, unclosed } = recordsOf(content, pieceLength);
      let expected: string[][];
      try {
        expected = byReference(content);
      } catch {
        // The reference gives nothing of a text that ends inside quotes.
        expect(unclosed).toBe(true);
        return;
      }
      expect({ cells, unclosed }).toEqual({ cells: expected, unclosed: false });
    }),
    { numRuns: 2000 },
  );
});

test('lines are counted through quoted line ends, whatever ends a line', () => {
  expect(recordsOf('a,b\n"x\ny",1\n\nz,2\n').lines).toEqual([1, 2, 4, 5]);
  for (const pieceLength of [1, 2, 3, 100]) {
    expect(recordsOf('a,b\r\n"x\r\ny",1\r\nz,2', pieceLength)).toMatchObject({
      lines: [1, 2, 4],
      cells: [
        ['a', 'b'],
        ['x\r\ny', '1'],
        ['z', '2'],
      ],
    });
    expect(recordsOf('a,b\rc,d\r', pieceLength).cells).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(recordsOf('a,b\nc\rd,e\n', pieceLength).cells).toEqual([
      ['a', 'b'],
      ['c\rd', 'e'],
    ]);
  }
});

test('a quote that is never closed is known with the line of its record', () => {
  const records = new CsvRecords(',');
  expect(records.read('a,b\n1,2\nx,"open\n')).toHaveLength(2);
  expect(records.end()).toEqual([]);
  expect(records).toMatchObject({ unclosed: true, line: 3 });
});

test('a field longer than many pieces', () => {
  const long = 'word '.repeat(600_000);
  expect(recordsOf(`text,label\n"${long}",x\n`, 65_536).cells[1]).toEqual([long, 'x']);
});
