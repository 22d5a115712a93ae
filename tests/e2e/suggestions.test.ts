/** A run's suggestions on screen: made, looked over and approved many at once; and as spans in a passage. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Prediction, Task } from '../../src/shared/domain.ts';
import { violations, violationsAtEverySize } from './accessibility.ts';
import { startApp } from './app.ts';
import type { App } from './app.ts';
import { finished, startRun, tinyBase } from './training.ts';

let app: App;
beforeAll(async () => {
  process.env.THAW_MODELS = tinyBase;
  app = await startApp();
});
afterAll(() => app.close());

const addressOf = (folder: string) => `${app.url}#/p/${encodeURIComponent(folder)}`;
const labeledTexts = (page: Page) => page.getByText(/^\d+ texts, \d+ labeled$/).innerText();

/** 60 labeled texts and 40 that wait. */
async function parcels(page: Page): Promise<string> {
  const rows = Array.from({ length: 100 }, (_, at) => {
    const label = at % 2 === 0 ? 'late' : 'broken';
    return `the parcel ${at} is ${label},${at < 60 ? label : ''}`;
  });
  const file = { name: 'parcels.csv', mimeType: 'text/csv', buffer: Buffer.from(`text,label\n${rows.join('\n')}\n`) };
  await page.getByLabel('File with texts').setInputFiles(file);
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('link', { name: 'Open the data' }).click();
  await page.getByRole('table', { name: 'Texts' }).waitFor();
  return page.url().replace(/(#\/p\/[^/]+).*/, '$1');
}

it('a finished run suggests labels, which are approved after a look at a sample, and taken back in one step', async () => {
  const page = await app.page();
  const project = await parcels(page);
  await startRun(page, project, { preset: 'Everything', settings: { Epochs: '1' } });
  await finished(page);
  await page.getByRole('button', { name: /^Suggest labels for \d+ texts/ }).click();
  await page.getByText('has looked at all texts that wait to be labeled.').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('link', { name: 'Review suggestions' }).click();

  const threshold = page.getByRole('slider', { name: 'Approve from' });
  await threshold.focus();
  await page.keyboard.press('Home');
  const look = page.getByRole('button', { name: /^Look at 20 of \d+$/ });
  expect(await violationsAtEverySize(page)).toEqual([]);
  await look.click();
  const sample = page.getByRole('region', { name: 'Sample', exact: true });
  await sample.getByRole('region', { name: 'Text 1 of 20 of the sample' }).waitFor();
  expect(await page.getByRole('button', { name: /^Approve/ }).count()).toBe(0);
  // What it is not is said by W, or by the number of what it is.
  await page.keyboard.press('w');
  await sample.getByText('1 of 20 texts looked at.').waitFor();
  for (let looked = 1; looked < 20; looked++) {
    await page.keyboard.press('y');
    if (looked < 19) await sample.getByText(`${looked + 1} of 20 texts looked at.`).waitFor();
  }
  await page.getByRole('status', { name: 'What the sample says' }).getByText('19 of 20 right: 95 %').waitFor();
  await page.getByText('(76–99 %, Wilson’s 95 % interval)').waitFor();
  expect(await violationsAtEverySize(page)).toEqual([]);
  const approve = page.getByRole('button', { name: /^Approve \d+ suggestions$/ });
  const count = Number(/\d+/.exec(await approve.innerText())?.[0]);
  await approve.click();
  await page.getByText(`${count} suggestions approved.`).waitFor();

  await page.goto(`${project}/data`);
  await expect.poll(() => labeledTexts(page)).toBe(`100 texts, ${60 + count} labeled`);
  await page.getByRole('searchbox', { name: /Search/ }).fill('source:approved ');
  await page.getByText(`${count} of 100 texts match`).waitFor();
  await page.getByRole('table', { name: 'Texts' }).locator('tbody tr').first().click();
  await page.getByText('an approved suggestion of r1').waitFor();
  await page.keyboard.press('Control+z');
  await page.getByText(new RegExp(`^Undone: approval of ${count} suggestions of “`)).waitFor();
  await expect.poll(() => labeledTexts(page)).toBe('100 texts, 60 labeled');
});

it('a text of the sample that gets another label by its number is labeled at once', async () => {
  const said = (exampleId: number) => ({ exampleId, label: 'yes', scores: [0.1, 0.9], spans: null });
  const folder = suggested('classification', ['no', 'yes'], ['one text', 'another text'], said);
  const page = await app.page();
  await page.goto(`${addressOf(folder)}/review`);
  await page.getByRole('button', { name: 'Look at all 2' }).click();
  await page.getByRole('region', { name: 'Text 1 of 2 of the sample' }).waitFor();
  await page.keyboard.press('1');
  await page.getByRole('region', { name: 'Text 2 of 2 of the sample' }).waitFor();
  await page.keyboard.press('2');
  await page.getByRole('status', { name: 'What the sample says' }).getByText('1 of 2 right: 50 %').waitFor();
  await page.getByRole('button', { name: 'Approve 1 suggestion', exact: true }).click();
  await page.getByText('1 suggestion approved.').waitFor();
  await page.getByText('suggests nothing that can be approved').waitFor();
  await page.goto(`${addressOf(folder)}/data`);
  await page.getByRole('searchbox', { name: /Search/ }).fill('source:given label:no ');
  await page.getByText('1 of 2 texts match').waitFor();
});

it('only the texts that were chosen in the data are reviewed, when the review is asked for from there', async () => {
  const said = (exampleId: number) => ({ exampleId, label: 'yes', scores: [0.05, 0.95], spans: null });
  const folder = suggested('classification', ['no', 'yes'], ['one text', 'another text', 'a third text'], said);
  const page = await app.page();
  await page.goto(`${addressOf(folder)}/data`);
  await page.getByRole('table', { name: 'Texts' }).locator('tbody tr').nth(1).click();
  await page.keyboard.press('x');
  await page.getByRole('button', { name: 'Review suggestions' }).click();
  await page.getByText('1 of 1 suggestion of “Top layers” for the texts you chose has a probability').waitFor();
  await page.getByRole('button', { name: 'Look at all 1' }).click();
  await page.getByRole('region', { name: 'Text 1 of 1 of the sample' }).getByText('another text').waitFor();
});

/** A project whose run says of each text what `said` gives by its id, counted from 1; its folder. */
function suggested(task: Task, labels: string[], texts: string[], said: (id: number) => Prediction): string {
  const folder = join(app.home, `${task}-${texts.length}`);
  const predictions = texts.map((_, at) => said(at + 1));
  const input = JSON.stringify({ task, labels, texts, predictions });
  execFileSync(process.execPath, [join(import.meta.dirname, '../integration/make-suggested.ts'), folder], { input });
  return folder;
}

const passages = ['Dr Anna Weiss moved to Leipzig in March', 'She met Bea in Bonn', 'Nobody came'];
const spanIn = (text: string, words: string, label: string, score: number) => ({
  start: text.indexOf(words),
  end: text.indexOf(words) + words.length,
  label,
  score,
});

it('suggested spans are accepted, retyped, dismissed and hidden by keyboard', async () => {
  const [first, second] = passages;
  const spans = [
    [spanIn(first, 'Anna Weiss', 'Person', 0.97), spanIn(first, 'Leipzig', 'Person', 0.61), spanIn(first, 'March', 'Date', 0.88)],
    [spanIn(second, 'Bea', 'Person', 0.9), spanIn(second, 'Bonn', 'Place', 0.8)],
    [],
  ];
  const said = (exampleId: number) => ({ exampleId, label: null, scores: [], spans: spans[exampleId - 1] });
  const folder = suggested('ner', ['Person', 'Place', 'Date'], passages, said);
  const page = await app.page();
  await page.goto(`${addressOf(folder)}/label`);
  const names = (list: string) =>
    page
      .getByRole('list', { name: list })
      .locator('.pick')
      .evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label')?.replaceAll('\u00a0', ' ')));
  const offered = () => names('Suggested by “Top layers”');
  await page.getByRole('list', { name: 'Suggested by “Top layers”' }).waitFor();
  const kept = () => names('Spans in this passage');
  await expect
    .poll(offered)
    .toEqual(['Suggested Person: Anna Weiss, 97 %', 'Suggested Person: Leipzig, 61 %', 'Suggested Date: March, 88 %']);
  expect(await violationsAtEverySize(page)).toEqual([]);
  await page.locator('.bar.sugg').getByText('Date 88 %').waitFor();

  await page.keyboard.press('h');
  await expect.poll(offered).toEqual([]);
  await page.keyboard.press('h');
  // On the suggestion under the cursor: another label, its own, none.
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('2');
  await expect.poll(kept).toEqual(['Place: Leipzig']);
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('y');
  await expect.poll(kept).toEqual(['Person: Anna Weiss', 'Place: Leipzig']);
  await page.keyboard.press('Control+z');
  await expect.poll(offered).toEqual(['Suggested Person: Anna Weiss, 97 %', 'Suggested Date: March, 88 %']);
  await page.keyboard.press('Control+Shift+z');
  await expect.poll(offered).toEqual(['Suggested Date: March, 88 %']);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Delete');
  await expect.poll(offered).toEqual([]);
  await expect.poll(kept).toEqual(['Person: Anna Weiss', 'Place: Leipzig']);
  await page.keyboard.press('Control+Enter');

  // All that is left, and on to the next.
  await page.getByRole('button', { name: 'Accept 2 suggestions, go on' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('Nobody').first().waitFor();
  await page.keyboard.press('PageUp');
  await expect.poll(kept).toEqual(['Person: Bea', 'Place: Bonn']);
  // A span that a person marks hides a suggestion that it overlaps, and its suggestion comes back with the undo.
  await page.keyboard.press('Control+z');
  await expect.poll(offered).toEqual(['Suggested Person: Bea, 90 %', 'Suggested Place: Bonn, 80 %']);
});
