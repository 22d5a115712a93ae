/** Offsets of exported files in Python: text[start:end] is what was marked. THAW_PYTHON names any Python 3. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { thaw } from './thaw.ts';

const python = process.env.THAW_PYTHON;
const script = join(import.meta.dirname, 'selections.py');

const texts = [
  '😀 Ann met Bo in Zürich',
  '👩‍👩‍👧 family of Ann\r\nand Bo',
  'שלום Ann, مرحبا Bo',
  'quote "Ann", comma, e\u0301 Bo\ttab',
  '🏳️‍🌈🏳️‍🌈Ann🏳️‍🌈Bo',
  'control \u0001 Ann \u2028 Bo',
];

let home = '';
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'thaw-selections-'));
  const lines = texts.map((text) => {
    const characters = Array.from(text);
    const spans = ['Ann', 'Bo'].flatMap((name) => {
      const before = text.indexOf(name);
      const start = Array.from(text.slice(0, before)).length;
      return before < 0 ? [] : [{ start, end: start + name.length, label: `is ${name}` }];
    });
    expect(spans.map(({ start, end }) => characters.slice(start, end).join(''))).toContain('Ann');
    return JSON.stringify({ text, spans });
  });
  await writeFile(join(home, 'data.jsonl'), `${lines.join('\n')}\n`);
  await thaw(home, 'import', join(home, 'data.jsonl'), '--project', join(home, 'project'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

it.skipIf(!python).each(['csv', 'jsonl', 'json', 'label-studio', 'doccano', 'spacy'])('%s', async (format) => {
  const file = join(home, `data.${format}`);
  await thaw(home, 'export-data', '--project', join(home, 'project'), '--format', format, '--output', file);
  const selected = JSON.parse(execFileSync(python as string, [script, format, file], { encoding: 'utf8' })) as unknown;
  const expected = texts.map((text) => ({
    text,
    spans: ['Ann', 'Bo'].flatMap((name) => (text.includes(name) ? [[name, `is ${name}`]] : [])),
  }));
  expect(selected).toEqual(expected);
});
