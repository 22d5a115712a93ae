import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApp } from './app.ts';
import type { App } from './app.ts';

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

it('shows home, with the samples offered and the token gone from the address', async () => {
  const page = await app.page();
  await page.getByRole('heading').first().waitFor();
  await page.getByText('Sentiment', { exact: false }).first().waitFor();
  expect(page.url()).not.toContain('token');
  await page.reload();
  await page.getByText('Sentiment', { exact: false }).first().waitFor();
});

it('trains the embedded base as built, its threads and resources found', async () => {
  const root = path.join(import.meta.dirname, '../..');
  const thaw = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['out/main/cli.js', ...args, '--project', path.join(app.home, 'built'), '--json'], {
      cwd: root,
      env: { ...process.env, THAW_HOME: app.home },
    });
  await thaw('import', 'resources/samples/topics.csv');
  const { stdout } = await thaw('train', '--max-steps', '2', '--max-length', '16', '--threads', '2', '--freeze', '0-4');
  expect(JSON.parse(stdout)).toMatchObject({ steps: 2, test: { accuracy: expect.any(Number) } });
});

it('begins with the project that it was told to', async () => {
  const named = await startApp(undefined, '--project', path.join(app.home, 'a new one'));
  const page = await named.page();
  await page.getByRole('heading', { name: 'There are no texts yet' }).waitFor();
  expect(await page.title()).toBe('a new one – Thaw');
  await named.close();
});
