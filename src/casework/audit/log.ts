/**
 * The audit log: a hash chain over RFC 8785 bytes, written in the transaction of the change it records. A local chain
 * shows tampering only to somebody who holds an outside anchor (a printed head, a time stamp, an export).
 */
import * as z from 'zod';
import { type Actor, AuditEntry } from '../../contract/caseFiles.ts';
import type { ReadableDb, WritableDb } from '../database/handle.ts';
import { newId, utc } from '../ids.ts';
import { canonical, rowHash, sha256Of } from './canonical.ts';

/** What the first entry names as its predecessor. */
export const GENESIS = '0'.repeat(64);

const HeadRow = z.strictObject({ seq: z.int(), hash: z.string(), entry: z.string() });

export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

/** The last entry, or null for an empty log. */
export const chainHead = (db: ReadableDb): ChainHead | null => {
  const row = db.one(HeadRow, 'SELECT seq, hash, entry FROM audit ORDER BY seq DESC LIMIT 1');
  return row && { seq: row.seq, hash: row.hash };
};

export type AuditObject = AuditEntry['objects'][number];
export type Detail = AuditEntry['detail'];

/** Appends an entry; the caller's transaction makes it and the change one. A clock behind the last entry is recorded. */
export function appendAudit(
  db: WritableDb,
  entry: {
    readonly caseId: string;
    readonly actor: Actor;
    readonly action: string;
    readonly objects: readonly AuditObject[];
    readonly detail: Detail;
    readonly now: Date;
  },
): ChainHead {
  const last = db.one(HeadRow, 'SELECT seq, hash, entry FROM audit ORDER BY seq DESC LIMIT 1');
  const lastMs = last ? Date.parse(AuditEntry.parse(JSON.parse(last.entry)).utc) : 0;
  const back = lastMs - entry.now.getTime();
  const seq = (last?.seq ?? 0) + 1;
  const objects = [...entry.objects];
  if (back > CLOCK_TOLERANCE_MS) {
    const finding = {
      id: newId(),
      kind: 'clock-set-back',
      exhibit: null,
      effect: 'notice',
      message: `The clock of this computer stood ${(back / 1000).toFixed(1)} s behind the entry before (audit entry ${seq}). Times from there on may be wrong; the order of entries is not.`,
      utc: utc(entry.now),
    };
    db.run(
      'INSERT INTO finding (id, kind, exhibit, effect, message, utc) VALUES (?, ?, ?, ?, ?, ?)',
      finding.id,
      finding.kind,
      finding.exhibit,
      finding.effect,
      finding.message,
      finding.utc,
    );
    objects.push({ table: 'finding', id: finding.id, hash: rowHash('finding', finding) });
  }
  const text = canonical({
    v: 1,
    case: entry.caseId,
    seq,
    utc: utc(entry.now),
    actor: entry.actor,
    action: entry.action,
    objects,
    detail: entry.detail,
    previous: last?.hash ?? GENESIS,
    ...(back > 0 ? { clockBackMs: back } : {}),
  } satisfies AuditEntry);
  const hash = sha256Of(text);
  db.run('INSERT INTO audit (seq, entry, hash) VALUES (?, ?, ?)', seq, text, hash);
  return { seq, hash };
}

/** Clocks that a time service steps by less are not worth a finding; the entry still says it. */
const CLOCK_TOLERANCE_MS = 2_000;
