/** Files for media elements: whole, or the one range that is asked for (RFC 9110, section 14). */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Shown } from './evidenceCalls.ts';

/** An answer that a host turns into its own kind of response. */
export interface FileAnswer {
  readonly status: 200 | 206 | 404 | 416;
  readonly headers: Readonly<Record<string, string>>;
  /** Opens the bytes; null where there are none to send. */
  readonly body: (() => Readable) | null;
}

/** First and last byte of a range header; null for one that cannot be met, undefined for one to be ignored. */
export function parseRange(header: string, size: number): readonly [number, number] | null | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  // Several ranges and other units may be ignored; the whole is then a correct answer.
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const [, from = '', to = ''] = match;
  if (from === '') {
    const length = Number(to);
    return length === 0 || size === 0 ? null : [Math.max(0, size - length), size - 1];
  }
  const first = Number(from);
  const last = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== '' && Number(to) < first) return undefined;
  return first >= size ? null : [first, last];
}

/** The answer to a request for a file that is shown. */
export async function fileAnswer(shown: Shown | null, range: string | null): Promise<FileAnswer> {
  const status = shown === null ? null : await stat(shown.path).catch(() => null);
  if (shown === null || !status?.isFile()) return { status: 404, headers: {}, body: null };
  const { path, mime } = shown;
  const { size } = status;
  const common = {
    'Content-Type': mime,
    'Accept-Ranges': 'bytes',
    'X-Content-Type-Options': 'nosniff',
    // Evidence is never laid down in a cache of the browser's.
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Cross-Origin-Resource-Policy': 'cross-origin',
  };
  const wanted = range === null ? undefined : parseRange(range, size);
  if (wanted === null) return { status: 416, headers: { ...common, 'Content-Range': `bytes */${size}` }, body: null };
  if (wanted === undefined) {
    const headers = { ...common, 'Content-Length': String(size) };
    return { status: 200, headers, body: () => createReadStream(path) };
  }
  const [start, end] = wanted;
  return {
    status: 206,
    headers: { ...common, 'Content-Length': String(end - start + 1), 'Content-Range': `bytes ${start}-${end}/${size}` },
    body: () => createReadStream(path, { start, end }),
  };
}
