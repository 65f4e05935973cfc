/** Re-verification: are the bytes still those of the intake? What is found wrong stays in the case. */
import { join } from 'node:path';
import { Exhibit, Verification, type VerifyReason } from '../../contract/case.ts';
import { asVidimusError } from '../../contract/errors.ts';
import { record, type Session } from '../audit/edit.ts';
import type { WritableCase } from '../case.ts';
import type { ReadableDb } from '../database/handle.ts';
import { newId, utc } from '../ids.ts';
import { insertFinding, listFindings } from '../records/findings.ts';
import { type ReadOptions, sha256File } from './hash.ts';

/** Absolute path of an exhibit's bytes. */
export const bytesOf = (folder: string, exhibit: Exhibit): string =>
  exhibit.storage === 'copy' ? join(folder, exhibit.path) : exhibit.path;

export interface Checked {
  readonly outcome: Verification['outcome'];
  readonly foundSha256: string | null;
  readonly bytes: number | null;
  readonly detail: string | null;
}

/** Reads the bytes and compares; writes nothing. @throws VidimusError cancelled. */
export async function checkBytes(folder: string, exhibit: Exhibit, options: ReadOptions = {}): Promise<Checked> {
  try {
    const { sha256, bytes } = await sha256File(bytesOf(folder, exhibit), options);
    if (sha256 === exhibit.sha256) return { outcome: 'match', foundSha256: sha256, bytes, detail: null };
    return { outcome: 'mismatch', foundSha256: sha256, bytes, detail: `found ${bytes} bytes with SHA-256 ${sha256}` };
  } catch (thrown) {
    const error = asVidimusError(thrown);
    if (error.code === 'cancelled' || error.code === 'bug') throw error;
    const outcome = error.code === 'evidence.not-found' ? 'missing' : 'unreadable';
    return { outcome, foundSha256: null, bytes: null, detail: error.message };
  }
}

const KIND = { mismatch: 'hash-mismatch', missing: 'evidence-missing', unreadable: 'evidence-unreadable' } as const;

/** Records the outcome of a check; anything but a match leaves a finding (once per exhibit and hash found). */
export function recordCheck(session: Session, exhibit: Exhibit, reason: VerifyReason, checked: Checked): Verification {
  const { db } = session;
  const row = Verification.parse({
    id: newId(),
    exhibit: exhibit.id,
    reason,
    utc: utc(session.now()),
    expectedSha256: exhibit.sha256,
    byExaminer: session.actor.name,
    ...checked,
  });
  record(session, 'evidence.verify', { item: exhibit.itemNumber, reason, outcome: row.outcome }, (edit) => {
    edit.insert('verification', row);
    if (row.outcome === 'match') return;
    const kind = KIND[row.outcome];
    const effect = row.outcome === 'mismatch' ? 'blocks-signing' : 'notice';
    const message = `Exhibit ${exhibit.itemNumber} (${exhibit.originalName}): ${messageOf(row)}`;
    const known = listFindings(db, exhibit.id).some((finding) => finding.kind === kind && finding.message === message);
    if (!known) insertFinding(session, edit, { kind, exhibit: exhibit.id, effect, message });
  });
  return row;
}

/** Records the outcomes of many checks, all or none. */
export const recordChecks = (
  session: Session,
  reason: VerifyReason,
  checks: readonly { readonly exhibit: Exhibit; readonly checked: Checked }[],
): void =>
  session.db.transaction(() => {
    for (const { exhibit, checked } of checks) recordCheck(session, exhibit, reason, checked);
  });

function messageOf(row: Verification): string {
  switch (row.outcome) {
    case 'mismatch':
      return `the bytes are not those of the intake; SHA-256 was ${row.expectedSha256} and is ${row.foundSha256}.`;
    case 'missing':
      return `the file is not where it was. ${row.detail ?? ''}`.trim();
    default:
      return `the file cannot be read. ${row.detail ?? ''}`.trim();
  }
}

/** Checks one exhibit and records the outcome. */
export async function verifyExhibit(
  target: WritableCase,
  exhibit: Exhibit,
  reason: VerifyReason,
  options: ReadOptions = {},
): Promise<Verification> {
  return recordCheck(target, exhibit, reason, await checkBytes(target.folder, exhibit, options));
}

/** Exhibits whose last check (or intake) is older than `before`; for the schedule. */
export const dueExhibits = (db: ReadableDb, before: Date, limit = 1000): Exhibit[] =>
  db.all(
    Exhibit,
    `SELECT * FROM exhibit e
     WHERE coalesce((SELECT max(v.utc) FROM verification v WHERE v.exhibit = e.id), e.addedUtc) < ? ORDER BY e.id LIMIT ?`,
    utc(before),
    limit,
  );

export const listVerifications = (db: ReadableDb, exhibit: string): Verification[] =>
  db.all(Verification, 'SELECT * FROM verification WHERE exhibit = ? ORDER BY id', exhibit);
