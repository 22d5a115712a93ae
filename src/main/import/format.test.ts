import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findFormat, findTask } from './format.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'thaw-format-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['a.csv', 'text,label\n', 'csv', 'classification'],
  ['a.tsv', 'text\tlabel\n', 'tsv', 'classification'],
  ['a.jsonl', '{"text":"x","label":"y"}\n', 'jsonl', 'classification'],
  ['a.jsonl', '{"text":"x","spans":[]}\n', 'jsonl', 'ner'],
  ['a.jsonl', '{"text":"x"}\n{"text":"y","entities":[]}\n', 'jsonl', 'ner'],
  ['a.jsonl', '{"text":"x","labels":[]}\n{"text":"y","labels":["a"]}\n', 'jsonl', 'multilabel'],
  ['a.conll', 'Ann B-PER\n', 'conll', 'ner'],
  ['a.txt', 'Ann B-PER\nran O\n\nin O\n', 'conll', 'ner'],
  ['a.txt', '{"text":"x"}\n', 'jsonl', 'classification'],
  ['a.txt', 'text,label\nfine,good\n', 'csv', 'classification'],
])('%s with %j is %s for %s', async (name, content, format, task) => {
  const file = join(folder, name);
  writeFileSync(file, content);
  expect([await findFormat(file), await findTask(file, 'auto')]).toEqual([format, task]);
});
