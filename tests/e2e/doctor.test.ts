import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApp } from './app.ts';
import type { App } from './app.ts';

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const kinds = [
  ['Billing', 'the card was charged twice for the order of'],
  ['Delivery', 'nobody brought the parcel that was due on'],
];
const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
/** Enough texts that neither label is rare, all different. */
const sound = kinds.flatMap(([label, said]) => months.map((month, index) => `${month} ${index + 3}: ${said} ${month},${label},train`));

const messages = [
  'text,label,split',
  ...sound,
  'Where is my parcel? It was due on Monday and it never came.,Delivery,train',
  'Where is my parcel? It was due on Monday and it never came.,Delivery,test',
  'My refund was promised for Friday and is not there.,Billing,train',
  'My refund was promised for Friday and is not there!,Billing,test',
  'Charged twice,Billing,train',
  'Charged twice,Delivery,train',
  'The cafÃ© machine leaks,billing,train',
  ',Billing,train',
  'one column too many,Billing,train,4',
].join('\n');

async function choose(page: Page, name: string, content: string): Promise<void> {
  await page.getByLabel('File with texts').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(content) });
}

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}

it('checks a file before it is imported, and mends it while it is', async () => {
  const page = await app.page();
  await choose(page, 'messages-oct.csv', messages);
  await page.getByRole('button', { name: 'Check the file first' }).click();
  await page.getByText('33 rows read.').waitFor();
  await page.getByRole('heading', { name: 'Same text in more than one split' }).first().waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Show: Rows that cannot be read' }).click();
  const evidence = page.getByRole('complementary', { name: 'Evidence' });
  await evidence.getByText('the text is empty', { exact: true }).waitFor();
  await evidence.getByText('line 34').first().waitFor();
  await page.getByRole('button', { name: 'Move to training: Same text in more than one split' }).click();
  await page.getByText('At import: move to training.').waitFor();
  await page.getByRole('button', { name: 'Take back: Same text in more than one split' }).click();
  await page.getByRole('button', { name: 'Show: Same text in more than one split' }).click();
  await page.keyboard.press('m');
  await page.getByRole('button', { name: 'Take back: Same text in more than one split' }).waitFor();
  await page.keyboard.press('Control+z');
  await page.getByRole('button', { name: 'Move to training: Same text in more than one split' }).click();
  await page.getByRole('button', { name: 'Merge the labels: Labels that differ by spelling' }).click();
  await page.getByRole('button', { name: 'Repair the text: Wrongly decoded text' }).click();
  await page.getByText('3 fixes chosen').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByText('31 texts imported').first().waitFor();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByText('31 texts, 31 labeled').waitFor();
  // Of a long table only what is in view is there.
  await page.getByRole('searchbox', { name: 'Search texts and filters' }).fill('"The café machine leaks"');
  await page.getByText('1 of 31 texts match').waitFor();
  const row = page.getByRole('row').filter({ hasText: 'The café machine leaks' });
  await row.getByText('Billing').waitFor();
});

it('checks a project, mends it, and takes that back', async () => {
  const page = await app.page();
  await choose(page, 'messages-nov.csv', messages);
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByRole('link', { name: 'Check' }).click();
  const move = page.getByRole('button', { name: 'Move to training: Same text in more than one split' });
  await move.waitFor();
  expect(await violations(page)).toEqual([]);
  await page
    .getByRole('complementary', { name: 'Evidence' })
    .getByRole('link', { name: /^text \d+$/ })
    .first()
    .waitFor();
  await move.click();
  await page.getByText('2 texts mended').waitFor();
  await move.waitFor({ state: 'detached' });
  await page.keyboard.press('Control+z');
  await page.getByText('Undone: mending of 2 texts.').waitFor();
  await move.waitFor();
});

it('says that there is nothing to fix, and what was looked for', async () => {
  const page = await app.page();
  await choose(page, 'sound.csv', `text,label,split\n${sound.join('\n')}\n`);
  await page.getByRole('button', { name: 'Check the file first' }).click();
  await page.getByText('nothing to fix').waitFor();
  await page
    .getByText(/broken rows, same text in two splits/)
    .first()
    .waitFor();
  expect(await violations(page)).toEqual([]);
});

it('draws splits anew, shows what changes first, and takes that back', async () => {
  const page = await app.page();
  await page.getByRole('button', { name: 'Open sample: Sentiment' }).click();
  await page.getByRole('button', { name: 'Redraw splits…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Redraw splits' });
  await dialog.getByLabel('Training, share').fill('60');
  await dialog.getByRole('button', { name: 'Show what changes' }).click();
  await dialog.getByRole('table', { name: 'What changes' }).waitFor();
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Use these splits' }).click();
  await page.getByText(/^New splits: [\d,]+ texts moved\.$/).waitFor();
  await page.keyboard.press('Control+z');
  await page.getByText(/^Undone: new splits of [\d,]+ texts\.$/).waitFor();
});
