/** Serves the built renderer under `app://vidimus`, with a strict policy and a fresh nonce for every page load. */
import { randomBytes } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { extname, isAbsolute, join, relative } from 'node:path';
import { protocol } from 'electron';

export const APP_ORIGIN = 'app://vidimus';

const rendererFolder = join(import.meta.dirname, '../renderer');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** Content Security Policy: nothing but our own files, every directive named. */
export const contentSecurityPolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' evidence: data: blob:",
    'media-src evidence: blob:',
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "frame-src 'none'",
    "child-src 'none'",
    "manifest-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** Must run before the application is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    { scheme: 'evidence', privileges: { standard: true, secure: true, stream: true, supportFetchAPI: true } },
  ]);
}

/** Answers requests for the renderer's files; whatever lies outside its folder is not found. */
export function serveApp(): void {
  protocol.handle('app', async (request) => {
    const url = new URL(request.url);
    const notFound = new Response('not found', { status: 404 });
    if (url.host !== 'vidimus' || request.method !== 'GET') return notFound;
    const wanted = join(rendererFolder, url.pathname === '/' ? 'index.html' : decodeURIComponent(url.pathname));
    const path = await realpath(wanted).catch(() => null);
    if (path === null) return notFound;
    const inside = relative(await realpath(rendererFolder), path);
    if (inside.startsWith('..') || isAbsolute(inside)) return notFound;
    const type = TYPES[extname(path)];
    if (type === undefined) return notFound;
    const nonce = randomBytes(16).toString('base64');
    const bytes = await readFile(path);
    const body =
      extname(path) === '.html' ? bytes.toString('utf8').replaceAll('__NONCE__', nonce) : new Uint8Array(bytes);
    return new Response(body, {
      headers: {
        'Content-Type': type,
        'Content-Security-Policy': contentSecurityPolicy(nonce),
        'X-Content-Type-Options': 'nosniff',
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      },
    });
  });
}
