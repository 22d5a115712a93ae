import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApp } from './app.ts';
import type { App } from './app.ts';

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const conll = [
  'Dr B-Person',
  'Anna I-Person',
  'moved O',
  'to O',
  'Bonn B-Place',
  '. O',
  '',
  'She O',
  'likes O',
  'Bavaria O',
  '. O',
  '',
].join('\n');

async function newProject(page: Page): Promise<void> {
  await page.getByLabel('File with texts').setInputFiles({ name: 'histories.conll', mimeType: 'text/plain', buffer: Buffer.from(conll) });
  await page.getByRole('table', { name: 'First rows' }).getByText('Dr Anna moved to Bonn .').waitFor();
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByRole('table', { name: 'Texts' }).locator('tbody tr:has(.txtcell)').first().dblclick();
  await page.getByRole('list', { name: 'Spans in this passage' }).waitFor();
}

const spansOf = (page: Page) =>
  page.locator('.spanlist .pick').evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label')));

async function expectSpans(page: Page, ...expected: string[]): Promise<void> {
  await expect.poll(() => spansOf(page)).toEqual(expected);
}

it('makes, widens, retypes, removes and undoes spans by keyboard, and keeps them', async () => {
  const page = await app.page();
  await newProject(page);
  await expectSpans(page, 'Person: Dr Anna', 'Place: Bonn');

  await page.keyboard.press('Tab');
  await page.keyboard.press(']');
  await expectSpans(page, 'Person: Dr', 'Place: Bonn');
  await page.keyboard.press('[');
  await page.keyboard.press('[');
  await expectSpans(page, 'Person: Dr Anna moved', 'Place: Bonn');
  await page.keyboard.press('Control+z');
  await expectSpans(page, 'Person: Dr Anna', 'Place: Bonn');

  // As a German keyboard types it on Windows: the key is AltGr and 8, which is no number here.
  await page.evaluate(() => {
    const bracket = { key: '[', code: 'Digit8', ctrlKey: true, altKey: true, modifierAltGraph: true, bubbles: true, cancelable: true };
    document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', bracket));
  });
  await expectSpans(page, 'Person: Dr Anna moved', 'Place: Bonn');
  await page.keyboard.press('Control+z');
  await expectSpans(page, 'Person: Dr Anna', 'Place: Bonn');

  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Alt+1');
  await expectSpans(page, 'Person: Dr Anna', 'Person: Bonn');
  await page.keyboard.press('Delete');
  await expectSpans(page, 'Person: Dr Anna');

  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('2');
  await expectSpans(page, 'Person: Dr Anna', 'Place: moved to');
  await page.keyboard.press('Control+Enter');
  await page.getByText('She likes Bavaria .').waitFor();
  await page.keyboard.press('PageUp');
  await expectSpans(page, 'Person: Dr Anna', 'Place: moved to');
  await page.reload();
  await expectSpans(page, 'Person: Dr Anna', 'Place: moved to');
});

it('names the first types by keyboard alone, and marks words with them', async () => {
  const page = await app.page();
  const text = Buffer.from('Anna moved to Bonn.');
  await page.getByLabel('File with texts').setInputFiles({ name: 'one.txt', mimeType: 'text/plain', buffer: text });
  await page.getByLabel('Task').selectOption('ner');
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('link', { name: /^Label 1 text/ }).click();
  await page.getByRole('textbox', { name: 'Names of your types, with commas between' }).waitFor();
  await page.keyboard.type('Person, Place');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Place', exact: true }).waitFor();
  await page.keyboard.press('1');
  await expectSpans(page, 'Person: Anna');
});

it('jumps from name to name, and chooses the words between', async () => {
  const page = await app.page();
  await newProject(page);
  const caret = (word: string) => page.locator('.tok.caret', { hasText: new RegExp(`^${word}$`) }).waitFor();
  await page.keyboard.press('Control+ArrowRight');
  await caret('Anna');
  await page.keyboard.press('Control+ArrowRight');
  await caret('Bonn');
  await page.keyboard.press('Control+ArrowLeft');
  await caret('Anna');
  await page.keyboard.press('Control+Shift+ArrowRight');
  await page.keyboard.press('2');
  await expectSpans(page, 'Person: Dr Anna', 'Place: Anna moved to Bonn', 'Place: Bonn');
});

it('makes a span of the words dragged over, selects one by a click', async () => {
  const page = await app.page();
  await newProject(page);
  const center = async (word: string) => {
    const box = (await page.locator('.tok', { hasText: new RegExp(`^${word}$`) }).boundingBox())!;
    return { x: box.x + box.width / 2, y: box.y + 14 };
  };
  const [from, to, person] = [await center('moved'), await center('Bonn'), await center('Anna')];
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
  await page.getByRole('button', { name: 'Place', exact: true }).click();
  await expectSpans(page, 'Person: Dr Anna', 'Place: moved to Bonn', 'Place: Bonn');
  await page.mouse.click(person.x, person.y);
  await page.locator('.spanlist .pick[aria-current=true][aria-label="Person: Dr Anna"]').waitFor();
  await page.getByRole('button', { name: 'Remove Place: moved to Bonn' }).click();
  await expectSpans(page, 'Person: Dr Anna', 'Place: Bonn');
});

it('shows what is on disk after a save failed, and drops the save made on top of it', async () => {
  const page = await app.page();
  await newProject(page);
  let saves = 0;
  let letThrough: (() => void) | undefined;
  await page.routeWebSocket(/\/rpc$/, (socket) => {
    const host = socket.connectToServer();
    socket.onMessage((message) => {
      if (String(message).includes('labels/annotate') && ++saves === 1) {
        letThrough = () => host.send(String(message).replaceAll('"Place"', '"No such type"'));
      } else host.send(message);
    });
  });
  await page.reload();
  await expectSpans(page, 'Person: Dr Anna', 'Place: Bonn');
  for (const key of ['ArrowRight', 'ArrowRight', '1', 'ArrowRight', '1']) await page.keyboard.press(key);
  await expectSpans(page, 'Person: Dr Anna', 'Person: moved', 'Person: to', 'Place: Bonn');
  await expect.poll(() => letThrough).toBeDefined();
  letThrough!();
  await expectSpans(page, 'Person: Dr Anna', 'Place: Bonn');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('1');
  await expectSpans(page, 'Person: Dr Anna', 'Person: to', 'Place: Bonn');
  await page.reload();
  await expectSpans(page, 'Person: Dr Anna', 'Person: to', 'Place: Bonn');
  expect(saves).toBe(2);
});

it('adds nothing to a passage that is done while the next one is on its way', async () => {
  const page = await app.page();
  await newProject(page);
  const held: (() => void)[] = [];
  let holding = true;
  await page.routeWebSocket(/\/rpc$/, (socket) => {
    const host = socket.connectToServer();
    socket.onMessage((message) => {
      if (holding && /labels\/(next|beside)/.test(String(message))) held.push(() => host.send(message));
      else host.send(message);
    });
  });
  await page.reload();
  await expectSpans(page, 'Person: Dr Anna', 'Place: Bonn');
  for (const key of ['ArrowRight', 'ArrowRight', 'Control+Enter', '1']) await page.keyboard.press(key);
  await expectSpans(page, 'Person: Dr Anna', 'Place: Bonn');
  holding = false;
  for (const send of held) send();
  await page.getByText('She likes Bavaria .').waitFor();
  await page.keyboard.press('PageUp');
  await page.getByText('Dr Anna moved to Bonn .').waitFor();
  await expectSpans(page, 'Person: Dr Anna', 'Place: Bonn');
});

it('shows a passage of 10 MB in parts, and keeps spans of each', async () => {
  const page = await app.page();
  const sentence = 'The tenant Anna Beck shall keep the premises in Bonn in good repair.';
  const text = Array.from({ length: 150_000 }, () => sentence).join('\n');
  const row = JSON.stringify({ text, spans: [{ start: 11, end: 20, label: 'Person' }] });
  await page.getByLabel('File with texts').setInputFiles({ name: 'lease.jsonl', mimeType: 'application/json', buffer: Buffer.from(row) });
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByRole('table', { name: 'Texts' }).getByText('The tenant Anna Beck').dblclick();
  await page.getByRole('list', { name: 'Spans in this passage' }).waitFor();
  await expectSpans(page, 'Person: Anna Beck');

  const parts = page.getByRole('navigation', { name: 'Parts of the passage' });
  await parts.getByText(/^Part 1 of \d/).waitFor();
  await page.keyboard.press('Shift+PageDown');
  await parts.getByText(/^Part 2 of \d/).waitFor();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('1');
  await expectSpans(page, 'Person: Anna Beck', 'Person: tenant');
  // From the first word back over the edge, and to a span of another part by the list.
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await parts.getByText(/^Part 1 of \d/).waitFor();
  await page.locator('.spanlist .pick').last().click();
  await parts.getByText(/^Part 2 of \d/).waitFor();
});
