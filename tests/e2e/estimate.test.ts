import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { startApp } from './app.ts';
import type { App } from './app.ts';
import { openSample } from './training.ts';

let app: App;
let page: Page;
beforeAll(async () => {
  // The embedded base trains whole in some 900 MB with 16 texts a batch, and not with 64.
  process.env.THAW_MEMORY = '1100';
  app = await startApp();
  page = await app.page();
  await page.goto(`${await openSample(page, 'Sentiment')}/train`);
});
afterAll(async () => {
  delete process.env.THAW_MEMORY;
  await app.close();
});

const figure = (name: string) => page.getByRole('complementary', { name: 'What this run will do' }).getByRole('status', { name });
const megabytes = async () => {
  const text = (await figure('Peak memory').textContent()) ?? '';
  return Number.parseFloat(text) * (text.endsWith('GB') ? 1024 : 1);
};

it('says what a run takes of memory and time, and follows the layers', async () => {
  await figure('Estimated time').getByText(/\d/).waitFor();
  const top = await megabytes();
  await page.getByRole('radio', { name: 'Everything' }).click();
  await expect.poll(megabytes).toBeGreaterThan(top);
  await page.getByRole('radio', { name: 'Head only' }).click();
  await expect.poll(megabytes).toBeLessThan(top);
});

it('refuses a run that will not fit, and takes over what would', async () => {
  const start = page.getByRole('button', { name: /Start training/ });
  await page.getByRole('radio', { name: 'Everything' }).click();
  await page.getByRole('radio', { name: '64', exact: true }).click();
  await page.getByText(/This run would need about .* and 1\.1 GB are available/).waitFor();
  expect(await start.isDisabled()).toBe(true);
  await page.getByRole('button', { name: 'Use these settings' }).click();
  await page.getByText('Fits.').waitFor();
  expect(await start.isDisabled()).toBe(false);
  expect(await page.getByRole('textbox', { name: 'Batches a step' }).inputValue()).not.toBe('1');
  expect(await megabytes()).toBeLessThan(1100);
});
