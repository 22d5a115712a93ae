/** Files in and out on the command line. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder, thaw, thawJson } from './thaw.ts';

test('an annotation tool’s file in, another’s out, each format found by itself', async () => {
  const folder = await temporaryFolder();
  const at = (name: string) => path.join(folder, name);
  const tasks = ['Ann ran', '😀 Bo ran'].map((text) => ({
    data: { text },
    annotations: [
      {
        result: [
          {
            type: 'labels',
            value: {
              start: text.indexOf('ran') - (text.length - Array.from(text).length),
              end: Array.from(text).length,
              text: 'ran',
              labels: ['VERB'],
            },
          },
        ],
      },
    ],
  }));
  writeFileSync(at('tasks.json'), JSON.stringify(tasks));
  expect(await thawJson('import', at('tasks.json'), '--project', at('one'))).toMatchObject({ imported: 2, labels: ['VERB'] });
  expect(await thawJson('export-data', '--project', at('one'), '--format', 'spacy', '--output', at('out.jsonl'))).toMatchObject({
    examples: 2,
  });
  const written = readFileSync(at('out.jsonl'), 'utf8').trim().split('\n');
  expect(written.map((line) => (JSON.parse(line) as { entities: unknown }).entities)).toEqual([[[4, 7, 'VERB']], [[5, 8, 'VERB']]]);
  expect(await thawJson('import', at('out.jsonl'), '--project', at('two'))).toMatchObject({ imported: 2, labels: ['VERB'] });
});

test('an encoding and a delimiter are said when they cannot be found; wrong ones are told of', async () => {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'a.csv');
  writeFileSync(file, Buffer.from('text~label\ncafé, here~good\n', 'latin1'));
  const project = ['--project', path.join(folder, 'project')];
  const failed = await thaw(['import', file, ...project]);
  expect([failed.code, failed.errors]).toEqual([1, expect.stringMatching(/byte 14 .*--encoding windows-1252/)]);
  expect((await thaw(['import', file, ...project, '--delimiter', 'long'])).code).toBe(2);
  expect((await thaw(['import', file, ...project, '--encoding', 'klingon'])).errors).toContain("There is no encoding 'klingon'");
  expect(await thawJson('import', file, ...project, '--encoding', 'latin1', '--delimiter', '~')).toMatchObject({
    imported: 1,
    labels: ['good'],
  });
});
