/** Several labels a text: a file becomes a project, its texts are labeled by keyboard, two runs are trained, compared and tried. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { violations, violationsAtEverySize } from './accessibility.ts';
import { startApp } from './app.ts';
import type { App } from './app.ts';
import { finished, startRun, tinyBase } from './training.ts';

let app: App;
let page: Page;
let project: string;
beforeAll(async () => {
  process.env.THAW_MODELS = tinyBase;
  app = await startApp();
  page = await app.page();
});
afterAll(() => app.close());

const signs = { battery: 'the battery is good', food: 'the food is bad', film: 'a film to see' };
const rows = Array.from({ length: 80 }, (_, index) => {
  const labels = Object.keys(signs).filter((_, at) => (index >> at) % 2 === 1) as (keyof typeof signs)[];
  const cell = labels.length > 0 ? labels.join('|') : '[]';
  return `"Note ${index}, ${labels.map((label) => signs[label]).join(', ')}",${index < 3 ? '' : cell}`;
});
const option = (name: string) => page.getByRole('checkbox', { name, exact: true });
const checked = async () => (await page.getByRole('group', { name: 'Labels' }).getByRole('checkbox', { checked: true }).all()).length;
const reading = (text: string) => page.getByRole('article', { name: 'Text to label' }).getByText(text).waitFor();

it('imports a file for the task that was chosen', async () => {
  await page
    .getByLabel('File with texts')
    .setInputFiles({ name: 'notes.csv', mimeType: 'text/csv', buffer: Buffer.from(`text,labels\n${rows.join('\n')}\n`) });
  await page.getByRole('combobox', { name: 'Task' }).selectOption({ label: 'Several labels per text' });
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByText('Several labels in one cell are read as parted by “|”.').waitFor();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByRole('table', { name: 'Texts' }).waitFor();
  project = page.url().replace(/(#\/p\/[^/]+).*/, '$1');
});

it('shows every label of a text, and finds texts by one of them', async () => {
  const table = page.getByRole('table', { name: 'Texts' });
  await table
    .getByRole('row', { name: /Note 7,/ })
    .getByText('battery', { exact: true })
    .waitFor();
  await table
    .getByRole('row', { name: /Note 7,/ })
    .getByText('film', { exact: true })
    .waitFor();
  await table
    .getByRole('row', { name: /Note 8,/ })
    .getByText('no label applies')
    .waitFor();
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  const form = page.getByRole('dialog', { name: 'Filter' });
  await form.getByRole('combobox', { name: 'Label', exact: true }).selectOption('film');
  await form.getByRole('button', { name: 'Done' }).click();
  await page.getByText('40 of 80 texts match').waitFor();
  expect(await violations(page)).toEqual([]);
});

it('gives labels by number keys, approves them with Enter, and takes both back', async () => {
  await page.goto(`${project}/label`);
  await reading('Note 0,');
  await page.keyboard.press('1');
  await page.keyboard.press('3');
  expect(await checked()).toBe(2);
  await page.keyboard.press('1');
  expect(await option('battery').getAttribute('aria-checked')).toBe('false');
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await reading('Note 1,');
  expect(await checked()).toBe(0);
  // None applies.
  await page.keyboard.press('Enter');
  await reading('Note 2,');
  await page.keyboard.press('2');
  await page.keyboard.press('Control+z');
  expect(await checked()).toBe(0);
  await page.keyboard.press('Control+z');
  await reading('Note 1,');
  await page.keyboard.press('Control+z');
  await reading('Note 0,');
  expect(await checked()).toBe(0);
  await page.keyboard.press('Control+Shift+z');
  await expect.poll(checked).toBe(1);
  expect(await option('food').getAttribute('aria-checked')).toBe('true');
});

it('approves with Enter on a label that was just clicked', async () => {
  await page.goto(`${project}/data`);
  await page.goto(`${project}/label`);
  await reading('Note 1,');
  await option('film').click();
  await page.keyboard.press('Enter');
  await reading('Note 2,');
  await page.getByRole('button', { name: /^film: Note 1/ }).click();
  await reading('Note 1,');
  expect(await option('film').getAttribute('aria-checked')).toBe('true');
});

it('trains two runs, judges them by micro F1 and compares them', async () => {
  await startRun(page, project, { preset: 'Top layers', settings: { Epochs: '1' } });
  await finished(page);
  await startRun(page, project, { preset: 'Everything', settings: { 'Learning rate': '3e-3', Epochs: '5' } });
  await finished(page);
  await page.getByRole('heading', { name: /Validation micro F1/ }).waitFor();
  await page.goto(`${project}/runs`);
  await page.getByRole('columnheader', { name: /micro F1/i }).waitFor();
  await page.getByRole('checkbox', { name: 'Compare Top layers' }).check();
  await page.getByRole('checkbox', { name: 'Compare Everything' }).check();
  await page.keyboard.press('c');
  const verdict = page.getByRole('region', { name: 'Verdict' });
  await verdict.getByText('paired bootstrap').waitFor();
  expect(await verdict.innerText()).toMatch(/micro F1, 95 % interval/);
  expect(await page.getByRole('table', { name: 'Changed answers' }).locator('tbody tr').count()).toBeGreaterThan(0);
});

it('shows what the newest run says of a validation text, unless that is hidden', async () => {
  await page.goto(`${project}/data`);
  await page.getByRole('row').filter({ hasText: 'Validation' }).first().dblclick();
  await page.getByRole('article', { name: 'Text to label' }).waitFor();
  const share = page.getByRole('group', { name: 'Labels' }).getByText(/^\d+\s%$/);
  await expect.poll(() => share.count()).toBe(3);
  expect(await violationsAtEverySize(page)).toEqual([]);
  await page.keyboard.press('h');
  await expect.poll(() => share.count()).toBe(0);
  await page.getByRole('button', { name: 'Suggestions', pressed: false }).click();
  await expect.poll(() => share.count()).toBe(3);
});

it('gives a text to try the labels that reach their thresholds', async () => {
  await page.goto(`${project}/models/r2`);
  await page.getByRole('textbox', { name: 'Text to try' }).fill('Note 3, the battery is good, the food is bad');
  await page.getByRole('button', { name: /Predict/ }).click();
  await page.getByRole('list', { name: 'Prediction' }).getByText('battery').waitFor();
  await page.locator('[aria-label="Labels given"]').waitFor();
});
