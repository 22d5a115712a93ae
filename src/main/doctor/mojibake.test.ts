import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { misreadIn, repairText } from './mojibake.ts';

const fixture = JSON.parse(readFileSync(new URL('../../../tests/fixtures/duplicates/mojibake.json', import.meta.url), 'utf8')) as {
  broken: { text: string; ftfy: string }[];
  untouched: string[];
};

test('what ftfy repairs is repaired to the same text', () => {
  for (const { text, ftfy } of fixture.broken) expect({ text, meant: repairText(text).text }).toEqual({ text, meant: ftfy });
});

test('what ftfy leaves alone is left alone, quotes after a capital included', () => {
  for (const text of fixture.untouched) expect(misreadIn(text)).toEqual([]);
});

test('offsets move with the text', () => {
  const text = 'CafÃ© Ã\u00a0 la carte in MÃ¼nchen';
  const { text: repaired, moved } = repairText(text);
  const start = text.indexOf('MÃ¼nchen');
  expect(repaired.slice(moved(start), moved(text.length))).toBe('München');
  expect(repaired.slice(moved(0), moved(5))).toBe('Café');
});
