import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Span } from '../../src/shared/domain.ts';
import { violations, violationsAtEverySize } from './accessibility.ts';
import { startApp } from './app.ts';
import type { App } from './app.ts';

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const rows = 'text,label\nCharged twice,Billing\nWhere is my parcel?,Delivery\nCard declined,Billing\nLocked out,Access\n';

async function newProject(page: Page): Promise<void> {
  await page.getByLabel('File with texts').setInputFiles({ name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.from(rows) });
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByRole('link', { name: 'Annotators' }).click();
  await page.getByText('Nobody else has answered yet').waitFor();
}

/** Writes the texts for another annotator; the lines of the file. */
async function sent(page: Page): Promise<string[]> {
  await page.getByRole('button', { name: 'Send texts…' }).click();
  await page.getByRole('button', { name: 'Write the file' }).click();
  const path = await page.getByRole('dialog').locator('.path').textContent();
  await page.getByRole('button', { name: 'Done' }).click();
  return (await readFile(path as string, 'utf8')).trimEnd().split('\n');
}

const exchangeFile = (lines: string[]) => ({
  name: 'ben.jsonl',
  mimeType: 'application/jsonl',
  buffer: Buffer.from(`${lines.join('\n')}\n`),
});

/** What Ben would send back of those texts. */
function answersOf(lines: string[], labels: string[], annotator = 'Ben') {
  const texts = lines.slice(1, -1).map((line) => JSON.parse(line) as { example: number; textHash: string });
  const answers = texts.map(({ example, textHash }, index) =>
    JSON.stringify({ answer: example, textHash, annotator, at: '2026-11-01T10:00:00.000Z', label: labels[index] }),
  );
  return exchangeFile([lines[0], ...answers, JSON.stringify({ end: { texts: 0, answers: answers.length } })]);
}

const reading = (page: Page, text: string) =>
  page.getByRole('article', { name: 'Text to settle' }).getByText(text, { exact: true }).waitFor();

it('sends texts, takes the answers in, says how far they agree, and two disagreements are settled by keyboard and undone', async () => {
  const page = await app.page();
  await newProject(page);
  const lines = await sent(page);
  expect(lines.join('\n')).not.toContain('"label":');

  const input = page.getByLabel('Exchange file with answers');
  await input.setInputFiles(answersOf(lines, ['Billing', 'Access', 'Delivery', 'Access']));
  await page.getByText('Imported labels and Ben agree on 2 of 4 texts: κ').waitFor();
  await page.getByText('4 answers of Ben: 4 new, 0 changed, 0 known already.').waitFor();
  await page.getByRole('cell', { name: 'Imported labels Billing, Ben Delivery: 1 text' }).waitFor();
  expect(await violationsAtEverySize(page)).toEqual([]);

  await page.getByRole('link', { name: 'Settle 2 disagreements' }).click();
  await reading(page, 'Where is my parcel?');
  expect(await violationsAtEverySize(page)).toEqual([]);
  await page.keyboard.press('2');
  await reading(page, 'Card declined');
  await page.keyboard.press('3');
  await page.getByRole('heading', { name: 'All 2 disagreements are settled' }).waitFor();
  await page.keyboard.press('Control+z');
  await page.getByText('Undone: settling of text 3: label “Access”.').waitFor();
  await reading(page, 'Card declined');
  await page.locator('progress[aria-label="Settled disagreements"][value="1"]').waitFor();
  await page.keyboard.press('ArrowLeft');
  await page.getByRole('radio', { name: 'Access: Ben', checked: true }).waitFor();

  await page.getByRole('link', { name: 'Back to annotators' }).click();
  await page.getByText('Imported labels and Ben agree on 2 of 4 texts: κ').waitFor();
  await page.getByText('1 of 2 disagreements settled.').waitFor();
  await page.getByRole('link', { name: 'Settle 1 disagreement' }).waitFor();
});

/** A text in which the project marks Ann and Bonn, and Ben what is given. */
async function nerProject(page: Page, spans: Span[]): Promise<void> {
  const ner = '{"text":"Ann met Bob in Bonn","spans":[{"start":0,"end":3,"label":"Person"},{"start":15,"end":19,"label":"Place"}]}\n';
  await page.getByLabel('File with texts').setInputFiles({ name: 'a.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(ner) });
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByRole('link', { name: 'Annotators' }).click();
  const lines = await sent(page);
  const { example, textHash } = JSON.parse(lines[1]) as { example: number; textHash: string };
  const answer = JSON.stringify({ answer: example, textHash, annotator: 'Ben', at: '2026-11-01T10:00:00.000Z', spans });
  const end = JSON.stringify({ end: { texts: 0, answers: 1 } });
  await page.getByLabel('Exchange file with answers').setInputFiles(exchangeFile([lines[0], answer, end]));
}

it('spans of two annotators are put together, and an annotator’s answers are removed', async () => {
  const page = await app.page();
  await nerProject(page, [
    { start: 8, end: 11, label: 'Person' },
    { start: 15, end: 19, label: 'Place' },
  ]);
  await page.getByText('agree on 0 of 1 text: entity F1 0.50').waitFor();
  await page.getByRole('link', { name: 'Settle 1 disagreement' }).click();
  await page.getByRole('button', { name: 'Bonn, Place', pressed: true }).waitFor();
  await page.getByRole('button', { name: 'Bob, Person', pressed: false }).click();
  expect(await violationsAtEverySize(page)).toEqual([]);
  await page.getByRole('button', { name: /^Take what is chosen/ }).click();
  await page.getByRole('heading', { name: 'The disagreement is settled' }).waitFor();
  await page.keyboard.press('Control+z');
  await page.getByText('Undone: settling of text 1: 2 spans.').waitFor();

  await page.getByRole('link', { name: 'Back to annotators' }).first().click();
  await page.getByRole('button', { name: 'Remove the answers of Ben' }).click();
  await page.getByRole('button', { name: 'Remove them' }).click();
  await page.getByText('1 answer of Ben removed.').waitFor();
  await page.getByText('Nobody else has answered yet').waitFor();
});

it('marks a span that nobody marked, by keyboard and by mouse, takes it back, and takes what is marked', async () => {
  const page = await app.page();
  await nerProject(page, [{ start: 15, end: 19, label: 'Place' }]);
  await page.getByRole('link', { name: 'Settle 1 disagreement' }).click();
  const marked = (name: string) => page.getByRole('button', { name, pressed: true });
  await marked('Bonn, Place').waitFor();

  // By keyboard: a number takes an answer, and in the text makes a span.
  await page.keyboard.press('e');
  await page.keyboard.press('2');
  await marked('Ann, Place').waitFor();
  await page.keyboard.press('Alt+1');
  await marked('Ann, Person').waitFor();
  expect(await marked('Ann, Place').count()).toBe(0);
  await page.keyboard.press('Control+z');
  await marked('Ann, Place').waitFor();
  await page.keyboard.press('Delete');
  await expect.poll(() => marked('Ann, Place').count()).toBe(0);

  // By mouse: the words dragged over, and the label at them.
  const center = async (word: string) => {
    const box = (await page.locator('.tok', { hasText: new RegExp(`^${word}$`) }).boundingBox())!;
    return { x: box.x + box.width / 2, y: box.y + 14 };
  };
  const [from, to] = [await center('in'), await center('Bonn')];
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
  await page.getByRole('menuitemradio', { name: 'Place' }).click();
  await marked('in Bonn, Place').waitFor();
  expect(await violations(page)).toEqual([]);

  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'The disagreement is settled' }).waitFor();
  await page.keyboard.press('Control+z');
  await page.getByText('Undone: settling of text 1: 2 spans.').waitFor();
});

it('makes a project of texts that were sent, without their labels, and offers to send the answers back', async () => {
  const page = await app.page();
  await newProject(page);
  const lines = await sent(page);
  await page.goto(page.url().replace(/#.*/, '#/'));
  await page.getByLabel('File with texts').setInputFiles(exchangeFile(lines));
  await page.getByText('4 texts, 0 labeled').waitFor();
  await page.getByRole('link', { name: 'Annotators' }).click();
  await page.getByRole('button', { name: 'Send answers back…' }).waitFor();
});

it('asks whose answers they are where two people have one name, and says what is wrong with a file', async () => {
  const page = await app.page('#/', { dark: true });
  await newProject(page);
  const lines = await sent(page);
  const input = page.getByLabel('Exchange file with answers');
  await input.setInputFiles(exchangeFile(lines.slice(0, 2)));
  await page.getByText('ben.jsonl is cut short after line 2.').waitFor();
  await page.getByRole('button', { name: 'Close' }).click();

  await input.setInputFiles(answersOf(lines, ['Billing', 'Delivery', 'Billing', 'Delivery'], userInfo().username));
  await page.getByRole('dialog', { name: 'Whose answers are these?' }).waitFor();
  expect(await violationsAtEverySize(page)).toEqual([]);
  await page.getByLabel('Annotator of the file').fill('Cleo');
  await page.keyboard.press('Enter');
  await page.getByText('Imported labels and Cleo agree on 3 of 4 texts: κ').waitFor();
  expect(await violationsAtEverySize(page)).toEqual([]);
});
