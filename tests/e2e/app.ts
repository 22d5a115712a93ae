/**
 * The built app in a real browser, for the end-to-end tests: `startApp()` serves it with a fresh data folder, `app.page()` opens it.
 * Needs `npm run build` and a Chromium (CHROMIUM, or /usr/bin/chromium). Whatever the page logs as an error fails `close()`.
 */
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = join(import.meta.dirname, '../..');

const browserOptions = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

export interface App {
  /** The printed address, token included. */
  url: string;
  /** THAW_HOME of this app. */
  home: string;
  browser: Browser;
  /** A page on `hash` (such as '#/'), or where the address leads, in a browser profile of its own, signed in and loaded. */
  page(hash?: string, options?: { width?: number; height?: number; dark?: boolean }): Promise<Page>;
  /** Ends browser and host, removes `home`, and throws if a page had logged an error. */
  close(): Promise<void>;
  /** Ends the browser and kills the host, as a crash does; `home` stays for the next one. */
  kill(): Promise<void>;
}

async function startHost(home: string, args: string[]): Promise<{ host: ChildProcess; url: string }> {
  const host = spawn(process.execPath, ['out/main/cli.js', 'serve', '--port', '0', ...args], {
    cwd: root,
    env: { ...process.env, THAW_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: host.stdout! })) {
    const url = /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/.exec(line)?.[0];
    if (url) {
      host.stdout!.resume();
      return { host, url };
    }
  }
  throw new Error('The web host ended without printing its address; was the app built (npm run build)?');
}

async function openPage(
  browser: Browser,
  url: string,
  errors: string[],
  hash: string | undefined,
  { width = 1280, height = 800, dark = false } = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(hash === undefined ? url : new URL(hash, url).href);
  await page.locator('#app > *').first().waitFor();
  return page;
}

/** `home`: of an app that was killed; a fresh one without it. `args`: more of `thaw serve`. */
export async function startApp(home?: string, ...args: string[]): Promise<App> {
  return serveApp(home ?? (await mkdtemp(join(tmpdir(), 'thaw-e2e-'))), args);
}

async function serveApp(home: string, args: string[]): Promise<App> {
  const { host, url } = await startHost(home, args);
  const browser = await chromium.launch(browserOptions);
  const errors: string[] = [];
  return {
    url,
    home,
    browser,
    page: (hash, options) => openPage(browser, url, errors, hash, options),
    async close() {
      await browser.close();
      const ended = once(host, 'exit');
      host.kill('SIGTERM');
      await ended;
      await rm(home, { recursive: true, force: true });
      if (errors.length > 0) throw new Error(`The page logged errors:\n${errors.join('\n')}`);
    },
    async kill() {
      await browser.close();
      const ended = once(host, 'exit');
      host.kill('SIGKILL');
      await ended;
    },
  };
}
