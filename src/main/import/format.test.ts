import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findFormat } from './format.ts';
import { findTask } from './inspect.ts';

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
  ['a.txt', 'ham\tfine\nspam\tbuy now\n', 'tsv', 'classification'],
  ['a.txt', 'Well, this is text.\nSo is this, and that.\n', 'txt', 'classification'],
  ['a.csv', 'text,labels\na,"[""x"",""y""]"\nb,[]\n', 'csv', 'multilabel'],
  ['a.csv', 'text,spans\na,[]\nb,\n', 'csv', 'ner'],
  ['a.json', '[{"text":"x","label":"y"}]', 'json', 'classification'],
  ['a.json', '{"data":[{"text":"x","labels":["y"]}]}', 'json', 'multilabel'],
  ['a.json', '{"text":"x"}\n{"text":"y"}\n', 'jsonl', 'classification'],
  ['a.json', '{\n"version": 1,\n"data": [{"text":"x","spans":[]}]}', 'json', 'ner'],
  ['a.jsonl', '{"tokens":["x"],"ner_tags":["O"]}\n', 'jsonl', 'ner'],
  [
    'a.json',
    '[{"data":{"text":"x"},"annotations":[{"result":[{"type":"choices","value":{"choices":["y"]}}]}]}]',
    'label-studio',
    'classification',
  ],
  [
    'a.json',
    '[{"data":{"text":"x"},"annotations":[{"result":[{"type":"labels","value":{"start":0,"end":1,"labels":["y"]}}]}]}]',
    'label-studio',
    'ner',
  ],
  ['a.jsonl', '{"id":1,"text":"x","label":[[0,1,"A"]]}\n', 'doccano', 'ner'],
  ['a.jsonl', '{"id":1,"text":"x","label":["a"]}\n{"id":2,"text":"y","label":["a","b"]}\n', 'doccano', 'multilabel'],
  ['a.jsonl', '{"text":"x","_task_hash":1,"accept":["a"],"answer":"accept"}\n', 'prodigy', 'classification'],
  ['a.jsonl', '{"text":"x","spans":[],"answer":"reject"}\n', 'prodigy', 'ner'],
  ['a.jsonl', '{"text":"x","entities":[[0,1,"A"]]}\n', 'spacy', 'ner'],
  ['a.jsonl', '["x",{"cats":{"a":1,"b":0}}]\n', 'spacy', 'classification'],
])('%s with %j is %s for %s', async (name, content, format, task) => {
  const file = join(folder, name);
  writeFileSync(file, content);
  expect([await findFormat(file), await findTask(file, 'auto')]).toEqual([format, task]);
});
