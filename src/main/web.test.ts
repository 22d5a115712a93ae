import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Services } from './open-services.ts';
import { startWebHost } from './web.ts';
import type { WebHost } from './web.ts';

let folder: string;
let host: WebHost;
let base: URL;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'thaw-web-'));
  const root = join(folder, 'renderer');
  await mkdir(join(root, 'assets'), { recursive: true });
  await writeFile(join(root, 'index.html'), '<!doctype html><title>Thaw</title>');
  await writeFile(join(root, 'assets/index-1a2b.js'), 'export {}');
  await writeFile(join(folder, 'secret.txt'), 'not for the page');
  host = await startWebHost({ services: {} as Services, port: 0, root });
  base = new URL(host.url);
});

afterAll(async () => {
  await host.close();
  await rm(folder, { recursive: true });
});

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A plain request: unlike fetch it sends the path, Host and Origin as given. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: base.port, path, headers, method }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    });
    request.on('error', reject).end();
  });
}

async function cookie(): Promise<string> {
  const { headers } = await get(`${base.pathname}${base.search}`);
  return headers['set-cookie']![0]!.split(';')[0]!;
}

/** 'open' or the status of the refusal. */
function socket(headers: Record<string, string>, path = '/rpc'): Promise<string | number> {
  return new Promise((resolve) => {
    const client = new WebSocket(`ws://127.0.0.1:${base.port}${path}`, { headers });
    client.on('open', () => {
      client.close();
      resolve('open');
    });
    client.on('unexpected-response', (_request, response) => resolve(response.statusCode!));
    client.on('error', () => {});
  });
}

describe('the web host', () => {
  it('prints an address on this machine with a token of 32 random bytes', async () => {
    expect(base.hostname).toBe('127.0.0.1');
    expect(base.searchParams.get('token')).toMatch(/^[\w-]{43}$/);
    const other = await startWebHost({ services: {} as Services, port: 0, root: join(folder, 'renderer') });
    expect(new URL(other.url).searchParams.get('token')).not.toBe(base.searchParams.get('token'));
    await other.close();
  });

  it('says so when the port is taken', async () => {
    await expect(startWebHost({ services: {} as Services, port: Number(base.port), root: join(folder, 'renderer') })).rejects.toMatchObject(
      { code: 'unavailable' },
    );
  });

  it('serves the page for the token and sets a cookie no script and no other site can use', async () => {
    const { status, headers, body } = await get(`/${base.search}`);
    expect(status).toBe(200);
    expect(body).toContain('<title>Thaw');
    expect(headers['set-cookie']![0]).toMatch(new RegExp(`^thaw-${base.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/$`));
  });

  it('refuses a page or an asset without the cookie, and a wrong token', async () => {
    for (const path of [
      '/',
      '/?token=wrong',
      `/?token=${'a'.repeat(43)}`,
      '/assets/index-1a2b.js',
      `/assets/index-1a2b.js${base.search}`,
    ]) {
      const { status, headers } = await get(path);
      expect([path, status]).toEqual([path, 401]);
      expect(headers['set-cookie']).toBeUndefined();
    }
  });

  it('serves page and assets with the cookie, typed and with security headers', async () => {
    const page = await get('/', { cookie: await cookie() });
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toContain("default-src 'self'; script-src 'self';");
    expect(page.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    const script = await get('/assets/index-1a2b.js', { cookie: `other=1; ${await cookie()}` });
    expect([script.status, script.headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
    expect(await get('/', { cookie: await cookie() }, 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  it('answers 404 for an unknown path and 405 for anything but reading', async () => {
    expect((await get('/nothing', { cookie: await cookie() })).status).toBe(404);
    expect((await get(`/nothing${base.search}`)).status).toBe(404);
    expect((await get('/', { cookie: await cookie() }, 'POST')).status).toBe(405);
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..%5csecret.txt',
    '//etc/passwd',
    '/%00',
    '/%',
  ])('gives no file outside its folder: %s', async (path) => {
    const { status, body } = await get(path, { cookie: await cookie() });
    expect(body).not.toContain('not for the page');
    expect([200, 404]).toContain(status);
    if (status === 200) expect(body).toContain('<title>Thaw');
  });

  it('refuses a foreign Host and a foreign Origin', async () => {
    expect((await get('/', { cookie: await cookie(), host: 'evil.example' })).status).toBe(403);
    expect((await get(`/${base.search}`, { host: `evil.example:${base.port}` })).status).toBe(403);
    expect((await get('/', { cookie: await cookie(), origin: 'http://evil.example' })).status).toBe(403);
    expect((await get('/', { cookie: await cookie(), origin: base.origin })).status).toBe(200);
  });

  it('opens the WebSocket to its own page with the cookie, to nobody else', async () => {
    const own = { cookie: await cookie(), origin: base.origin };
    expect(await socket(own)).toBe('open');
    expect(await socket({ origin: base.origin })).toBe(401);
    expect(await socket({ origin: base.origin, cookie: `thaw-${base.port}=${'a'.repeat(43)}` })).toBe(401);
    expect(await socket({ cookie: own.cookie })).toBe(403);
    expect(await socket({ ...own, origin: 'http://evil.example' })).toBe(403);
    expect(await socket({ ...own, host: 'evil.example' })).toBe(403);
    expect(await socket(own, '/other')).toBe(404);
    expect(await socket({ origin: base.origin }, `/rpc${base.search}`)).toBe(401);
  });
});
