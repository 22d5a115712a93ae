/** `npm start`: builds what is out of date and opens the app, in a window where Electron can run and in the browser where it cannot. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const inRoot = (path: string) => join(root, path);

/** Newest change below `folder`, ms since the epoch. */
function newest(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(...files.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}

function isBuilt(): boolean {
  const built = inRoot('out/renderer/index.html');
  if (!existsSync(built)) return false;
  const sources = [
    newest(inRoot('src')),
    ...['electron.vite.config.ts', 'package-lock.json'].map((file) => statSync(inRoot(file)).mtimeMs),
  ];
  return Math.max(...sources) < statSync(built).mtimeMs;
}

function build(): void {
  const { status } = spawnSync(
    process.execPath,
    [inRoot('node_modules/electron-vite/bin/electron-vite.js'), 'build', '--logLevel', 'error'],
    {
      cwd: root,
      stdio: 'inherit',
    },
  );
  if (status !== 0) process.exit(status ?? 1);
}

function electronBinary(): string | null {
  const pathFile = inRoot('node_modules/electron/path.txt');
  if (!existsSync(pathFile)) return null;
  const binary = inRoot(join('node_modules/electron/dist', readFileSync(pathFile, 'utf8').trim()));
  return existsSync(binary) ? binary : null;
}

/** Electron comes without its binary; its own script fetches it, once. */
function fetchElectron(): string | null {
  console.log('Fetching Electron (once)…');
  spawnSync(process.execPath, [inRoot('node_modules/electron/install.js')], { stdio: 'ignore', timeout: 300_000 });
  return electronBinary();
}

function hasDisplay(): boolean {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
}

/** Runs `command` with the terminal's Ctrl-C going to it; resolves to its exit code. */
function run(command: string, args: string[]): Promise<number> {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
  const forward = (signal: NodeJS.Signals) => void child.kill(signal);
  process.on('SIGTERM', forward);
  process.on('SIGINT', () => {});
  return new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('exit', (code) => resolve(code ?? 0));
  });
}

/** Why no window can be opened, or null once it was open and closed again. */
async function openWindow(args: string[]): Promise<string | null> {
  if (!hasDisplay()) return 'There is no display';
  const binary = electronBinary() ?? fetchElectron();
  if (!binary) return "Electron's binary is not here and cannot be fetched";
  const code = await run(binary, [root, ...args]);
  return code === 0 ? null : `Electron ended with code ${code}`;
}

if (!isBuilt()) build();
const args = process.argv.slice(2);
const reason = await openWindow(args);
if (reason) {
  console.log(`${reason}: Thaw runs in the browser instead.`);
  process.exitCode = await run(process.execPath, [inRoot('out/main/cli.js'), 'serve', ...args]);
}
