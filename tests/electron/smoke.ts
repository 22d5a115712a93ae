/**
 * The real Electron app, started by Playwright: window, sandbox, port to the services, home with its samples.
 * Not yet run: it needs Electron's binary and a display, which only the GitHub workflow has. tests/e2e/electron.test.ts runs the main
 * process over a stand-in. `node tests/electron/smoke.ts`
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron } from 'playwright-core';

const root = join(import.meta.dirname, '../..');
const home = await mkdtemp(join(tmpdir(), 'thaw-electron-'));
const sandbox = process.platform === 'linux' ? ['--no-sandbox'] : [];
const app = await _electron.launch({ args: [...sandbox, root], env: { ...(process.env as Record<string, string>), THAW_HOME: home } });
try {
  const page = await app.firstWindow();
  await page.getByText('Sentiment').first().waitFor({ timeout: 20_000 });
  assert.equal(await page.evaluate('typeof require'), 'undefined');
  assert.equal(await page.evaluate('thaw.host'), 'electron');
  const preferences = await app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    return { size: window!.getSize(), url: window!.webContents.getURL() };
  });
  assert.match(preferences.url, /^thaw:\/\/app\//);
  console.log(`The window shows home, ${preferences.size.join('×')}.`);
} finally {
  await app.close();
  await rm(home, { recursive: true, force: true });
}
