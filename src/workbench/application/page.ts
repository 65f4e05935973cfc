/** The built renderer as a host serves it: its own files and nothing else, under a strict policy. */
import { randomBytes } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { extname, isAbsolute, join, relative } from 'node:path';

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

/** Content Security Policy: nothing but our own files, every directive named. `evidence` is where exhibits come from. */
export const contentSecurityPolicy = (nonce: string, evidence: 'evidence:' | "'self'"): string =>
  [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    `img-src 'self' data: blob:${evidence === "'self'" ? '' : ` ${evidence}`}`,
    `media-src blob: ${evidence}`,
    "font-src 'self'",
    `connect-src 'self'${evidence === "'self'" ? '' : ` ${evidence}`}`,
    "worker-src 'self' blob:",
    "object-src 'none'",
    "frame-src 'none'",
    "child-src 'none'",
    "manifest-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

export interface PageFile {
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

/** A file of the renderer with its headers and, in pages, a fresh nonce; null for whatever lies outside its folder. */
export async function pageFile(
  folder: string,
  pathname: string,
  evidence: 'evidence:' | "'self'",
): Promise<PageFile | null> {
  let name: string;
  try {
    name = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  const path = await realpath(join(folder, name === '/' ? 'index.html' : name)).catch(() => null);
  if (path === null) return null;
  const inside = relative(await realpath(folder), path);
  const type = TYPES[extname(path)];
  if (inside.startsWith('..') || isAbsolute(inside) || type === undefined) return null;
  const nonce = randomBytes(16).toString('base64');
  const bytes = await readFile(path);
  return {
    body: extname(path) === '.html' ? bytes.toString('utf8').replaceAll('__NONCE__', nonce) : new Uint8Array(bytes),
    headers: {
      'Content-Type': type,
      'Content-Security-Policy': contentSecurityPolicy(nonce, evidence),
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    },
  };
}
