import { AxeBuilder } from '@axe-core/playwright';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApp } from './app.ts';
import type { App } from './app.ts';

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const csv =
  'text,label\nWhere is my parcel?,Delivery\n"Charged twice, again",Billing\n,Billing\nThe kettle leaks,Faulty\nCard declined,Billing\n';

async function chooseFile(page: Page, name: string, content: string): Promise<void> {
  await page.getByLabel('File with texts').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(content) });
}

async function serious(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}

it('imports a csv file, shows it first and tells afterwards what was turned away', async () => {
  const page = await app.page();
  await chooseFile(page, 'support-messages.csv', csv);
  await page.getByRole('table', { name: 'First rows' }).getByText('Charged twice, again').waitFor();
  expect(await page.getByLabel('Name of the project').inputValue()).toBe('support messages');
  expect(await page.getByRole('combobox', { name: 'Text', exact: true }).inputValue()).toBe('text');
  expect(await page.getByRole('combobox', { name: 'Label', exact: true }).inputValue()).toBe('label');
  expect(await serious(page)).toEqual([]);
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByText('5 rows read from support-messages.csv.').waitFor();
  await page.getByText('4 texts imported').first().waitFor();
  const rejected = page.getByRole('table', { name: 'Rows turned away' });
  expect(await rejected.getByRole('row').nth(1).innerText()).toMatch(/^4\s/);
  expect(await serious(page)).toEqual([]);
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByText('4 texts, 4 labeled').waitFor();
});

it('adds a file to a project', async () => {
  const page = await app.page();
  await chooseFile(page, 'first.csv', csv);
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByRole('link', { name: 'Import…' }).click();
  await chooseFile(page, 'more.jsonl', '{"text":"Invoice is wrong","label":"Billing"}\n{"text":"Never arrived"}\n');
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByText('2 texts imported').first().waitFor();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByText('6 texts, 5 labeled').waitFor();
});

it('says what is wrong with a file, and what to do, and keeps the choices', async () => {
  const page = await app.page();
  await page.getByLabel('File with texts').setInputFiles({
    name: 'latin1.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('text,label\nStraße,a\n', 'latin1'),
  });
  const rows = page.getByRole('table', { name: 'First rows' });
  await rows.getByText('Straße').waitFor();
  const encoding = page.getByRole('combobox', { name: 'Encoding' });
  expect(await encoding.inputValue()).toBe('windows-1252');
  await encoding.selectOption('utf-8');
  await page
    .getByRole('alert')
    .getByText(/byte 15 .*windows-1252/)
    .waitFor();
  expect(await page.getByRole('button', { name: 'Create project' }).isDisabled()).toBe(true);
  await encoding.selectOption('windows-1252');
  await rows.getByText('Straße').waitFor();
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByText('1 text imported').first().waitFor();
});

it('searches and filters, moves by J and K, and opens a text in the labeler', async () => {
  const page = await app.page();
  await page.getByRole('button', { name: 'Open sample: Sentiment' }).click();
  const table = page.getByRole('table', { name: 'Texts' });
  await table.getByRole('row').nth(10).waitFor();
  expect(await table.getAttribute('aria-rowcount')).toBe('2839');
  expect(await table.getByRole('row').count()).toBeLessThan(60);
  expect(await serious(page)).toEqual([]);
  await page.keyboard.press('/');
  await page.keyboard.type('terrible');
  await page.getByText(/^\d+ of 2,838 texts match$/).waitFor();
  for (const row of (await table.locator('tbody tr:not(.gap)').allInnerTexts()).filter(Boolean))
    expect(row.toLowerCase()).toContain('terrible');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  const form = page.getByRole('dialog', { name: 'Filter' });
  await form.getByRole('combobox', { name: 'Label', exact: true }).selectOption('positive');
  await form.getByRole('combobox', { name: 'Split' }).selectOption('test');
  expect(await serious(page)).toEqual([]);
  await form.getByRole('button', { name: 'Done' }).click();
  await page.getByText(/^\d+ of 2,838 texts match$/).waitFor();
  await page.getByRole('button', { name: 'Remove filter: split test' }).click();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByText('2,838 texts', { exact: true }).waitFor();
  await table.locator('tbody').getByText('It really is impressive').waitFor();
  for (const key of ['j', 'j', 'j', 'k']) await page.keyboard.press(key);
  const selected = table.locator('tr[aria-selected=true]');
  expect(await selected.getAttribute('aria-rowindex')).toBe('3');
  const text = await selected.locator('.txtcell').innerText();
  await page.keyboard.press('Enter');
  await page.getByRole('article', { name: 'Text to label' }).getByText(text).waitFor();
});

it('typed filters become tokens, wrong ones are named, and a filter is kept as a view', async () => {
  const page = await app.page();
  await chooseFile(page, 'views.csv', csv);
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByText('4 texts, 4 labeled').waitFor();
  const field = page.getByRole('searchbox', { name: 'Search texts and filters' });
  await field.pressSequentially('label:Billing ');
  await page.getByRole('button', { name: 'Remove filter: label Billing' }).waitFor();
  await page.getByText('2 of 4 texts match').waitFor();
  await field.pressSequentially('/(twice|declined/');
  await field.press('Enter');
  await page
    .getByRole('alert')
    .getByText(/is no regular expression: Unterminated group/)
    .waitFor();
  await page.getByRole('button', { name: /^Remove filter: matches/ }).click();
  await field.fill('/declined$/');
  await field.press('Enter');
  await page.getByText('1 of 4 texts match').waitFor();
  await field.press('Escape');
  await page.keyboard.press('v');
  await page.getByLabel('Name of the view').fill('Declined');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('radio', { name: 'Declined 1' }).waitFor();
  await page.getByRole('radio', { name: /^All texts/ }).click();
  await page.getByText('4 texts', { exact: true }).waitFor();
  await page.reload();
  await page.getByRole('radio', { name: 'Declined 1' }).click();
  await page.getByText('1 of 4 texts match').waitFor();
  await page.getByRole('button', { name: 'Remove the view Declined' }).click();
  await page.getByRole('radio', { name: 'Declined 1' }).waitFor({ state: 'detached' });
});

it('changes many texts at once, and takes that back in one step', async () => {
  const page = await app.page();
  await chooseFile(page, 'bulk.csv', csv);
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByRole('row').filter({ hasText: 'Where is my parcel?' }).waitFor();
  for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key);
  await page.getByText('2 texts chosen').waitFor();
  expect(await serious(page)).toEqual([]);
  await page.getByRole('combobox', { name: 'Set label' }).selectOption('Faulty');
  await page.getByText('2 texts changed.').waitFor();
  await page.getByRole('row').filter({ hasText: 'Where is my parcel?' }).getByText('Faulty').waitFor();
  await page.keyboard.press('Control+z');
  await page.getByRole('row').filter({ hasText: 'Where is my parcel?' }).getByText('Delivery').waitFor();
  await page.getByRole('row').filter({ hasText: 'Charged twice' }).getByText('Billing').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+a');
  await page.getByText('4 texts chosen').waitFor();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('There are no texts yet').waitFor();
  await page.keyboard.press('Control+z');
  await page.getByText('4 texts, 4 labeled').waitFor();
  await page.getByRole('row').filter({ hasText: 'Card declined' }).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('Shift+ArrowUp');
  await page.keyboard.press('Shift+ArrowUp');
  await page.getByText('3 texts chosen').waitFor();
});

it('sorts by length, and back', async () => {
  const page = await app.page();
  await page.getByRole('button', { name: 'Open sample: Topics' }).click();
  const table = page.getByRole('table', { name: 'Texts' });
  const lengths = async () => (await table.locator('tbody tr:not(.gap) td:nth-child(6)').allInnerTexts()).filter(Boolean).map(Number);
  await table.getByRole('row').nth(10).waitFor();
  await table.getByRole('button', { name: 'Length' }).click();
  await table.locator('th[aria-sort=descending]').waitFor();
  await expect.poll(async () => (await lengths()).every((length, at, all) => at === 0 || all[at - 1] >= length)).toBe(true);
  await table.getByRole('button', { name: 'Length' }).click();
  await table.getByRole('button', { name: 'Length' }).click();
  await table.locator('th[aria-sort=ascending]', { hasText: '#' }).waitFor();
});

it('reaches the last row', async () => {
  const page = await app.page();
  await page.getByRole('button', { name: 'Open sample: Topics' }).click();
  const region = page.getByRole('region', { name: 'Texts' });
  await region.locator('tbody .txtcell').nth(5).waitFor();
  await region.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await region.locator('tr[aria-rowindex="2501"] td', { hasText: /^2500$/ }).waitFor();
});

it('a cancelled import leaves nothing, and one that goes on is followed', async () => {
  const page = await app.page();
  const many = `text,label\n${Array.from({ length: 260_000 }, (_, row) => `text number ${row},${row % 2 ? 'odd' : 'even'}\n`).join('')}`;
  await chooseFile(page, 'many.csv', many);
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('progressbar', { name: 'Import' }).waitFor();
  await page.getByRole('button', { name: 'Cancel import' }).click();
  await page.getByRole('button', { name: 'Create project' }).waitFor();
  await expect.poll(() => readdir(join(app.home, 'projects')), { timeout: 60_000 }).not.toContain('many');
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByText(/rows read, \d+ % of the file/).waitFor();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByText('260,000 texts, 260,000 labeled').waitFor();
});

it('reaches the last of more rows than a browser can scroll', async () => {
  const page = await app.page(`#/p/${encodeURIComponent(join(app.home, 'projects', 'many'))}/data`);
  const region = page.getByRole('region', { name: 'Texts' });
  await region.locator('tbody .txtcell').nth(5).waitFor();
  await region.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  const last = region.locator('tr[aria-rowindex="260001"]');
  await last.getByText('text number 259999').waitFor();
  const [row, view] = await Promise.all([last.boundingBox(), region.boundingBox()]);
  expect(Math.abs((row?.y ?? 0) + (row?.height ?? 0) - ((view?.y ?? 0) + (view?.height ?? 0)))).toBeLessThan(2);
  await region.hover();
  await page.mouse.wheel(0, -104);
  await region.locator('tr[aria-rowindex="259990"]').getByText('text number 259988').waitFor();
  await region.press('Home');
  await region.locator('tr[aria-rowindex="2"]').getByText('text number 0').waitFor();
  await region.press('End');
  await last.waitFor();
});

it('sets a label by its number in the table, and takes it back', async () => {
  const page = await app.page();
  await chooseFile(page, 'by-key.csv', csv);
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('link', { name: 'Open the data' }).click();
  const row = page.getByRole('row').filter({ hasText: 'Where is my parcel?' });
  await row.getByText('Delivery').waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('1');
  await row.getByText('Billing').waitFor();
  await page.keyboard.press('Control+z');
  await row.getByText('Delivery').waitFor();
  await page.keyboard.press('Control+Shift+z');
  await row.getByText('Billing').waitFor();
  await page.reload();
  await row.getByText('Billing').waitFor();
});
