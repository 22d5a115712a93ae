/** What axe finds against WCAG 2.2 AA on the page as it is. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

const wcag22 = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

export async function violations(page: Page): Promise<string[]> {
  const found = await new AxeBuilder({ page }).withTags(wcag22).analyze();
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}

/** The sizes a screen has to work at: the smallest it is designed for, and the same at 200 % zoom. */
export async function violationsAtEverySize(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const { width, height } of [
    { width: 1280, height: 720 },
    { width: 640, height: 360 },
  ]) {
    await page.setViewportSize({ width, height });
    found.push(...(await violations(page)).map((violation) => `${width} × ${height} ${violation}`));
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  return found;
}
