import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { startApp } from './app.ts';
import type { App } from './app.ts';
import { finished, openSample, startRun, tinyBase } from './training.ts';

let app: App;
let page: Page;
let project: string;
beforeAll(async () => {
  process.env.THAW_MODELS = tinyBase;
  app = await startApp();
  page = await app.page();
  project = await openSample(page, 'Sentiment');
});
afterAll(() => app.close());

const layer = (name: string) => page.getByRole('button', { name, exact: true });
const pressed = (name: string) => layer(name).getAttribute('aria-pressed');

it('freezes and thaws layers by key, by radio and by the thaw line, and counts what trains', async () => {
  await page.goto(`${project}/train`);
  await layer('Layer 4').waitFor();
  const trainable = page.getByRole('status', { name: 'Trainable parameters' });
  // MiniLM-L6, two labels: pooler and classifier 148,610, and two layers of 1,774,464.
  await trainable.getByText('3.70 M').waitFor();
  expect([await pressed('Layer 4'), await pressed('Layer 3')]).toEqual(['true', 'false']);

  await layer('Layer 4').focus();
  await page.keyboard.press('Space');
  expect(await pressed('Layer 4')).toBe('false');
  await trainable.getByText('1.92 M').waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Space');
  expect(await pressed('Layer 3')).toBe('true');
  await page.getByRole('complementary', { name: 'What this run will do' }).getByText('gradients pass through').waitFor();

  await page.getByRole('radiogroup', { name: 'Layer 3: state' }).getByRole('radio', { name: 'Frozen' }).click();
  expect(await pressed('Layer 3')).toBe('false');

  const line = page.getByRole('slider', { name: 'Thaw line' });
  await line.focus();
  await page.keyboard.press('Home');
  // The classifier alone is solved for.
  await trainable.getByText('770', { exact: true }).waitFor();
  expect(await page.getByRole('radio', { name: 'Head only' }).getAttribute('aria-checked')).toBe('true');
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
  expect(await line.getAttribute('aria-valuenow')).toBe('4');
  expect(await Promise.all(['Head', 'Layer 5', 'Layer 4', 'Layer 3', 'Layer 2'].map(pressed))).toEqual([
    'true',
    'true',
    'true',
    'true',
    'false',
  ]);
});

it('refuses a setting that cannot be used, in words, and a run in which nothing trains', async () => {
  const start = page.getByRole('button', { name: /Start training/ });
  await page.getByRole('textbox', { name: 'Learning rate' }).fill('fast');
  await page.getByText('Learning rate must be a number above 0, at most 1.').waitFor();
  expect(await start.isDisabled()).toBe(true);
  await page.getByRole('textbox', { name: 'Learning rate' }).fill('5e-5');
  expect(await start.isDisabled()).toBe(false);

  await page.getByRole('radio', { name: 'Head only' }).click();
  await layer('Head').click();
  await page.getByText('Nothing would be trained.').waitFor();
  expect(await start.isDisabled()).toBe(true);
});

it('solves for a head alone, with no setting that it has no use for', async () => {
  await startRun(page, project, { preset: 'Head only', settings: { 'Longest text': '48' } });
  await finished(page);
  expect(await page.getByRole('table', { name: 'Epochs' }).getByRole('row').count()).toBe(2);
  const details = page.getByRole('complementary', { name: 'Run details' });
  await details.getByText('solved for, no steps').waitFor();
  await page.getByRole('status', { name: 'Diagnosis' }).getByText('with an L2 penalty of').waitFor();
  expect(await details.getByText('Learning rate').count()).toBe(0);
  await page.goto(`${project}/train`);
  await page.getByRole('radio', { name: 'Head only' }).click();
  await page.getByText('not trained in steps but solved for').waitFor();
  expect(await page.getByRole('textbox', { name: 'Learning rate' }).count()).toBe(0);
  expect(await page.getByRole('radiogroup', { name: 'Batch size' }).count()).toBe(0);
});

it('trains low-rank adapters of the rank that was chosen, and counts what they add', async () => {
  await page.goto(`${project}/train`);
  await page.getByRole('radio', { name: 'Low-rank (LoRA)' }).click();
  const trainable = page.getByRole('status', { name: 'Trainable parameters' });
  // MiniLM-L6: each layer has 8 · (4 · 2 · 384 + 2 · (384 + 1,536)) in adapters of rank 8; the head of two labels 148,610.
  await trainable.getByText('480 k').waitFor();
  expect(await layer('Embeddings').isDisabled()).toBe(true);
  await page.getByRole('textbox', { name: 'Rank' }).fill('4');
  await trainable.getByText('314 k').waitFor();
  await layer('Layer 0').click();
  await trainable.getByText('287 k').waitFor();
  await startRun(page, project, { preset: 'Low-rank (LoRA)', settings: { Rank: '2', Epochs: '1' } });
  await finished(page);
  const details = page.getByRole('complementary', { name: 'Run details' });
  await details.getByText('rank 2, merged when saved').waitFor();
});

it('draws the curve of a live run and keeps it for the finished one', async () => {
  await startRun(page, project, { preset: 'Everything', settings: { 'Learning rate': '3e-3', Epochs: '2' } });
  await page.getByRole('progressbar', { name: 'This run' }).waitFor();
  await page.getByRole('log', { name: 'Training log' }).getByText('First step').waitFor();
  await finished(page);
  expect(await page.getByRole('table', { name: 'Epochs' }).getByRole('row').count()).toBe(3);
  const training = page.locator('.s-train');
  const live = (await training.getAttribute('d'))?.split('L').length ?? 0;
  expect(live).toBeGreaterThan(100);
  await page.reload();
  await finished(page);
  await expect.poll(async () => (await training.getAttribute('d'))?.split('L').length ?? 0).toBe(live);
  expect(await page.getByRole('button', { name: 'Open test figures (counted)' }).count()).toBe(1);
});

it('cancels a run once that is confirmed, and keeps its row', async () => {
  await startRun(page, project, { preset: 'Everything', settings: { Epochs: '500' } });
  const cancel = page.getByRole('button', { name: 'Cancel run…' });
  await cancel.click();
  await page.getByRole('button', { name: 'Go on training' }).click();
  await cancel.click();
  await page.getByRole('button', { name: 'Cancel the run' }).click();
  await page.getByRole('status', { name: 'Diagnosis' }).getByText('Cancelled').waitFor();
  await page.getByRole('link', { name: 'Back to runs' }).click();
  const row = page.getByRole('table', { name: 'Runs' }).getByRole('row', { name: /Everything 2/ });
  await row.getByText('Cancelled').waitFor();
  await row.getByRole('button', { name: 'Delete Everything 2' }).click();
  await page.getByRole('button', { name: 'Delete the run' }).click();
  await row.waitFor({ state: 'detached' });
});
