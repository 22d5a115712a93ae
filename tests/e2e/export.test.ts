import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startApp } from './app.ts';
import type { App } from './app.ts';
import { finished, openSample, startRun, tinyBase } from './training.ts';

let app: App;
let page: Page;
let project: string;
beforeAll(async () => {
  process.env.THAW_MODELS = tinyBase;
  app = await startApp();
  page = await app.page();
  project = await openSample(page, 'Entities');
  await startRun(page, project, { preset: 'Everything', settings: { 'Learning rate': '3e-3', Epochs: '2' } });
  await finished(page);
  await page.getByRole('link', { name: 'Use or export' }).click();
});
afterAll(() => app.close());

it('tries a text on the model', async () => {
  await page.getByRole('textbox', { name: 'Text to try' }).fill('Angela Merkel was born in Hamburg .');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('list', { name: 'Prediction' }).waitFor({ state: 'attached', timeout: 60_000 });
});

it('writes both formats and says how they were verified', async () => {
  const folder = join(app.home, 'taken');
  await page.getByRole('textbox', { name: 'Folder' }).fill(folder);
  await page.getByRole('button', { name: /^Export both/ }).click();
  const verified = page.getByRole('status', { name: 'Verified' });
  await verified.getByText(/64 examples, largest difference \d/).waitFor({ timeout: 120_000 });
  const files = await page.getByRole('list', { name: 'Files' }).getByRole('listitem').allInnerTexts();
  expect(files).toEqual(expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json', 'onnx/model.onnx']));
  expect(files.filter((file) => !existsSync(join(folder, file)))).toEqual([]);
});

it('says in words why a folder cannot be used', async () => {
  await page.getByRole('textbox', { name: 'Folder' }).fill(app.home);
  await page.getByRole('button', { name: /^Export both/ }).click();
  const dialog = page.getByRole('dialog', { name: 'That did not work' });
  await dialog.getByText('is not empty and is no earlier export').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).click();
});
