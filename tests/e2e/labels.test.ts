import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { violationsAtEverySize } from './accessibility.ts';
import { startApp } from './app.ts';
import type { App } from './app.ts';

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const lines = [
  'text,label',
  'Charged twice,Billing',
  'Where is my parcel?,Delivery',
  'Card declined,Billing',
  'Locked out,Access',
  'Late,',
];

/** Opens the labels of a new project. */
async function openLabels(page: Page): Promise<void> {
  await page.getByLabel('File with texts').setInputFiles({ name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.from(lines.join('\n')) });
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByRole('table', { name: 'Texts' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').fill('labels');
  await page.keyboard.press('Enter');
  await page.getByRole('main', { name: 'Labels' }).waitFor();
}

const rows = (page: Page) =>
  page
    .getByRole('table', { name: 'Labels' })
    .locator('tbody tr')
    .evaluateAll((list) =>
      list.map((row) => `${row.querySelector('.pick')?.textContent?.trim()} ${row.querySelector('.num')?.textContent}`),
    );

const expectRows = (page: Page, ...expected: string[]) => expect.poll(() => rows(page)).toEqual(expected);

it('renames, reorders, recolours, describes, merges and deletes labels by keyboard, each undone by Ctrl Z', async () => {
  const page = await app.page();
  await openLabels(page);
  await expectRows(page, 'Access 1', 'Billing 2', 'Delivery 1');

  await page.keyboard.press('j');
  await page.keyboard.press('e');
  await page.keyboard.type('Money');
  await page.keyboard.press('Enter');
  await expectRows(page, 'Access 1', 'Money 2', 'Delivery 1');

  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.getByRole('radio', { name: 'olive diamond', checked: true }).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.type('Money taken or owed.');
  await page.keyboard.press('Tab');
  await page.getByRole('cell', { name: 'Money taken or owed.' }).waitFor();
  await page.getByRole('button', { name: 'Money', exact: true }).focus();
  await page.keyboard.press('Alt+ArrowUp');
  await expectRows(page, 'Money 2', 'Access 1', 'Delivery 1');

  await page.keyboard.press('Delete');
  await page.getByText('2 texts carry it and become unlabeled. Undo brings all of it back.').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expectRows(page, 'Access 1', 'Delivery 1');
  await page.getByText('2 labeled texts').waitFor();

  await page.getByLabel('Merge into').selectOption('Delivery');
  await page.getByRole('button', { name: 'Merge…' }).click();
  await page.getByText('1 text of “Access” becomes “Delivery”').waitFor();
  await page.getByRole('button', { name: 'Merge', exact: true }).click();
  await expectRows(page, 'Delivery 2');

  const states = [
    ['merging “Access” into “Delivery”', ['Access 1', 'Delivery 1']],
    ['deletion of “Money”', ['Money 2', 'Access 1', 'Delivery 1']],
    ['order of the labels (“Money”)', ['Access 1', 'Money 2', 'Delivery 1']],
    ['guideline of “Money”', ['Access 1', 'Money 2', 'Delivery 1']],
    ['colour of “Money”', ['Access 1', 'Money 2', 'Delivery 1']],
    ['renaming “Billing” to “Money”', ['Access 1', 'Billing 2', 'Delivery 1']],
  ] as const;
  await page.getByRole('heading', { name: 'Labels', exact: true }).click();
  for (const [title, expected] of states) {
    await page.keyboard.press('Control+z');
    await page.getByText(`Undone: ${title}.`).waitFor();
    await expectRows(page, ...expected);
  }
  for (const [title] of states.toReversed()) {
    await page.keyboard.press('Control+Shift+Z');
    await page.getByText(`Done again: ${title}.`).waitFor();
  }
  await expectRows(page, 'Delivery 2');
  await page.keyboard.press('Control+z');
  await page.getByText('Undone: merging').waitFor();
});

it('refuses a name that is taken, and exchanges a look that is', async () => {
  const page = await app.page();
  await openLabels(page);
  await page.keyboard.press('e');
  await page.keyboard.type('Billing');
  await page.keyboard.press('Enter');
  await page.getByText('There is a label “Billing” already.').waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByLabel('Name', { exact: true }).inputValue()).toBe('Access');
  await page.getByRole('radio', { name: 'teal square, now of Billing' }).click();
  await page.getByRole('radio', { name: 'violet circle, now of Billing' }).waitFor();
});

it('shows the guideline while labeling; what was done before a restart of the page is undone from any screen, which goes there', async () => {
  const page = await app.page();
  await openLabels(page);
  await page.getByLabel('Guideline', { exact: true }).fill('A login that does not work.');
  await page.getByLabel('Guideline', { exact: true }).blur();
  await page.getByRole('cell', { name: 'A login that does not work.' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await page.getByRole('article', { name: 'Text to label' }).getByText('Late').waitFor();
  await page.getByRole('complementary', { name: 'About this text' }).getByText('A login that does not work.').waitFor();
  await page.keyboard.press('1');
  await page.getByRole('heading', { name: 'All 5 texts are labeled' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await page.getByRole('main', { name: 'Runs' }).waitFor();
  await page.reload();
  await page.getByRole('main', { name: 'Runs' }).waitFor();
  await page.keyboard.press('Control+z');
  await page.getByRole('article', { name: 'Text to label' }).getByText('Late').waitFor();
  await page.getByText('Undone: label “Access” for text 5.').waitFor();
  await page.getByRole('button', { name: 'Redo' }).click();
  await page.getByRole('radio', { name: 'Access', checked: true }).waitFor();
});

it.each([false, true])('has nothing that axe finds against WCAG 2.2 AA (dark: %s)', async (dark) => {
  const page = await app.page('#/', { dark });
  await openLabels(page);
  expect(await violationsAtEverySize(page)).toEqual([]);
  await page.keyboard.press('Delete');
  await page.getByRole('dialog').waitFor();
  expect(await violationsAtEverySize(page)).toEqual([]);
});
