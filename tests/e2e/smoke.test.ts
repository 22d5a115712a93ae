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
