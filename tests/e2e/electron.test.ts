/** The built Electron main process over a stand-in for `electron`: what the window may do, the port, the contract, and quitting. */
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Api } from '../../src/shared/client.ts';
import { runConfigurationSchema } from '../../src/shared/domain.ts';
import { pathTo } from '../../src/shared/routes.ts';
import { childrenOf } from '../integration/thaw.ts';
import type { Command, Told } from './electron-double.ts';

const root = join(import.meta.dirname, '../..');
const page = 'thaw://app/';
let home: string;
let main: ChildProcess;
let told: Told[];

/** The page's end of the message port, as far as the client needs one. */
class PagePort extends EventEmitter {
  postMessage(data: unknown): void {
    say({ do: 'call', data });
  }
}
let port: PagePort;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'thaw-double-'));
  told = [];
  port = new PagePort();
});
afterEach(async () => {
  if (main.exitCode === null && main.signalCode === null) {
    const gone = once(main, 'exit');
    main.kill('SIGKILL');
    await gone;
  }
  rmSync(home, { recursive: true });
});

function start(environment: Record<string, string> = {}, ...args: string[]): void {
  main = fork(join(root, 'out/main/index.js'), args, {
    execArgv: ['--import', join(import.meta.dirname, 'electron-double.ts')],
    env: { ...process.env, THAW_HOME: home, ...environment },
    serialization: 'advanced',
  });
  main.on('message', (message: Told) => {
    told.push(message);
    if (message.told === 'data') port.emit('message', { data: message.data });
    if (message.told === 'answered') port.emit('answered', message.answer);
  });
}

function say(command: Command): void {
  main.send(command);
}

async function ask(command: Command): Promise<unknown> {
  const answer = once(port, 'answered');
  say(command);
  return (await answer)[0];
}

function heard<T extends Told['told']>(kind: T): Promise<Extract<Told, { told: T }>> {
  const find = () => told.find((message): message is Extract<Told, { told: T }> => message.told === kind);
  return expect
    .poll(find, { timeout: 20_000 })
    .toBeDefined()
    .then(() => find() as Extract<Told, { told: T }>);
}

/** The contract over the handed-over port. */
async function connect(): Promise<Api> {
  await heard('loaded');
  expect(await ask({ do: 'hand over a port', url: page })).toBe(true);
  return createORPCClient(new RPCLink({ port }));
}

it('leaves at once when another instance has the lock', async () => {
  start({ DOUBLE_LOCK: 'taken' });
  expect(await once(main, 'exit')).toEqual([0, null]);
  expect(told.map((message) => message.told)).toEqual(['privileged schemes']);
});

it('opens a sandboxed window on its own scheme, from which nothing leads away', async () => {
  start();
  const { options } = await heard('window');
  expect(options.webPreferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false });
  expect(existsSync(options.webPreferences.preload as string)).toBe(true);
  expect((await heard('loaded')).url).toBe(page);

  expect(await ask({ do: 'navigate' })).toBe(true);
  expect(await ask({ do: 'attach a webview' })).toBe(true);
  expect(await ask({ do: 'open a window', url: 'https://example.org/' })).toEqual({ action: 'deny', opened: ['https://example.org/'] });
  expect(await ask({ do: 'open a window', url: 'file:///etc/passwd' })).toEqual({ action: 'deny', opened: [] });
  expect(await ask({ do: 'ask permission', permission: 'clipboard-sanitized-write' })).toBe(true);
  expect(await ask({ do: 'ask permission', permission: 'media' })).toBe(false);
});

it('begins with the project that it was told to, and makes it', async () => {
  const folder = join(home, 'new one');
  start({}, '--project', folder);
  expect((await heard('loaded')).url).toBe(`${page}${pathTo(folder)}`);
  expect(existsSync(join(folder, 'project.db'))).toBe(true);
});

it('serves the built screens with their policy, and nothing outside them', async () => {
  start();
  await heard('loaded');
  expect(await ask({ do: 'fetch', url: page })).toMatchObject({
    status: 200,
    policy: expect.stringContaining("default-src 'self'"),
    text: expect.stringContaining('id="app"'),
  });
  expect(await ask({ do: 'fetch', url: `${page}%2e%2e/main/index.js` })).toMatchObject({ status: 404 });
});

it('takes a port from its own page alone, and answers the contract over it', async () => {
  start();
  await heard('loaded');
  expect(await ask({ do: 'hand over a port', url: 'https://example.org/' })).toBe(false);
  const api = await connect();
  expect((await api.projects.samples()).length).toBeGreaterThan(0);
  await expect(api.projects.open({ folder: join(home, 'nowhere') })).rejects.toMatchObject({
    code: 'THAW',
    data: { code: 'unknown_project' },
  });
});

it('asks for a folder in the system’s dialog', async () => {
  start({ DOUBLE_FOLDER: home });
  expect(await (await connect()).projects.chooseFolder()).toEqual({ folder: home });
});

it('quits once its project is given back and its trainer is gone', async () => {
  start();
  const api = await connect();
  const { folder } = await api.projects.createFromSample({ sample: 'sentiment' });
  const configuration = runConfigurationSchema.parse({
    base: join(root, 'tests/fixtures/models/bert'),
    maxLength: 64,
    epochs: 1000,
    threads: 1,
  });
  const { run } = await api.runs.start({ folder, name: 'x', configuration });
  for await (const event of await api.runs.watch({ folder, run })) if (event.type === 'step') break;
  expect(existsSync(join(folder, 'owner.json'))).toBe(true);
  const { pid } = main;
  expect(childrenOf(pid as number)).toHaveLength(1);

  say({ do: 'quit' });
  expect(await once(main, 'exit')).toEqual([0, null]);
  expect(existsSync(join(folder, 'owner.json'))).toBe(false);
  expect(childrenOf(pid as number)).toEqual([]);
});
