/** What to label next: a queue is chosen by keyboard, gone through, and learned from. */
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

const things = ['parcel', 'order', 'package', 'letter', 'delivery', 'box', 'shipment', 'courier', 'van', 'envelope'];
const late = ['is late', 'has not arrived', 'went to the wrong street', 'was left in the rain'];
const charges = ['invoice', 'card', 'payment', 'refund', 'bill', 'receipt', 'bank', 'fee', 'price', 'tax'];
const wrong = ['was charged twice', 'is wrong this month', 'was declined again', 'does not match'];
const sentences = (subjects: string[], ends: string[]) => subjects.flatMap((subject) => ends.map((end) => `My ${subject} ${end}`));
const delivery = sentences(things, late);
const billing = sentences(charges, wrong);

/** Texts of two obvious labels, the first `labeled` of each with theirs, all for training. */
async function newProject(page: Page, name: string, labeled: number): Promise<void> {
  const lines = delivery.flatMap((text, at) => [
    `${text},${at < labeled ? 'Delivery' : ''},train`,
    `${billing[at]},${at < labeled ? 'Billing' : ''},train`,
  ]);
  await page
    .getByLabel('File with texts')
    .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(`text,label,split\n${lines.join('\n')}\n`) });
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByRole('table', { name: 'Texts' }).waitFor();
}

const current = (page: Page) => page.getByRole('article', { name: 'Text to label' }).locator('.reading');
const line = (page: Page) => page.getByRole('region', { name: 'Learning' });

/** Chooses the label that the text is about, and waits for the next. */
async function label(page: Page): Promise<void> {
  const text = await current(page).innerText();
  await page.keyboard.press(billing.includes(text) ? '1' : '2');
  await current(page).getByText(text, { exact: true }).waitFor({ state: 'detached' });
}

const MEASURES = 'Drawn at random, to measure';

/** A text that measures suggestions: there is none until it is labeled, and then what it had been. */
async function measured(page: Page): Promise<void> {
  await line(page).getByText('Suggestion hidden until you label it').waitFor();
  expect(await page.locator('.opt.sug').count()).toBe(0);
  await page.keyboard.press('h');
  await page.getByText('This text measures suggestions').waitFor();
  await label(page);
  await page.keyboard.press('ArrowLeft');
  await line(page)
    .getByText(/Before your label it was taken for “(Delivery|Billing)”/)
    .waitFor();
  const text = await current(page).innerText();
  await page.keyboard.press('ArrowRight');
  await current(page).getByText(text, { exact: true }).waitFor({ state: 'detached' });
}

async function chooseQueue(page: Page, title: string): Promise<void> {
  await page.keyboard.press('q');
  const queues = page.getByRole('radiogroup', { name: 'Queue' });
  await queues.getByRole('radio', { checked: true }).waitFor();
  const titles = await queues.getByRole('radio').evaluateAll((radios) => radios.map((radio) => radio.getAttribute('aria-label')));
  const from = await queues.getByRole('radio', { checked: true }).getAttribute('aria-label');
  const steps = titles.indexOf(title) - titles.indexOf(from);
  for (let step = 0; step < Math.abs(steps); step++) await page.keyboard.press(steps > 0 ? 'ArrowDown' : 'ArrowUp');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: title }).waitFor();
}

it('says which labels are missing, learns from the fifth on, and queues the texts it is least sure of', async () => {
  const page = await app.page();
  await newProject(page, 'waiting.csv', 4);
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await line(page).getByText('Needs 1 more of').waitFor();
  await page.keyboard.press('q');
  const uncertain = page.getByRole('radio', { name: 'Most uncertain' });
  await page.locator('[role=radio][aria-label="Most uncertain"][aria-disabled=true]').waitFor();
  await page.getByRole('radiogroup', { name: 'Queue' }).getByText('“Delivery” (4)').first().waitFor();
  expect(await violationsAtEverySize(page)).toEqual([]);
  await uncertain.press('Enter');
  expect(await uncertain.isVisible()).toBe(true);
  await page.keyboard.press('Escape');

  await label(page);
  await label(page);
  await line(page).getByText('Learning from 10 labels').waitFor();
  await chooseQueue(page, 'Most uncertain');
  await current(page).waitFor();
  await line(page)
    .getByText(/Uncertainty \d+\s%|Drawn at random/)
    .waitFor();
  await line(page).getByText('Suggested by what learns beside you').waitFor();
  const why: string[] = [];
  for (let step = 0; step < 12; step++) {
    why.push(await line(page).locator('.tag').innerText());
    if (why.at(-1) === MEASURES) await measured(page);
    else await label(page);
  }
  expect(why).toContain(MEASURES);
  await line(page).getByText('Learning from 22 labels').waitFor();
  await line(page)
    .getByText(/right on \d+ of \d+ texts? drawn at random/)
    .waitFor();
  expect(await violationsAtEverySize(page)).toEqual([]);
});

it('a queue that cannot be had says why and leads on; the one that was chosen is gone on with', async () => {
  const page = await app.page();
  await newProject(page, 'refused.csv', 2);
  const folder = await page.evaluate(() => location.hash.split('/')[2]);
  await page.evaluate((hash) => (location.hash = hash), `#/p/${folder}/label/uncertain`);
  await page.getByRole('heading', { name: 'This queue cannot be had yet' }).waitFor();
  await page.getByText('“Delivery” (2)').first().waitFor();
  await page.getByRole('link', { name: 'Label in order' }).click();
  await current(page).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('queue: random');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Random' }).waitFor();
  await line(page).getByText(MEASURES).waitFor();
  const first = await current(page).innerText();
  await page.keyboard.press('ArrowRight');
  await current(page).getByText(first, { exact: true }).waitFor({ state: 'detached' });
  await page.keyboard.press('ArrowLeft');
  await current(page).getByText(first, { exact: true }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await page.getByRole('table', { name: 'Texts' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await page.getByRole('button', { name: 'Random' }).waitFor();
});

it('says what more labels would bring, by one key, as a curve and as a table', async () => {
  const page = await app.page();
  await newProject(page, 'curve.csv', 22);
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await line(page).getByText('A forecast needs 6 more labels').waitFor();
  for (let step = 0; step < 6; step++) await label(page);
  const offer = line(page).getByRole('button', { name: '100 more labels' });
  await offer.waitFor();
  await page.keyboard.press('c');
  const curve = page.getByRole('dialog', { name: 'Learning curve' });
  await curve.getByRole('img', { name: /With 100 more labels accuracy would be about \d+/ }).waitFor();
  await curve.getByText('As a table').press('Enter');
  const rows = curve.getByRole('table', { name: 'Learning curve' }).getByRole('row');
  await rows.getByText('foreseen').waitFor();
  expect(await rows.last().innerText()).toMatch(/^150\s/);
  expect(await violationsAtEverySize(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await curve.waitFor({ state: 'hidden' });
});

it('puts labels that look wrong in question: one key corrects, which can be undone, another says that it is right', async () => {
  const page = await app.page();
  const [turned, odd] = ['My parcel is late', 'My card is wrong this month'];
  const lines = [...delivery.map((text) => [text, 'Delivery']), ...billing.map((text) => [text, 'Billing'])];
  const other = (label: string) => (label === 'Billing' ? 'Delivery' : 'Billing');
  const rows = lines.map(([text, label]) => `${text},${text === turned || text === odd ? other(label) : label},train`);
  await page
    .getByLabel('File with texts')
    .setInputFiles({ name: 'turned.csv', mimeType: 'text/csv', buffer: Buffer.from(`text,label,split\n${rows.join('\n')}\n`) });
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByRole('table', { name: 'Texts' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await line(page).getByText('Learning from 80 labels').waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await page.getByRole('link', { name: 'Look at labels that may be wrong' }).press('Enter');
  await page.getByRole('button', { name: 'Labels that look wrong' }).waitFor();

  await current(page).waitFor();
  const first = await current(page).innerText();
  expect([turned, odd]).toContain(first);
  const wrong = first === turned ? 'Billing' : 'Delivery';
  const chosen = (label: string) => page.getByRole('radio', { name: label, exact: true, checked: true });
  await chosen(wrong).waitFor();
  expect(await violationsAtEverySize(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await current(page).getByText(first, { exact: true }).waitFor({ state: 'detached' });
  const second = await current(page).innerText();
  expect([turned, odd]).toContain(second);
  await page.keyboard.press('k');
  await current(page).getByText(second, { exact: true }).waitFor({ state: 'detached' });

  await page.keyboard.press('Control+z');
  await current(page).getByText(first, { exact: true }).waitFor();
  await chosen(wrong).waitFor();
});
