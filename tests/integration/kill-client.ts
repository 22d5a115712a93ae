/** A host in a process of its own and a client of its contract, over the WebSocket that a browser would use. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { WebSocket } from 'ws';
import type { contract } from '../../src/shared/contract.ts';

export type Api = ContractRouterClient<typeof contract>;

export interface KillableHost {
  api: Api;
  /** SIGKILL, and until it is gone. */
  kill(): Promise<void>;
}

async function connect(url: string): Promise<WebSocket> {
  const { origin, host } = new URL(url);
  const page = await fetch(url, { redirect: 'manual' });
  const cookie = page.headers.getSetCookie()[0].split(';')[0];
  const socket = new WebSocket(`ws://${host}/rpc`, { headers: { Cookie: cookie, Origin: origin } });
  await once(socket, 'open');
  return socket;
}

/** `home`: the host's THAW_HOME. Whoever starts one kills it. */
export async function startKillableHost(home: string): Promise<KillableHost> {
  writeFileSync(join(home, 'index.html'), '<!doctype html><title>Thaw</title>');
  const env = { ...process.env, THAW_HOME: home };
  const child: ChildProcess = fork(join(import.meta.dirname, 'kill-host.ts'), [home], { execArgv: [], env });
  const [url] = (await once(child, 'message')) as [string];
  const socket = await connect(url).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    api: createORPCClient(new RPCLink({ websocket: socket as unknown as globalThis.WebSocket })),
    async kill() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      socket.terminate();
    },
  };
}
