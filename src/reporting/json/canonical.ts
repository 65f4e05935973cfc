/** JSON by RFC 8785 (JSON Canonicalization Scheme), in which a document has one byte form only. */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { VidimusError } from '../../contract/errors.ts';

/** The canonical bytes of a JSON value, UTF-8. Members that are undefined are left out. */
export function canonicalBytes(value: unknown): Uint8Array {
  const text = canonicalize(value);
  if (text === undefined) throw new VidimusError('bug', 'A report could not be written as JSON.');
  return Buffer.from(text, 'utf8');
}

/** SHA-256 in lower-case hexadecimal. */
export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
