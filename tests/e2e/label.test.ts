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

const texts = ['Where is my parcel?', 'Charged twice', 'The kettle leaks', 'Card declined'];

async function newProject(page: Page, name: string, lines: string[]): Promise<void> {
  await page
    .getByLabel('File with texts')
    .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(`text\n${lines.join('\n')}\n`) });
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByRole('table', { name: 'Texts' }).waitFor();
}

const reading = (page: Page, text: string) =>
  page.getByRole('article', { name: 'Text to label' }).getByText(text, { exact: true }).waitFor();

async function addLabels(page: Page, ...names: string[]): Promise<void> {
  for (const name of names) {
    const add = page.getByRole('button', { name: 'Add label' });
    if (await add.isVisible()) await add.click();
    await page.getByRole('textbox', { name: /Names of your labels|Name of the new label/ }).fill(name);
    await page.keyboard.press('Enter');
    for (const one of name.split(', ')) await page.getByRole('radio', { name: one, exact: true }).waitFor();
  }
}

/** Opens the page anew and keeps the calls to the host that match `call` back; what it gives lets them and all others through. */
async function holdBack(page: Page, call: RegExp): Promise<() => void> {
  const held: (() => void)[] = [];
  let holding = true;
  await page.routeWebSocket(/\/rpc$/, (socket) => {
    const host = socket.connectToServer();
    socket.onMessage((message) => {
      if (holding && call.test(String(message))) held.push(() => host.send(message));
      else host.send(message);
    });
  });
  await page.reload();
  return () => {
    holding = false;
    for (const send of held) send();
  };
}

it('labels by keyboard from the first label on, undoes, redoes, skips and goes back', async () => {
  const page = await app.page();
  await newProject(page, 'messages.csv', texts);
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await reading(page, texts[0]);
  await addLabels(page, 'Delivery, Billing');
  expect(await violationsAtEverySize(page)).toEqual([]);
  await page.keyboard.press('1');
  await reading(page, texts[1]);
  await page.keyboard.press('2');
  await reading(page, texts[2]);
  const progress = page.getByRole('progressbar', { name: 'Labeled texts' });
  expect(await progress.getAttribute('value')).toBe('2');

  await page.keyboard.press('Control+z');
  await reading(page, texts[1]);
  await page.locator('progress[aria-label="Labeled texts"][value="1"]').waitFor();
  expect(await page.getByRole('radio', { name: 'Billing' }).getAttribute('aria-checked')).toBe('false');
  await page.keyboard.press('Control+Shift+z');
  await page.locator('[role=radio][aria-label="Billing"][aria-checked=true]').waitFor();
  await page.keyboard.press('Enter');
  await reading(page, texts[2]);

  await page.keyboard.press('s');
  await reading(page, texts[3]);
  await page.keyboard.press('ArrowLeft');
  await reading(page, texts[2]);
  await page.keyboard.press('ArrowRight');
  await reading(page, texts[3]);
  await page.keyboard.press('1');
  await page.getByRole('heading', { name: 'Nothing left to label' }).waitFor();
  await page.keyboard.press('ArrowLeft');
  await reading(page, texts[3]);

  await page.reload();
  await page.getByText('1 text you skipped').waitFor();
  await page.getByRole('link', { name: 'Data', exact: true }).click();
  await page.getByText('4 texts, 3 labeled').waitFor();
});

it('goes through what was found in the data, in its order, also once it does not match any more', async () => {
  const page = await app.page();
  await newProject(page, 'found.csv', texts);
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await addLabels(page, 'Delivery, Billing');
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await page.getByRole('searchbox', { name: 'Search texts and filters' }).fill('is:unlabeled');
  await page.keyboard.press('Enter');
  await page.getByText('4 of 4 texts match').waitFor();
  await page.getByRole('button', { name: 'Length' }).click();
  await page.locator('th[aria-sort=descending]').waitFor();
  await page.keyboard.press('Shift+Enter');
  const [longest, longer, ...short] = [texts[0], texts[2], texts[1], texts[3]];
  await reading(page, longest);
  await page.getByRole('button', { name: 'Unlabeled 1 of 4' }).waitFor();
  await page.keyboard.press('2');
  await reading(page, longer);
  await page.keyboard.press('ArrowLeft');
  await reading(page, longest);
  expect(await page.getByRole('radio', { name: 'Billing' }).getAttribute('aria-checked')).toBe('true');
  await page.keyboard.press('Enter');
  await reading(page, longer);

  await page.getByRole('link', { name: 'Back to the list' }).press('Enter');
  await page.getByText('3 of 4 texts match').waitFor();
  await page.locator('th[aria-sort=descending]').waitFor();
  await page.keyboard.press('v');
  await page.getByRole('textbox', { name: 'Name of the view' }).fill('To do');
  await page.keyboard.press('Enter');
  await page.getByRole('radio', { name: 'To do 3' }).waitFor();
  await page.getByRole('searchbox', { name: 'Search texts and filters' }).press('Shift+Enter');
  await page.getByRole('button', { name: 'To do 1 of 3' }).waitFor();
  expect(await violationsAtEverySize(page)).toEqual([]);
  await page.goBack();
  await page.getByText('3 of 4 texts match').waitFor();
  await page.goForward();
  await reading(page, longer);
  for (const next of short) {
    await page.keyboard.press('2');
    await reading(page, next);
  }
  await page.keyboard.press('2');
  await page.getByText('That was the last text that was found.').waitFor();

  await page.reload();
  await page.getByRole('heading', { name: 'No text matches “is:unlabeled”' }).waitFor();

  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await page.getByRole('table', { name: 'Texts' }).waitFor();
  await page.getByRole('radio', { name: /^All texts/ }).click();
  await page.keyboard.press('/');
  await page.keyboard.type('kettle');
  await page.getByText('1 of 4 texts match').waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await reading(page, 'The kettle leaks');
});

it('chooses by mouse among more than nine labels, filtered by typing', async () => {
  const page = await app.page();
  await page.getByRole('button', { name: 'Open sample: Topics' }).click();
  await page.getByRole('table', { name: 'Texts' }).locator('tbody tr:has(.txtcell)').first().dblclick();
  const article = page.getByRole('article', { name: 'Text to label' });
  const first = await article.locator('.reading').innerText();
  await page.keyboard.press('/');
  await page.keyboard.type('bank');
  expect(await page.getByRole('radiogroup', { name: 'Label', exact: true }).getByRole('radio').count()).toBe(1);
  await page.keyboard.press('Enter');
  await article.getByText(first, { exact: true }).waitFor({ state: 'detached' });
  await page.keyboard.press('ArrowLeft');
  await article.getByText(first, { exact: true }).waitFor();
  expect(await page.getByRole('radio', { name: 'banking' }).getAttribute('aria-checked')).toBe('true');
});

it('labels only what was on screen, however fast or long the keys are pressed', async () => {
  const page = await app.page();
  await newProject(page, 'fast.csv', texts);
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await reading(page, texts[0]);
  await addLabels(page, 'Delivery', 'Billing');
  const letThrough = await holdBack(page, /labels\/next.*"after":\d/);
  await reading(page, texts[0]);
  for (const key of ['1', '2', 's', '2']) await page.keyboard.press(key);
  letThrough();
  await reading(page, texts[1]);
  await page.locator('progress[aria-label="Labeled texts"][value="1"]').waitFor();

  await page.keyboard.down('2');
  for (const key of ['2', '2', '2']) await page.keyboard.down(key);
  await page.keyboard.up('2');
  await reading(page, texts[2]);
  await page.keyboard.down('2');
  await page.keyboard.up('2');
  await reading(page, texts[3]);

  for (const [text, label] of [
    [texts[2], 'Billing'],
    [texts[1], 'Billing'],
    [texts[0], 'Delivery'],
  ]) {
    await page.keyboard.press('ArrowLeft');
    await reading(page, text);
    expect(await page.getByRole('radio', { name: label }).getAttribute('aria-checked')).toBe('true');
  }
});

it('keeps a note and a doubt of a text by N and U, beside its label', async () => {
  const page = await app.page();
  await newProject(page, 'remarks.csv', texts);
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await reading(page, texts[0]);
  await addLabels(page, 'Delivery');
  await page.keyboard.press('u');
  await page.getByRole('button', { name: /^Unsure/, pressed: true }).waitFor();
  await page.keyboard.press('n');
  await page.keyboard.type('1 of 4, ask');
  await page.keyboard.press('Escape');
  await page.keyboard.press('1');
  await reading(page, texts[1]);
  const note = page.getByRole('textbox', { name: /^Note/ });
  expect(await note.inputValue()).toBe('');
  await page.keyboard.press('ArrowLeft');
  await reading(page, texts[0]);
  await expect.poll(() => note.inputValue()).toBe('1 of 4, ask');
  await page.reload();
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await page.getByRole('row').filter({ hasText: texts[0] }).click();
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  await inspector.getByText('1 of 4, ask').waitFor();
  await inspector.getByText('unsure').waitFor();
});

it('opens and labels a document of 10 MB, which scrolls to its end', async () => {
  const page = await app.page();
  const sentence = 'The tenant shall keep the premises in good repair. ';
  const document = `${sentence.repeat(200_000)}Signed at the end.`;
  await newProject(page, 'lease.csv', [`"${document}"`, 'A short one']);
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  const article = page.getByRole('article', { name: 'Text to label' });
  await article.getByText('The tenant shall keep').first().waitFor();
  await addLabels(page, 'Lease');
  await article.evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
  await page.keyboard.press('1');
  await reading(page, 'A short one');
  await page.keyboard.press('ArrowLeft');
  await page.getByRole('radio', { name: 'Lease', exact: true, checked: true }).waitFor();
});
