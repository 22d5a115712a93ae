/** The typed way to the host: a message port in the desktop window, a WebSocket in a browser. */
import { createORPCClient, ORPCError, type ClientLink } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import type { contract } from '../../shared/contract.ts';
import type { ErrorReport } from '../../shared/errors.ts';
import { connection } from './state/connection.svelte.ts';

export type Api = ContractRouterClient<typeof contract>;

declare global {
  interface Window {
    thaw?: { pathOf: (file: File) => string };
  }
}

/** The preload leaves `window.thaw` in the desktop window. */
export const inDesktop = 'thaw' in window;

/** Where a file that a person chose lies; null in a browser, which does not say. */
export const pathOf = (file: File): string | null => window.thaw?.pathOf(file) || null;

type Link = ClientLink<Record<never, never>>;

function portLink(): Link {
  const { port1, port2 } = new MessageChannel();
  window.postMessage('rpc:port', '*', [port2]);
  port1.start();
  return new PortLink({ port: port1 });
}

function socketLink(): Link {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const socket = new WebSocket(`${scheme}://${location.host}/rpc`);
  socket.addEventListener('close', () => (connection.lost = true));
  return new SocketLink({ websocket: socket });
}

export const api: Api = createORPCClient(inDesktop ? portLink() : socketLink());

/** What a person is told of a failure. The host's own failures come with a sentence and a remedy; others are passed on as they are. */
export function toReport(error: unknown): ErrorReport {
  if (error instanceof ORPCError && error.code === 'THAW') return error.data as ErrorReport;
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}
