/** The import's form, whose preview is the host's, and the way out again. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { workbook } from '../integration/workbook.ts';
import { startApp } from './app.ts';
import type { App } from './app.ts';

let app: App;
let folder: string;
beforeAll(async () => {
  app = await startApp();
  folder = await mkdtemp(join(tmpdir(), 'thaw-import-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await app.close();
});

const choose = (page: Page, name: string, content: string | Uint8Array) =>
  page.getByLabel('File with texts').setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(content) });

const firstRows = (page: Page) => page.getByRole('table', { name: 'First rows' });
const chosen = (page: Page, name: string) => page.getByRole('combobox', { name, exact: true });

async function serious(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

it('shows what each column is for, and lets it be said otherwise', async () => {
  const page = await app.page();
  await choose(page, 'a.csv', 'title;body;mood;part;author\nOne;first;good;test;Ann\nTwo;second;bad;train;Bo\n');
  await firstRows(page).getByText('first').waitFor();
  expect(await chosen(page, 'Between columns').inputValue()).toBe(';');
  expect(await chosen(page, 'Text').inputValue()).toBe('body');
  await chosen(page, 'Text').selectOption('title');
  await chosen(page, 'Joined with').selectOption('body');
  await chosen(page, 'Label').selectOption('mood');
  await chosen(page, 'Split of a row').selectOption('part');
  await chosen(page, 'Kept together in one split').selectOption('author');
  await firstRows(page)
    .getByRole('columnheader', { name: /author\s*group/ })
    .waitFor();
  expect(await serious(page)).toEqual([]);
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByText('1 text for training').waitFor();
  await page.getByText('1 for testing').waitFor();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByRole('row').filter({ hasText: 'One first' }).getByText('good').waitFor();
});

it('takes a folder: a file an example, its folder the label', async () => {
  const page = await app.page();
  const root = join(folder, 'reviews');
  for (const [path, text] of Object.entries({ 'good/1.txt': 'Fine.', 'good/2.txt': 'Nice.', 'bad/1.txt': 'Awful.' })) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  await page.getByLabel('Folder with texts').setInputFiles(root);
  await firstRows(page).getByText('Awful.').waitFor();
  expect(await page.getByLabel('Name of the project').inputValue()).toBe('reviews');
  expect(await chosen(page, 'Format').inputValue()).toBe('txt');
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByText('3 texts imported').first().waitFor();
});

it('reads a spreadsheet, and tells of rows that it will turn away', async () => {
  const page = await app.page();
  await choose(
    page,
    'a.xlsx',
    workbook({
      Sheet: [
        ['text', 'label'],
        ['Fine', 'good'],
        [null, 'bad'],
      ],
    }),
  );
  await firstRows(page).getByText('Fine').waitFor();
  await page.getByText('1 row would be turned away: line 3 the text is empty').waitFor();
  expect(await page.getByRole('combobox', { name: 'Encoding' }).count()).toBe(0);
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByText('1 text imported').first().waitFor();
});

it('a damaged file is told of in place, and another can be chosen', async () => {
  const page = await app.page();
  await choose(page, 'a.parquet', 'PAR1 and nothing else');
  await page
    .getByRole('alert')
    .getByText(/a\.parquet cannot be read as parquet/)
    .waitFor();
  await page.getByRole('button', { name: 'Another file' }).click();
  await choose(page, 'b.jsonl', '{"text":"Fine"}\n');
  await firstRows(page).getByText('Fine').waitFor();
});

const markup = '<img src=x onerror="window.ran=1">';

it('markup in texts, labels, columns and names is shown, never run', async () => {
  const page = await app.page();
  const cell = `"${markup.replaceAll('"', '""')} one"`;
  await choose(
    page,
    `${markup.replaceAll('"', "'").replaceAll('/', '')}.csv`,
    `text,label,${cell}\n${cell},${cell},${cell}\n${cell},x,y\n`,
  );
  await firstRows(page).getByText(`${markup} one`).first().waitFor();
  await page.getByLabel('Name of the project').fill(markup);
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByRole('table', { name: 'Texts' }).getByText(`${markup} one`).first().waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByRole('article', { name: 'Text to label' }).getByText(`${markup} one`).first().waitFor();
  await page.goto(page.url().replace(/#.*/, '#/'));
  await page.getByText(markup).first().waitFor();
  expect(await page.locator('img[src=x]').count()).toBe(0);
  expect(await page.evaluate(() => (window as { ran?: number }).ran)).toBeUndefined();
});

it('writes texts and labels into a file', async () => {
  const page = await app.page();
  await choose(page, 'out.csv', 'text,label\n"Fine, really",good\nAwful,bad\n');
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByRole('button', { name: 'Export…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export 2 texts and their labels' });
  expect(await dialog.getByRole('combobox', { name: 'Format' }).locator('option').allInnerTexts()).not.toContain('CoNLL');
  await dialog.getByRole('combobox', { name: 'Format' }).selectOption('jsonl');
  expect(await serious(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Write the file' }).click();
  await dialog.getByText('2 texts written to').waitFor();
  const file = (
    await dialog
      .getByText(/exports.*\.jsonl/)
      .last()
      .innerText()
  ).trim();
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { text: string }).text)).toEqual(['Fine, really', 'Awful']);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await dialog.waitFor({ state: 'detached' });
});
