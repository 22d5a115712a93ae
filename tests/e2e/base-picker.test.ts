import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
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
  project = await openSample(page, 'Sentiment');
});
afterAll(() => app.close());

const picker = () => page.getByRole('combobox', { name: 'Base model' });
const setting = (name: string) => page.getByRole('textbox', { name, exact: true });
const effect = () => page.getByRole('complementary', { name: 'What this run will do' });
const weights = () => page.getByRole('radiogroup', { name: 'How it starts from the run' });

it('offers the base models and random weights, for which it proposes a rate of their own', async () => {
  await page.goto(`${project}/train`);
  await picker().waitFor();
  expect(
    await picker()
      .locator('optgroup')
      .evaluateAll((groups) => groups.map((group) => group.getAttribute('label'))),
  ).toEqual(['Base models', 'No base']);
  await picker().selectOption({ label: 'From scratch · random weights, as all-MiniLM-L6-v2' });
  await effect().getByText('Random weights, drawn from the seed.').waitFor();
  expect(await setting('Learning rate').inputValue()).toBe('5e-4');
  expect(await page.getByRole('radio', { name: 'Everything' }).getAttribute('aria-checked')).toBe('true');
  expect(await weights().count()).toBe(0);
});

it('starts from a run of the project, or goes on with it, with its settings', async () => {
  await startRun(page, project, { preset: 'Everything', settings: { 'Learning rate': '3e-3', Epochs: '2', 'Weight decay': '0.02' } });
  await finished(page);
  await page.goto(`${project}/train`);
  await picker().waitFor();
  await picker().selectOption({ value: 'r1' });
  await effect().getByText('The best weights of “Everything”, its head included for all 2 labels.').waitFor();
  expect(await setting('Epochs').inputValue()).toBe('3');

  await weights().getByRole('radio', { name: 'Continue where it ended' }).click();
  await effect().getByText('The last weights of “Everything”').waitFor();
  expect([await setting('Learning rate').inputValue(), await setting('Weight decay').inputValue()]).toEqual(['3e-3', '0.02']);
  await setting('Epochs').fill('1');
  await page.keyboard.press('Control+Enter');
  await page.waitForURL(/\/runs\/r2$/);
  await finished(page);
  expect(await page.getByRole('table', { name: 'Epochs' }).getByRole('row').count()).toBe(2);
  await page.getByText('run r1, continued').waitFor();

  await page.goto(`${project}/runs`);
  await page
    .getByRole('row', { name: /Everything 2/ })
    .getByText('“Everything”, continued')
    .waitFor();
});

it('keeps a run that another starts from', async () => {
  await page.getByRole('button', { name: 'Delete Everything', exact: true }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Delete/ })
    .click();
  await page.getByText('Run r2 starts from run r1 and cannot do without it.').waitFor();
  expect(await page.getByRole('row', { name: /Everything/ }).count()).toBe(2);
});
