/** Entities are learned while they are marked by keyboard: spans are suggested, accepted with one key, and queued by uncertainty. */
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

const people = ['Anna', 'Tom', 'Lucy', 'Peter', 'Ines', 'Omar', 'Clara', 'Felix'];
const places = ['Bonn', 'Rome', 'Oslo', 'Lima', 'Paris'];
/** Person, verb, preposition, place: no two alike. */
const texts = Array.from({ length: 40 }, (_, at) => `${people[at % 8]} ${at % 3 ? 'lives' : 'works'} in ${places[at % 5]}`);

const spansOf = (text: string, [first, last] = ['Person', 'Place']) => [
  { start: 0, end: text.indexOf(' '), label: first },
  { start: text.lastIndexOf(' ') + 1, end: text.length, label: last },
];

/** The first `labeled` texts have their spans, and so the project its types; in those of `turned` they are mixed up. */
async function newProject(page: Page, name: string, labeled: number, turned: number[] = []): Promise<void> {
  const spans = (text: string, at: number) => spansOf(text, turned.includes(at) ? ['Place', 'Person'] : undefined);
  const lines = texts.map((text, at) => JSON.stringify({ text, ...(at < labeled && { spans: spans(text, at) }), split: 'train' }));
  await page.getByLabel('File with texts').setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(lines.join('\n')) });
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByRole('table', { name: 'Texts' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('l');
}

const shown = (page: Page) => page.locator('.spanstage .meta .mono');
const line = (page: Page) => page.getByRole('region', { name: 'Learning' });
const spansIn = (page: Page, list: string) =>
  page
    .getByRole('list', { name: list })
    .locator('.pick')
    .evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label')?.replaceAll('\u00a0', ' ') ?? ''));

/** Marks the first word and the last, and goes on. */
async function mark(page: Page): Promise<void> {
  const before = await shown(page).innerText();
  await page.keyboard.press('1');
  for (let step = 0; step < 3; step++) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('2');
  await expect.poll(() => spansIn(page, 'Spans in this passage')).toHaveLength(2);
  await page.keyboard.press('Control+Enter');
  await shown(page).getByText(before, { exact: true }).waitFor({ state: 'detached' });
}

it('learns from the fifth text of each type on, suggests spans that one key accepts, and queues the least sure', async () => {
  const page = await app.page();
  await newProject(page, 'people.jsonl', 1);
  await line(page).getByText('Needs 4 more of Person, 4 more of Place to begin').waitFor();
  for (let text = 2; text <= 5; text++) await mark(page);
  await line(page).getByText('Learning from 5 texts').waitFor();
  // What is said of a text is asked for when it comes up.
  await mark(page);
  const offered = () => spansIn(page, 'Suggested by what learns beside you');
  await expect
    .poll(offered)
    .toEqual([expect.stringMatching(/^Suggested Person: \w+, \d+ %$/), expect.stringMatching(/^Suggested Place: \w+, \d+ %$/)]);
  await line(page).getByText('Suggested by what learns beside you').waitFor();
  expect(await violationsAtEverySize(page)).toEqual([]);
  const id = await shown(page).innerText();
  await page.keyboard.press('Enter');
  await shown(page).getByText(id, { exact: true }).waitFor({ state: 'detached' });
  await line(page).getByText('Learning from 7 texts').waitFor();
  await page.keyboard.press('Control+z');
  await shown(page).getByText(id, { exact: true }).waitFor();
  await line(page).getByText('Learning from 6 texts').waitFor();

  await page.keyboard.press('q');
  const queues = page.getByRole('radiogroup', { name: 'Queue' });
  await queues.getByRole('radio', { checked: true }).waitFor();
  expect(await queues.getByRole('radio').evaluateAll((radios) => radios.map((radio) => radio.getAttribute('aria-label')))).toEqual([
    'In order',
    'Most uncertain',
    'Most different',
    'Random',
    'Labels that look wrong',
    'All texts',
  ]);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await line(page)
    .getByText(/Uncertainty \d+\s%|Drawn at random/)
    .waitFor();
  expect(await violationsAtEverySize(page)).toEqual([]);
});

it('puts spans that look wrong in question: one key corrects, which can be undone, another says that they are right', async () => {
  const page = await app.page();
  await newProject(page, 'turned.jsonl', 40, [9, 22]);
  await line(page).getByText('Learning from 40 texts').waitFor();
  await page.keyboard.press('q');
  await page.getByRole('radiogroup', { name: 'Queue' }).getByRole('radio', { name: 'Labels that look wrong' }).press('Enter');
  await shown(page).waitFor();
  const first = await shown(page).innerText();
  expect(['#10', '#23']).toContain(first);
  const given = () => spansIn(page, 'Spans in this passage');
  const [person, , , place] = texts[Number(first.slice(1)) - 1].split(' ');
  expect(await given()).toEqual([`Place: ${person}`, `Person: ${place}`]);
  expect(await spansIn(page, 'Found instead')).toEqual([
    expect.stringMatching(new RegExp(`^Suggested Person: ${person}, \\d+ %$`)),
    expect.stringMatching(new RegExp(`^Suggested Place: ${place}, \\d+ %$`)),
  ]);
  await line(page)
    .getByText(/^Looks wrong: rather Person/)
    .waitFor();
  expect(await violationsAtEverySize(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await shown(page).getByText(first, { exact: true }).waitFor({ state: 'detached' });
  const second = await shown(page).innerText();
  expect(['#10', '#23']).toContain(second);
  await page.keyboard.press('k');
  await shown(page).getByText(second, { exact: true }).waitFor({ state: 'detached' });

  await page.keyboard.press('Control+z');
  await shown(page).getByText(first, { exact: true }).waitFor();
  await expect.poll(given).toEqual([`Place: ${person}`, `Person: ${place}`]);
});
