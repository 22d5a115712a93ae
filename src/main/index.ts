/** The desktop window: a sandboxed page that speaks to the services over one message port, and to nothing else. */
import { RPCHandler } from '@orpc/server/message-port';
import { app, BrowserWindow, dialog, ipcMain, protocol, session, shell } from 'electron';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { resourcesFolder } from './entries.ts';
import { pathTo } from '../shared/routes.ts';
import { makeIfMissing } from './make-if-missing.ts';
import { openServices } from './open-services.ts';
import { createRouter } from './router.ts';
import { readStatic } from './static.ts';

const origin = 'thaw://app';
const home = `${origin}/`;
const root = join(import.meta.dirname, '../renderer');

// A scheme of our own: pages from it get the security headers and no file:// privileges.
protocol.registerSchemesAsPrivileged([{ scheme: 'thaw', privileges: { standard: true, secure: true, supportFetchAPI: true } }]);

/** The address of the project that a command line names with `--project`, relative to `cwd`, and makes where it is not there; null without one. */
async function addressNamed(argv: string[], cwd: string): Promise<string | null> {
  const { values } = parseArgs({ args: argv.slice(1), options: { project: { type: 'string' } }, strict: false });
  if (typeof values.project !== 'string') return null;
  const folder = resolve(cwd, values.project);
  // Where that fails, the page opens the project, and says why it cannot be opened.
  await makeIfMissing(folder).catch(() => undefined);
  return home + pathTo(folder);
}

function createWindow(address: string): BrowserWindow {
  const window = new BrowserWindow({
    width: 1280,
    height: 800,
    minWidth: 960,
    minHeight: 600,
    show: false,
    title: 'Thaw',
    icon: join(resourcesFolder(), 'icon.png'),
    webPreferences: {
      preload: join(import.meta.dirname, '../preload/index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      spellcheck: false,
    },
  });
  const { webContents } = window;
  webContents.setWindowOpenHandler(({ url }) => {
    if (url.startsWith('https://')) void shell.openExternal(url);
    return { action: 'deny' };
  });
  webContents.on('will-navigate', (event) => event.preventDefault());
  webContents.on('will-attach-webview', (event) => event.preventDefault());
  window.once('ready-to-show', () => window.show());
  void window.loadURL(address);
  return window;
}

async function chooseFolder(): Promise<string | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog({ title: 'Open a project folder', properties: ['openDirectory'] });
  return canceled ? null : filePaths[0];
}

async function main(): Promise<void> {
  await app.whenReady();
  const services = openServices();
  const handler = new RPCHandler(createRouter(services, { chooseFolder }));

  session.defaultSession.setPermissionRequestHandler((_contents, permission, answer) => answer(permission === 'clipboard-sanitized-write'));
  protocol.handle('thaw', async (request) => {
    const { status, headers, body } = await readStatic(root, new URL(request.url).pathname);
    return new Response(new Uint8Array(body), { status, headers });
  });
  ipcMain.on('rpc:port', ({ ports, senderFrame }) => {
    const [port] = ports;
    if (!port || !senderFrame?.url.startsWith(home)) return;
    handler.upgrade(port);
    port.start();
  });

  let closed = false;
  app.on('before-quit', (event) => {
    if (closed) return;
    // Quitting waits until every project is closed and every trainer is gone.
    event.preventDefault();
    void services.close().finally(() => {
      closed = true;
      app.quit();
    });
  });
  app.on('window-all-closed', () => app.quit());
  let window = createWindow((await addressNamed(process.argv, process.cwd())) ?? home);
  app.on('activate', () => {
    if (window.isDestroyed()) window = createWindow(home);
  });
  app.on('second-instance', async (_event, argv, cwd) => {
    if (window.isMinimized()) window.restore();
    window.focus();
    const address = await addressNamed(argv, cwd);
    if (address !== null) void window.loadURL(address);
  });
}

if (app.requestSingleInstanceLock()) void main();
else app.quit();
