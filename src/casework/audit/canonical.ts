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

/** The RFC 8785 form of an object whose members are in that form already; keys in the order of their code units. */
export const canonicalObject = (members: Readonly<Record<string, string>>): string =>
  `{${Object.entries(members)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, text]) => `${JSON.stringify(key)}:${text}`)
    .join(',')}}`;

/**
 * The RFC 8785 form of many numbers in one go: ECMAScript writes numbers as the standard wants them (3.2.2.3). Null
 * where one of them has no JSON form.
 */
export const canonicalNumbers = (values: readonly (number | null)[]): string | null =>
  values.every((value) => value === null || Number.isFinite(value)) ? JSON.stringify(values) : null;

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
