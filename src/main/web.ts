/**
 * The app in a browser: serves the built screens and the contract to this machine alone.
 *
 * Who may talk to it: a browser that came with the printed token. The token opens the page once, the page trades it for a cookie
 * that scripts cannot read and other sites cannot send, and the WebSocket wants that cookie. Host and Origin are checked as well, so
 * that neither a rebound name (DNS rebinding) nor another site's page reaches the host.
 */
import { RPCHandler } from '@orpc/server/ws';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { ThawError } from '../shared/errors.ts';
import type { Services } from './open-services.ts';
import { createRouter } from './router.ts';
import { readStatic, textResponse } from './static.ts';
import type { StaticResponse } from './static.ts';

export interface WebHostOptions {
  services: Services;
  /** 0: any free one. */
  port: number;
  /** Folder of the built screens. */
  root: string;
  /** Random unless given. */
  token?: string;
}

export interface WebHost {
  /** What to open, token included. */
  url: string;
  close(): Promise<void>;
}

/** Largest message a page may send: a data file travels in one. */
const largestMessage = 1024 ** 3;

function equal(given: string | null | undefined, expected: string): boolean {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function cookie(request: IncomingMessage, name: string): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([key]) => key === name)?.[1];
}

/** Who may do what, for a host listening on `port`. */
class Guard {
  readonly #token: string;
  readonly #hosts: string[];
  /** Cookies know no ports: two hosts on one machine must not share a name. */
  readonly #cookieName: string;

  constructor(token: string, port: number) {
    this.#token = token;
    this.#hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
    this.#cookieName = `thaw-${port}`;
  }

  /** The request names this host and, if a page sent it, comes from this host's own page. */
  fromHere({ headers }: IncomingMessage): boolean {
    const { host, origin } = headers;
    return this.#hosts.includes(host ?? '') && (origin === undefined || origin === `http://${host}`);
  }

  hasToken(url: URL): boolean {
    return equal(url.searchParams.get('token'), this.#token);
  }

  hasCookie(request: IncomingMessage): boolean {
    return equal(cookie(request, this.#cookieName), this.#token);
  }

  setCookie(): string {
    return `${this.#cookieName}=${this.#token}; HttpOnly; SameSite=Strict; Path=/`;
  }
}

async function answer(request: IncomingMessage, root: string, guard: Guard): Promise<StaticResponse> {
  if (!guard.fromHere(request)) return textResponse(403, 'This host answers its own page only.');
  if (request.method !== 'GET' && request.method !== 'HEAD') return textResponse(405, 'Only GET and HEAD.');
  const url = URL.parse(request.url ?? '/', 'http://127.0.0.1');
  if (!url) return textResponse(400, 'Not an address.');
  const response = await readStatic(root, url.pathname);
  if (response.status === 404) return response;
  if (url.pathname === '/' && guard.hasToken(url))
    return { ...response, headers: { ...response.headers, 'set-cookie': guard.setCookie() } };
  return guard.hasCookie(request) ? response : textResponse(401, 'Open the address that Thaw printed; it carries the token.');
}

function send(response: ServerResponse, { status, headers, body }: StaticResponse, withBody: boolean): void {
  response.writeHead(status, { ...headers, 'content-length': body.length });
  response.end(withBody ? body : undefined);
}

/** The status that refuses a WebSocket, `null` when it may open. Unlike a page's request it must name its origin. */
function refusal(request: IncomingMessage, guard: Guard): string | null {
  if (!guard.fromHere(request) || request.headers.origin === undefined) return '403 Forbidden';
  if (URL.parse(request.url ?? '/', 'http://127.0.0.1')?.pathname !== '/rpc') return '404 Not Found';
  return guard.hasCookie(request) ? null : '401 Unauthorized';
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Listens on this machine alone; returns the port. */
async function listen(server: Server, port: number): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  } catch (cause) {
    throw new ThawError(
      {
        code: 'unavailable',
        message: `Port ${port} cannot be used: ${(cause as Error).message}.`,
        remedy: 'Choose another port, or none for any free one.',
      },
      { cause },
    );
  }
  return (server.address() as AddressInfo).port;
}

/** Throws unavailable when the port is taken. */
export async function startWebHost({
  services,
  port,
  root,
  token = randomBytes(32).toString('base64url'),
}: WebHostOptions): Promise<WebHost> {
  const server = createServer();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: largestMessage });
  const handler = new RPCHandler(createRouter(services));
  const actual = await listen(server, port);
  const guard = new Guard(token, actual);

  server.on('request', async (request, response) => send(response, await answer(request, root, guard), request.method !== 'HEAD'));
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const status = refusal(request, guard);
    if (status) return refuse(socket, status);
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('error', () => client.terminate());
      void handler.upgrade(client);
    });
  });

  return {
    url: `http://127.0.0.1:${actual}/?token=${token}`,
    async close() {
      for (const client of sockets.clients) client.terminate();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
