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
  await startRun(page, project, { preset: 'Head only' });
  await finished(page);
  await startRun(page, project, { preset: 'Everything', settings: { 'Learning rate': '3e-3', Epochs: '3' } });
  await finished(page);
});
afterAll(() => app.close());

const counts = async (name: string) => Number(/\d+/.exec(await page.getByRole('tab', { name }).innerText())?.[0]);

it('lists both runs, and compares the two that are picked by key', async () => {
  await page.goto(`${project}/runs`);
  const runs = page.getByRole('table', { name: 'Runs' });
  await expect.poll(() => runs.getByRole('checkbox').count()).toBe(2);
  await runs.getByRole('link', { name: 'Head only' }).focus();
  await page.keyboard.press('x');
  await page.getByText('Pick a second run.').waitFor();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('x');
  await page.keyboard.press('c');
  await page.getByRole('region', { name: 'Verdict' }).waitFor();
});

it('says which is better with its interval and p-value, and how that was computed', async () => {
  const verdict = page.getByRole('region', { name: 'Verdict' });
  const text = await verdict.innerText();
  expect(text).toMatch(/is better|Not distinguishable/);
  expect(text).toMatch(/95 % interval/);
  expect(text).toMatch(/exact McNemar, p [=<]/);
  expect(text).toContain('284 validation texts');
  await page.getByRole('button', { name: 'How this is computed' }).click();
  await verdict.getByText('Paired bootstrap').waitFor();
});

it('shows the changed answers, and those of one kind', async () => {
  const rows = page.getByRole('table', { name: 'Changed answers' }).locator('tbody tr');
  const [fixed, broken] = [await counts('Fixed'), await counts('Broken')];
  expect(await rows.count()).toBe(fixed + broken);
  await page.keyboard.press('b');
  await expect.poll(() => rows.count()).toBe(broken);
  await page.getByRole('tab', { name: 'Fixed' }).click();
  await expect.poll(() => rows.count()).toBe(fixed);
  expect(await rows.first().getByText('Fixed').count()).toBe(1);
  // The matrix moves by what was fixed and broken.
  const diagonal = await page.getByRole('cell', { name: /^(\w+) predicted as \1:/ }).allInnerTexts();
  expect(diagonal.map((cell) => Number(cell.replace('−', '-').replace('·', '0'))).reduce((a, b) => a + b, 0)).toBe(fixed - broken);
});

it('opens the test split only when asked, and counts it', async () => {
  await page.getByRole('button', { name: 'Open the test set (counted)' }).click();
  await page.getByText('Test set, opened once').waitFor();
  await page.getByRole('region', { name: 'Verdict' }).getByText('284 test texts for both').waitFor();
  await page.getByRole('button', { name: 'Back to validation' }).click();
  await page.getByRole('region', { name: 'Verdict' }).getByText('284 validation texts for both').waitFor();
});
