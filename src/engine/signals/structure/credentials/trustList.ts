/** The list of certificates whose signatures are trusted: a PEM file of the laboratory, named by date and hash. */
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

export interface TrustList {
  readonly pem: string;
  /** SHA-256 of the file as it is. */
  readonly sha256: string;
  /** ISO date from a line `# Date: YYYY-MM-DD`, else the day the file was last changed. */
  readonly date: string;
  readonly certificates: number;
}

export type TrustListFinding =
  | { readonly ok: true; readonly list: TrustList }
  | { readonly ok: false; readonly reason: string };

const MAX_BYTES = 8 * 1024 * 1024;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Reads a trust list; `null` for the path means that the laboratory keeps none. */
export function readTrustList(path: string | null): TrustListFinding {
  if (path === null) return { ok: false, reason: 'no trust list is set up' };
  try {
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > MAX_BYTES) return { ok: false, reason: 'the trust list is no readable file' };
    return parseTrustList(readFileSync(path), stat.mtime);
  } catch {
    return { ok: false, reason: 'the trust list cannot be read' };
  }
}

/** Parses the bytes of a trust list. One damaged certificate spoils the list: a partial list would judge silently. */
export function parseTrustList(bytes: Buffer, changed: Date): TrustListFinding {
  const text = bytes.toString('utf8');
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) return { ok: false, reason: 'the trust list holds no certificate' };
  for (const [i, pem] of certificates.entries()) {
    try {
      new X509Certificate(pem);
    } catch {
      return { ok: false, reason: `certificate ${i + 1} of the trust list is damaged` };
    }
  }
  const date = /^#\s*Date:\s*(\d{4}-\d\d-\d\d)\s*$/m.exec(text)?.[1] ?? changed.toISOString().slice(0, 10);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { ok: true, list: { pem: `${certificates.join('\n')}\n`, sha256, date, certificates: certificates.length } };
}
