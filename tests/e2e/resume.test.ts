/** A run that was cut off: the next opening says so and offers to go on with it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { startApp } from './app.ts';
import type { App } from './app.ts';
import { finished, openSample, startRun, tinyBase } from './training.ts';

let app: App;
let page: Page;
/** Hash of the project's screens. */
let project: string;
beforeAll(async () => {
  process.env.THAW_MODELS = tinyBase;
  app = await startApp();
  page = await app.page();
  project = new URL(await openSample(page, 'Sentiment')).hash;
});
afterAll(() => app.close());

const address = (rest: string) => `${new URL(app.url).origin}/${project}${rest}`;
const log = () => page.getByRole('log', { name: 'Training log' });
const row = () => page.getByRole('table', { name: 'Runs' }).getByRole('row', { name: /Everything/ });

it('after the app was killed, the run is shown interrupted and resumed from the table', async () => {
  await startRun(page, address(''), { preset: 'Everything', settings: { 'Learning rate': '1e-3', Epochs: '200' } });
  await log().getByText('Epoch 2 done').waitFor();
  await app.kill();

  app = await startApp(app.home);
  page = await app.page();
  await page.goto(address('/runs'));
  await row().getByText('Interrupted').waitFor();
  await row().getByRole('button', { name: 'Resume Everything' }).click();
  await row().getByText('Running').waitFor();
  expect(await row().getByRole('button', { name: 'Resume Everything' }).count()).toBe(0);
});

it('a cancelled run is resumed on its own screen, with its curve', async () => {
  await row().getByRole('link', { name: 'Everything' }).click();
  await log()
    .getByText(/Going on after step \d+/)
    .waitFor();
  await page.getByRole('button', { name: 'Cancel run…' }).click();
  await page.getByRole('button', { name: 'Cancel the run' }).click();
  await page.getByRole('status', { name: 'Diagnosis' }).getByText('It can be resumed from its last checkpoint.').waitFor();
  const epochs = await page.getByRole('table', { name: 'Epochs' }).getByRole('row').count();
  expect(epochs).toBeGreaterThan(2);

  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await page.getByRole('progressbar', { name: 'This run' }).waitFor();
  await page.getByRole('button', { name: 'Cancel run…' }).waitFor();
  const rows = () => page.getByRole('table', { name: 'Epochs' }).getByRole('row').count();
  await expect.poll(rows, { timeout: 60_000 }).toBeGreaterThan(epochs);
  await page.getByRole('button', { name: 'Cancel run…' }).click();
  await page.getByRole('button', { name: 'Cancel the run' }).click();
  await page.getByRole('button', { name: 'Resume', exact: true }).waitFor();
});

it('a resumed run ends as any other', async () => {
  await startRun(page, address(''), { preset: 'Everything', settings: { 'Learning rate': '1e-3', Epochs: '8' } });
  await log().getByText('Epoch 1 done').waitFor();
  await page.getByRole('button', { name: 'Cancel run…' }).click();
  await page.getByRole('button', { name: 'Cancel the run' }).click();
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await finished(page);
  // The head and an epoch a row.
  expect(await page.getByRole('table', { name: 'Epochs' }).getByRole('row').count()).toBe(9);
});
