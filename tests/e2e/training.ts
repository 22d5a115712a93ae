/** Steps that several end-to-end tests take: a project from a sample, a run on a tiny base model. */
import type { Page } from 'playwright-core';
import { join } from 'node:path';

/** Offered beside the embedded base when the host starts with it. Three layers of 16: a run takes seconds. */
export const tinyBase = join(import.meta.dirname, '../fixtures/models/bert');

/** Makes a project of a built-in sample; returns the address of its screens, to which `/train` and the like are added. */
export async function openSample(page: Page, name: string): Promise<string> {
  await page.getByRole('button', { name }).first().click();
  await page.waitForURL(/#\/p\//);
  return page.url().replace(/(#\/p\/[^/]+).*/, '$1');
}

export interface Recipe {
  preset: 'Head only' | 'Top layers' | 'Low-rank (LoRA)' | 'Everything';
  settings?: Record<string, string>;
}

/** Puts a run together on the Train screen and starts it. The run's own screen is open afterwards. */
export async function startRun(page: Page, project: string, { preset, settings = {} }: Recipe): Promise<void> {
  await page.goto(`${project}/train`);
  await page.getByRole('combobox', { name: 'Base model' }).selectOption({ index: 1 });
  await page.getByRole('radio', { name: preset }).click();
  for (const [name, value] of Object.entries(settings)) await page.getByRole('textbox', { name, exact: true }).fill(value);
  await page.keyboard.press('Control+Enter');
  await page.waitForURL(/\/runs\/[^/]+$/);
}

export const finished = (page: Page): Promise<void> =>
  page.getByRole('status', { name: 'Diagnosis' }).getByText('Finished.').waitFor({ timeout: 120_000 });
