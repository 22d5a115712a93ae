import { afterAll, beforeAll, expect, it } from 'vitest';
import { violationsAtEverySize } from './accessibility.ts';
import { startApp } from './app.ts';
import type { App } from './app.ts';

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

it('settings are kept for every window, and turn single keys off', async () => {
  const page = await app.page();
  await page.getByRole('button', { name: 'Open sample: Sentiment' }).click();
  await page.getByRole('table', { name: 'Texts' }).waitFor();
  await page.keyboard.press('Control+,');
  await page.getByRole('main', { name: 'Settings' }).waitFor();
  await page.getByRole('radio', { name: 'Dark' }).click();
  await page.getByRole('radio', { name: 'Reduced' }).click();
  await page.getByRole('checkbox', { name: 'Single letters, digits and signs are keys' }).uncheck();
  await page.getByRole('textbox', { name: 'Annotator' }).fill('Ann');
  await page.getByRole('textbox', { name: 'Annotator' }).blur();
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').fill('keyboard');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('main', { name: 'Settings' }).waitFor();

  const other = await app.page('#/settings');
  await expect.poll(() => other.locator('html').getAttribute('data-theme')).toBe('dark');
  expect(await other.locator('html').getAttribute('data-motion')).toBe('reduced');
  await expect.poll(() => other.getByRole('textbox', { name: 'Annotator' }).inputValue()).toBe('Ann');
  await other.getByRole('checkbox', { name: 'Single letters, digits and signs are keys' }).check();
  await other.getByRole('radio', { name: 'As the system' }).first().click();
  await page.reload();
  await page.getByRole('checkbox', { checked: true }).waitFor();
  await page.getByRole('heading', { name: 'Settings' }).click();
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await page.getByRole('main', { name: 'Runs' }).waitFor();
});

it('the palette finds by letters, and presses the keys of the screen', async () => {
  const page = await app.page();
  await page.getByRole('button', { name: 'Open sample: Entities' }).click();
  await page.getByRole('table', { name: 'Texts' }).waitFor();
  await page.getByRole('complementary', { name: 'Inspector' }).waitFor();
  const run = async (query: string, option: string | RegExp) => {
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('combobox').fill(query);
    await page.getByRole('option', { name: option }).first().waitFor();
    await page.getByRole('option', { selected: true, name: option }).waitFor();
    await page.keyboard.press('Enter');
  };
  await run('hide insp', /^Show or hide the inspector/);
  await page.getByRole('complementary', { name: 'Inspector' }).waitFor({ state: 'detached' });
  await run('settngs', /^Settings/);
  await page.getByRole('main', { name: 'Settings' }).waitFor();
  await run('ent typ', /^Entity types/);
  await page.getByRole('main', { name: 'Labels' }).waitFor();
  await page.keyboard.press('Control+k');
  const labels = page.getByRole('group', { name: 'Labels' }).getByRole('option');
  const name = (await labels.first().locator('span').first().textContent()) ?? '';
  await page.getByRole('dialog').getByRole('combobox').fill(name);
  await page.getByRole('group', { name: 'Labels' }).getByRole('option', { name }).first().click();
  await expect.poll(() => page.getByLabel('Name', { exact: true }).inputValue()).toBe(name);
});

it.each([false, true])('settings, palette and keyboard sheet have nothing that axe finds against WCAG 2.2 AA (dark: %s)', async (dark) => {
  const page = await app.page('#/settings', { dark });
  expect(await violationsAtEverySize(page)).toEqual([]);
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog', { name: 'Command palette' }).waitFor();
  expect(await violationsAtEverySize(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  expect(await violationsAtEverySize(page)).toEqual([]);
});
