/** The built screens as responses: one place for content types and security headers, used by the web host and the Electron window. */
import { readFile } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';

export interface StaticResponse {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
};

/** No inline script and nothing from elsewhere. Styles may be inline: positions of drawn pieces are style attributes. */
export const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const securityHeaders: Record<string, string> = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

export function textResponse(status: number, text: string): StaticResponse {
  return {
    status,
    headers: { ...securityHeaders, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
    body: Buffer.from(`${text}\n`),
  };
}

/** The file of `root` a URL's path names, `null` for one outside it or one that cannot be a path. */
export function fileFor(root: string, pathname: string): string | null {
  let path: string;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  if (path.includes('\0') || path.includes('\\')) return null;
  const file = resolve(join(root, path === '/' ? 'index.html' : path));
  return file.startsWith(resolve(root) + sep) ? file : null;
}

/** Answers a path from `root`; 404 for what is not there. Built assets carry a hash in their name and may be kept; the page may not. */
export async function readStatic(root: string, pathname: string): Promise<StaticResponse> {
  const file = fileFor(root, pathname);
  const body = file && (await readFile(file).catch(() => null));
  if (!file || !body) return textResponse(404, 'Not found');
  const cache = pathname.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-store';
  const type = contentTypes[extname(file)] ?? 'application/octet-stream';
  return { status: 200, headers: { ...securityHeaders, 'content-type': type, 'cache-control': cache }, body };
}
