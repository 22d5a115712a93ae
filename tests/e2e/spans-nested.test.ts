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

const text = 'She joined the University of Leipzig Hospital in Bonn';
const examples = [
  { text, spans: [{ start: text.indexOf('Bonn'), end: text.length, label: 'Place' }] },
  { text: 'Anna left', spans: [{ start: 0, end: 4, label: 'Person' }] },
];

async function openPassage(page: Page): Promise<void> {
  const content = examples.map((example) => JSON.stringify(example)).join('\n');
  await page
    .getByLabel('File with texts')
    .setInputFiles({ name: 'passages.jsonl', mimeType: 'application/json', buffer: Buffer.from(content) });
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByRole('table', { name: 'Texts' }).locator('tbody tr:has(.txtcell)').first().dblclick();
  await page.getByRole('list', { name: 'Spans in this passage' }).waitFor();
}

const spans = (page: Page) =>
  page.locator('.spanlist .pick').evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label')));
const expectSpans = (page: Page, ...expected: string[]) => expect.poll(() => spans(page)).toEqual(expected);
const selected = (page: Page, name: string) => page.locator(`.spanlist .pick[aria-current=true][aria-label="${name}"]`).waitFor();

async function place(page: Page, word: string): Promise<{ x: number; y: number }> {
  const box = (await page.locator('.tok', { hasText: new RegExp(`^${word}$`) }).boundingBox())!;
  return { x: box.x + box.width / 2, y: box.y + 14 };
}

async function drag(page: Page, from: string, to: string): Promise<void> {
  const [first, last] = [await place(page, from), await place(page, to)];
  await page.mouse.move(first.x, first.y);
  await page.mouse.down();
  await page.mouse.move(last.x, last.y, { steps: 4 });
  await page.mouse.up();
}

it('nests spans by keyboard, goes out and in, retypes and undoes', async () => {
  const page = await app.page();
  await openPassage(page);
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await press('ArrowRight', 'ArrowRight', 'ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight', '2');
  await expectSpans(page, 'Place: University of Leipzig Hospital', 'Place: Bonn');
  await press('ArrowLeft', '2');
  await expectSpans(page, 'Place: University of Leipzig Hospital', 'Place: Leipzig', 'Place: Bonn');
  await press('ArrowUp');
  await selected(page, 'Place: University of Leipzig Hospital');
  await press('Alt+1');
  await expectSpans(page, 'Person: University of Leipzig Hospital', 'Place: Leipzig', 'Place: Bonn');
  await press('ArrowDown');
  await selected(page, 'Place: Leipzig');
  await press('[');
  await expectSpans(page, 'Person: University of Leipzig Hospital', 'Place: Leipzig Hospital', 'Place: Bonn');
  await press('[');
  await page.getByText('Place · crosses another span').waitFor();
  await page.getByText('1 span here overlaps another one.').waitFor();
  await press('Control+z', 'Control+z');
  await page.getByText('Undone: “Leipzig Hospital” as Place in text 1.').waitFor();
  await expectSpans(page, 'Person: University of Leipzig Hospital', 'Place: Leipzig', 'Place: Bonn');
  await press('ArrowDown', 'Delete', 'Enter');
  await page.getByRole('menu').waitFor();
  await press('ArrowDown', 'Escape');
  await page.getByRole('menu').waitFor({ state: 'detached' });
  await page.keyboard.press('Control+Enter');
  await page.getByText('Anna').first().waitFor();
  await page.goBack();
});

it('by mouse: dragging opens the labels at the words, a click changes a span, a double click takes a word inside one', async () => {
  const page = await app.page();
  await openPassage(page);
  await drag(page, 'University', 'Hospital');
  await page.getByRole('menu', { name: 'Label “University of Leipzig Hospital”' }).waitFor();
  await page.getByRole('menuitemradio', { name: 'Person' }).click();
  await expectSpans(page, 'Person: University of Leipzig Hospital', 'Place: Bonn');

  const leipzig = await place(page, 'Leipzig');
  await page.mouse.click(leipzig.x, leipzig.y);
  await page.getByRole('menu', { name: 'Change “University of Leipzig Hospital”' }).waitFor();
  await page.getByRole('menuitemradio', { name: 'Place' }).click();
  await expectSpans(page, 'Place: University of Leipzig Hospital', 'Place: Bonn');

  await page.mouse.dblclick(leipzig.x, leipzig.y);
  await page.getByRole('menu', { name: 'Label “Leipzig”' }).waitFor();
  await page.getByRole('menuitemradio', { name: 'Person' }).click();
  await expectSpans(page, 'Place: University of Leipzig Hospital', 'Person: Leipzig', 'Place: Bonn');

  const bar = (await page.locator('.bar', { hasText: 'Person' }).boundingBox())!;
  await page.mouse.click(bar.x + 2, bar.y + 2);
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await expectSpans(page, 'Place: University of Leipzig Hospital', 'Place: Bonn');

  // A number does the same while the menu is open.
  await drag(page, 'She', 'joined');
  await page.getByRole('menu').waitFor();
  await page.keyboard.press('1');
  await page.getByRole('menu').waitFor({ state: 'detached' });
  await expectSpans(page, 'Person: She joined', 'Place: University of Leipzig Hospital', 'Place: Bonn');
});

it('by finger: a tap takes a word or a span, going sideways several words', async () => {
  const context = await app.browser.newContext({ viewport: { width: 1024, height: 768 }, hasTouch: true, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(app.url);
  await openPassage(page);
  const joined = await place(page, 'joined');
  await page.touchscreen.tap(joined.x, joined.y);
  await page.getByRole('menu', { name: 'Label “joined”' }).waitFor();
  const target = (await page.getByRole('menuitemradio', { name: 'Person' }).boundingBox())!;
  expect(target.height).toBeGreaterThanOrEqual(24);
  await page.getByRole('menuitemradio', { name: 'Person' }).tap();
  await expectSpans(page, 'Person: joined', 'Place: Bonn');

  const touch = await context.newCDPSession(page);
  const [from, to] = [await place(page, 'University'), await place(page, 'Leipzig')];
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', points: { x: number; y: number }[]) =>
    touch.send('Input.dispatchTouchEvent', { type, touchPoints: points });
  await send('touchStart', [from]);
  for (let step = 1; step <= 6; step++) await send('touchMove', [{ x: from.x + ((to.x - from.x) * step) / 6, y: from.y }]);
  await send('touchEnd', []);
  await page.getByRole('menu', { name: 'Label “University of Leipzig”' }).waitFor();
  await page.getByRole('menuitemradio', { name: 'Place' }).click();
  await expectSpans(page, 'Person: joined', 'Place: University of Leipzig', 'Place: Bonn');
  await context.close();
});

it('a span that goes on to the next line has its name there too, and deep nesting its own lanes', async () => {
  const page = await app.page('#/', { width: 460, height: 800 });
  await openPassage(page);
  await drag(page, 'She', 'Hospital');
  await page.keyboard.press('1');
  await expectSpans(page, `Person: ${text.slice(0, text.indexOf(' in Bonn'))}`, 'Place: Bonn');
  const bars = page.locator('.bar', { hasText: 'Person' });
  await expect.poll(() => bars.count()).toBeGreaterThan(1);
  const widths = await bars.locator('.bartext').evaluateAll((names) => names.map((name) => name.getBoundingClientRect().width));
  expect(Math.min(...widths)).toBeGreaterThan(24);
  for (const word of ['University', 'of', 'Leipzig']) {
    await drag(page, word, 'Hospital');
    await page.keyboard.press('2');
    await page.getByRole('button', { name: new RegExp(`^Place: ${word}.* Hospital$`) }).waitFor();
  }
  const boxes = await page.locator('.bar').evaluateAll((all) => all.map((bar) => bar.getBoundingClientRect().toJSON() as DOMRect));
  boxes.forEach((a, i) =>
    boxes.forEach((b, j) => {
      const apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
      expect({ i, j, apart: i === j || apart }).toEqual({ i, j, apart: true });
    }),
  );
});

it.each([false, true])('has nothing that axe finds against WCAG 2.2 AA (dark: %s)', async (dark) => {
  const page = await app.page('#/', { dark });
  await openPassage(page);
  await drag(page, 'University', 'Hospital');
  await page.getByRole('menu').waitFor();
  expect(await violationsAtEverySize(page)).toEqual([]);
  await page.keyboard.press('1');
  await page.keyboard.press('Enter');
  await page.getByRole('menu').waitFor();
  expect(await violationsAtEverySize(page)).toEqual([]);
});
