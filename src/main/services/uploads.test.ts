import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openUploads } from './uploads.ts';

let home = '';
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'thaw-uploads-'));
});
afterAll(() => rmSync(home, { recursive: true }));

const part = (path: string, text = path) => ({ path, content: new Blob([text]) });

test('a file, and a folder in several parts, until they are let go', async () => {
  const uploads = openUploads(home);
  const one = await uploads.give(null, [part('a b.csv', 'text\n')]);
  const file = await uploads.find({ upload: one });
  expect([file.fileName, readFileSync(file.file, 'utf8')]).toEqual(['a b.csv', 'text\n']);
  const many = await uploads.give(null, [part('reviews/good/1.txt')]);
  expect(await uploads.give(many, [part('reviews/bad/1.txt')])).toBe(many);
  const folder = await uploads.find({ upload: many });
  expect([folder.fileName, readdirSync(folder.file).sort()]).toEqual(['reviews', ['bad', 'good']]);
  await uploads.drop(one);
  await expect(uploads.find({ upload: one })).rejects.toMatchObject({ code: 'file_not_found' });
  await uploads.close();
  expect(existsSync(folder.file)).toBe(false);
  expect(readdirSync(home)).toEqual([]);
});

test('no path leads out of the upload', async () => {
  const uploads = openUploads(home);
  for (const path of ['../a', '/a', 'a/../../b', 'a//b', 'C:\\a', 'a\\..\\b', '.', 'a\0b'])
    await expect(uploads.give(null, [part(path)])).rejects.toMatchObject({ code: 'wrong_format' });
  expect(readdirSync(home)).toEqual([]);
});

test('a path of this machine is taken as it is', async () => {
  const uploads = openUploads(home);
  expect(await uploads.find({ path: import.meta.filename })).toEqual({ file: import.meta.filename, fileName: 'uploads.test.ts' });
  await expect(uploads.find({ path: '/nowhere/at-all.csv' })).rejects.toMatchObject({ code: 'ENOENT' });
});
