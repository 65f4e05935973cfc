/** Hashes over RFC 8785 (JSON Canonicalization Scheme) bytes. */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { VidimusError } from '../../contract/errors.ts';
import type { Row, SqlRow } from '../database/handle.ts';

/** SHA-256 in lower-case hexadecimal. */
export const sha256Of = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The RFC 8785 form of a JSON value. */
export function canonical(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new VidimusError('bug', 'A value without JSON form was to be hashed.');
  return text;
}

/**
 * Hash of a database row: the RFC 8785 form of `{ table, ...columns }`. Columns that are NULL are left out, so that a
 * later version may add columns without changing the hash of rows it did not touch; a blob stands as `sha256:` and
 * its digest.
 */
export function rowHash(table: string, row: SqlRow | Row): string {
  const plain: Record<string, string | number> = {};
  for (const [column, value] of Object.entries(row)) {
    if (value === null) continue;
    if (value instanceof Uint8Array) plain[column] = `sha256:${sha256Of(value)}`;
    else plain[column] = typeof value === 'bigint' ? Number(value) : value;
  }
  return sha256Of(canonical({ table, row: plain }));
}
