/** The same bytes in other cases. */
import * as z from 'zod';
import type { Duplicate } from '../../contract/caseFiles.ts';
import type { ReadableCase } from '../case.ts';

const Hit = z.strictObject({ id: z.string(), itemNumber: z.string(), originalName: z.string(), sha256: z.string() });

/** Exhibits of `other` with one of these SHA-256 digests. */
export function duplicatesIn(other: ReadableCase, hashes: readonly string[]): Duplicate[] {
  return hashes.flatMap((sha256) =>
    other.db
      .all(Hit, 'SELECT id, itemNumber, originalName, sha256 FROM exhibit WHERE sha256 = ? ORDER BY id', sha256)
      .map((hit) => ({
        sha256,
        caseNumber: other.info.number,
        caseFolder: other.folder,
        exhibit: hit.id,
        itemNumber: hit.itemNumber,
        name: hit.originalName,
      })),
  );
}
