/** The audit log as exported, one entry per line: its chain, and whether it holds what a report names. */
import { AuditEntry } from '../../contract/caseFiles.ts';
import type { ReportModel } from '../../contract/report.ts';
import { canonicalBytes, sha256Of } from '../json/canonical.ts';
import type { Points } from './points.ts';

const SUBJECT = 'audit log';

export interface CheckedLog {
  /** Hash of each entry, by its number. */
  readonly hashes: ReadonlyMap<number, string>;
  readonly head: { readonly seq: number; readonly hash: string } | null;
}

/** Checks every line: its form, number, case and predecessor. */
export function checkAuditLog(points: Points, bytes: Uint8Array): CheckedLog {
  const text = Buffer.from(bytes).toString('utf8');
  const hashes = new Map<number, string>();
  let previous = '0'.repeat(64);
  let caseId: string | null = null;
  let head: CheckedLog['head'] = null;
  const broken = (line: number, why: string): CheckedLog => {
    points.bad(SUBJECT, `Entry ${line}: ${why}`);
    return { hashes, head };
  };
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length === 0) return broken(lines.length, 'the log is empty or cut off.');
  for (const [i, line] of lines.entries()) {
    const seq = i + 1;
    const entry = parse(line);
    if (!entry) return broken(seq, 'it is not an audit entry; it was changed.');
    if (!Buffer.from(canonicalBytes(entry)).equals(Buffer.from(line, 'utf8')))
      return broken(seq, 'it is not in its canonical form; it was changed.');
    if (entry.seq !== seq) return broken(seq, `it calls itself ${entry.seq}: entries were taken out or moved.`);
    if (entry.previous !== previous)
      return broken(seq, 'it does not follow the entry before: one of them was changed.');
    caseId ??= entry.case;
    if (entry.case !== caseId) return broken(seq, 'it belongs to another case.');
    previous = sha256Of(Buffer.from(line, 'utf8'));
    hashes.set(seq, previous);
    head = { seq, hash: previous };
  }
  points.ok(SUBJECT, `${lines.length} entries form one chain; its head is ${previous}.`);
  points.open(SUBJECT, 'Compare the head with an outside anchor, such as a printed report or a time stamp.');
  return { hashes, head };
}

function parse(line: string): AuditEntry | null {
  try {
    return AuditEntry.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

/** Whether the log holds the entry that a report printed as its head. */
export function checkAnchor(points: Points, log: CheckedLog, audit: ReportModel['audit']): void {
  points.say(
    log.hashes.get(audit.seq) === audit.head,
    SUBJECT,
    `It holds entry ${audit.seq} as the report prints it.`,
    `Entry ${audit.seq} is not the one that the report prints.`,
  );
}
