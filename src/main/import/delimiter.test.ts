import { expect, test } from 'vitest';
import { findDelimiter } from './delimiter.ts';

test.each([',', ';', '\t', '|'])('%j is found in a sample that ends inside a quoted field', (delimiter) => {
  const row = `"a long, long text"${delimiter}x\n`;
  expect(findDelimiter(`text${delimiter}label\n${row.repeat(5)}"and one that is cut`)).toBe(delimiter);
});
