import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApp } from './app.ts';
import { openSample } from './training.ts';
import type { App } from './app.ts';

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

async function seriousViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}

it('offers a file, two kinds of project and three samples with their source', async () => {
  const page = await app.page();
  await page.getByRole('button', { name: 'Choose file…' }).waitFor();
  await page.getByRole('button', { name: 'New project: Entity spans' }).waitFor();
  const samples = page.getByRole('button', { name: /^Open sample/ });
  await samples.first().waitFor();
  expect(await samples.count()).toBe(3);
  for (const text of await samples.allInnerTexts()) expect(text).toMatch(/CC BY/);
  expect(await seriousViolations(page)).toEqual([]);
});

it('makes a project of a sample and finds it again', async () => {
  const page = await app.page();
  await page.getByRole('button', { name: 'Open sample: Sentiment' }).click();
  await page.getByRole('heading', { name: 'Data' }).waitFor();
  await page.getByText('2,838 texts, 2,838 labeled').waitFor();
  await page.getByText('CC BY 4.0').waitFor();
  await page.getByRole('link', { name: 'All projects', exact: true }).click();
  const recent = page.getByRole('link', { name: /Sentiment/ });
  await recent.getByText('2,838 of 2,838').waitFor();
  await recent.click();
  await page.getByRole('table', { name: 'Texts' }).waitFor();
  await page.reload();
  await page.getByRole('table', { name: 'Texts' }).waitFor();
});

it('takes a project off the list', async () => {
  const page = await app.page();
  await page.getByRole('button', { name: 'Open sample: Topics' }).click();
  await page.getByRole('table', { name: 'Texts' }).waitFor();
  await page.goto(page.url().replace(/#.*/, '#/'));
  await page.getByRole('button', { name: 'Take Topics off this list' }).click();
  await page.getByRole('link', { name: /Topics/ }).waitFor({ state: 'detached' });
});

it('goes anywhere from the palette and by G and a letter', async () => {
  const page = await app.page();
  await page.getByRole('button', { name: 'Open sample: Sentiment' }).click();
  await page.getByRole('table', { name: 'Texts' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await page.getByRole('main', { name: 'Runs' }).waitFor();
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Command palette' });
  await palette.getByRole('combobox').fill('lab');
  await palette.getByRole('option', { name: /^Label\b/ }).waitFor();
  expect(await seriousViolations(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await page.getByRole('main', { name: 'Label' }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor({ state: 'detached' });
});

it('opens a project by its folder, and says so where there is none', async () => {
  const page = await app.page();
  await openSample(page, 'Open sample: Sentiment');
  const folder = decodeURIComponent(/#\/p\/([^/]+)/.exec(page.url())?.[1] ?? '');
  await page.goto(page.url().replace(/#.*/, '#/'));
  await page.getByRole('button', { name: 'Open folder…' }).click();
  const path = page.getByRole('textbox', { name: 'Path of the project’s folder' });
  await path.fill('/no/such/project');
  await path.press('Enter');
  await page.getByText('/no/such/project does not exist.').waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  await path.fill(folder);
  await path.press('Enter');
  await page.getByRole('heading', { name: 'Data' }).waitFor();
});

it('F6 goes round the panes', async () => {
  const page = await app.page();
  await openSample(page, 'Open sample: Sentiment');
  await page.getByRole('heading', { name: 'Data' }).waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  const visited = [];
  for (const key of ['F6', 'F6', 'F6', 'F6', 'Shift+F6']) {
    await page.keyboard.press(key);
    visited.push(await focused());
  }
  const start = visited.indexOf('Project');
  expect(visited.slice(start, start + 3)).toEqual(['Project', 'Data', 'Inspector']);
  expect(visited[4]).toBe(visited[2]);
});

it('keeps the chosen theme', async () => {
  const page = await app.page('#/', { dark: true });
  const theme = () => page.locator('html').getAttribute('data-theme');
  expect(await theme()).toBe('dark');
  await page.getByRole('button', { name: 'Switch to light theme' }).click();
  expect(await theme()).toBe('light');
  await page.reload();
  await page.getByRole('button', { name: 'Switch to dark theme' }).waitFor();
  expect(await theme()).toBe('light');
});

it('says so where there is no such page or project', async () => {
  const page = await app.page('#/nowhere');
  await page.getByRole('heading', { name: 'This page does not exist' }).waitFor();
  await page.goto(page.url().replace(/#.*/, `#/p/${encodeURIComponent('/no/such/project')}/data`));
  await page.getByRole('heading', { name: 'This project cannot be opened' }).waitFor();
  await page.getByRole('link', { name: 'All projects', exact: true }).last().click();
  await page.getByRole('heading', { name: 'Teach a model your labels' }).waitFor();
});
