/** Findings that stay, and what they block. */
import * as z from 'zod';
import { Finding, Verification } from '../../contract/case.ts';
import { VidimusError } from '../../contract/errors.ts';
import type { Edit, Session } from '../audit/edit.ts';
import type { ReadableDb } from '../database/handle.ts';
import { newId, utc } from '../ids.ts';
import { indexFinding } from './search.ts';

/** Writes a finding within an entry of the audit log. */
export function insertFinding(session: Session, edit: Edit, fields: Omit<Finding, 'id' | 'utc'>): Finding {
  const row = Finding.parse({ ...fields, id: newId(), utc: utc(session.now()) });
  edit.insert('finding', row);
  indexFinding(session.db, row);
  return row;
}

/** All findings, or those of one exhibit. */
export const listFindings = (db: ReadableDb, exhibit?: string): Finding[] =>
  exhibit === undefined
    ? db.all(Finding, 'SELECT * FROM finding ORDER BY id')
    : db.all(Finding, 'SELECT * FROM finding WHERE exhibit = ? ORDER BY id', exhibit);

/** Findings that keep opinions and reports on these exhibits from being signed. */
export const signingBlocks = (db: ReadableDb, exhibits: readonly string[]): Finding[] =>
  exhibits.flatMap((exhibit) =>
    db.all(Finding, "SELECT * FROM finding WHERE exhibit = ? AND effect = 'blocks-signing' ORDER BY id", exhibit),
  );

const Last = z.strictObject({ outcome: Verification.shape.outcome, detail: z.string().nullable() });

/**
 * A mismatch blocks for good; bytes that were missing or unreadable block until a later check matches.
 * @throws VidimusError case.signing-blocked, naming the first reason.
 */
export function assertSignable(db: ReadableDb, exhibits: readonly string[]): void {
  const [first, ...more] = signingBlocks(db, exhibits);
  for (const exhibit of first ? [] : exhibits) {
    const last = db.one(
      Last,
      'SELECT outcome, detail FROM verification WHERE exhibit = ? ORDER BY id DESC LIMIT 1',
      exhibit,
    );
    if (last && last.outcome !== 'match')
      throw new VidimusError(
        'case.signing-blocked',
        `Nothing can be signed on this exhibit: its bytes could not be verified. ${last.detail ?? ''}`.trim(),
      );
  }
  if (!first) return;
  const others = more.length > 0 ? ` (and ${more.length} more)` : '';
  throw new VidimusError('case.signing-blocked', `Nothing can be signed on this exhibit: ${first.message}${others}`);
}
