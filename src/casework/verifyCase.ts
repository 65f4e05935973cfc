/** The whole examination of a case: database, chain, records, evidence, artefacts, time stamps. Writes nothing. */
import type { X509Certificate } from 'node:crypto';
import * as z from 'zod';
import { Exhibit } from '../contract/case.ts';
import { AuditEntry, type CaseVerification } from '../contract/caseFiles.ts';
import { asVidimusError, throwIfCancelled } from '../contract/errors.ts';
import { sha256Of } from './audit/canonical.ts';
import { listStamps, verifyToken } from './audit/timestamp.ts';
import { verifyChain, verifyRecords } from './audit/verify.ts';
import type { ReadableDb } from './database/handle.ts';
import { artifactProblems } from './evidence/artifacts.ts';
import { type Checked, checkBytes } from './evidence/verify.ts';
import { listFindings } from './records/findings.ts';

export interface VerifyOptions {
  /** Whether the bytes of the exhibits and artefacts are read; without it only the database is looked at. */
  readonly evidence: boolean;
  readonly anchors?: readonly X509Certificate[];
  readonly signal?: AbortSignal | undefined;
  readonly onExhibit?: (done: number, total: number) => void;
  /** Called with the outcome of each exhibit that was read, for recording it afterwards. */
  readonly onChecked?: (exhibit: Exhibit, checked: Checked) => void;
}

const ForeignRow = z.strictObject({ sourceCase: z.string(), seq: z.int(), entry: z.string(), hash: z.string() });
const StampEntry = z.strictObject({ entry: z.string() });

/** Entries of other cases' logs: each must have its hash, and neighbours must be chained. */
function foreignProblems(db: ReadableDb): string[] {
  const problems: string[] = [];
  let last: z.infer<typeof ForeignRow> | null = null;
  for (const row of db.each(
    ForeignRow,
    'SELECT sourceCase, seq, entry, hash FROM foreignAudit ORDER BY sourceCase, seq',
  )) {
    const label = `Entry ${row.seq} of the merged case ${row.sourceCase}`;
    if (sha256Of(row.entry) !== row.hash) problems.push(`${label} was changed.`);
    const entry = AuditEntry.safeParse(JSON.parse(row.entry));
    const follows = last?.sourceCase === row.sourceCase && last.seq + 1 === row.seq;
    if (!entry.success) problems.push(`${label} is not an audit entry.`);
    else if (follows && entry.data.previous !== last?.hash) problems.push(`${label} does not follow the one before.`);
    last = row;
  }
  return problems;
}

/** Verifies an opened case. The caller opened it thoroughly, which ran SQLite's own integrity check. */
export async function verifyCase(
  target: { readonly folder: string; readonly db: ReadableDb },
  options: VerifyOptions,
): Promise<CaseVerification> {
  const { db, folder } = target;
  const verdict = verifyChain(db);
  const chain = [...verdict.problems, ...verifyRecords(db, verdict.records)];
  const database = foreignProblems(db);
  const evidence: CaseVerification['evidence'] = [];
  const exhibits = db.all(Exhibit, 'SELECT * FROM exhibit ORDER BY id');
  for (const exhibit of exhibits) {
    throwIfCancelled(options.signal);
    const checked = options.evidence ? await checkBytes(folder, exhibit, { signal: options.signal }) : null;
    if (checked) options.onChecked?.(exhibit, checked);
    const { outcome, detail } = checked ?? { outcome: 'not-checked' as const, detail: null };
    evidence.push({ exhibit: exhibit.id, itemNumber: exhibit.itemNumber, name: exhibit.originalName, outcome, detail });
    options.onExhibit?.(evidence.length, exhibits.length);
  }
  const artifacts = options.evidence ? await artifactProblems(folder, db) : [];
  const timestamps: CaseVerification['timestamps'] = [];
  for (const stamp of listStamps(db)) {
    const entry =
      db.one(StampEntry, 'SELECT entry FROM audit WHERE seq = ? AND hash = ?', stamp.seq, stamp.head) ??
      db.one(
        StampEntry,
        'SELECT entry FROM foreignAudit WHERE sourceCase = ? AND seq = ? AND hash = ?',
        stamp.caseId,
        stamp.seq,
        stamp.head,
      );
    let state = 'sound';
    if (!entry) {
      state = 'its entry is not in the log';
      chain.push({
        kind: 'removed',
        seq: stamp.seq,
        message: `Entry ${stamp.seq}, which a time stamp attests, is not in the log as it was.`,
      });
    } else {
      try {
        const facts = await verifyToken(stamp.token, entry.entry, options.anchors ?? []);
        state = facts.anchor
          ? `sound, signed under ${facts.anchor}`
          : 'signature sound, signer not checked against an anchor';
      } catch (thrown) {
        state = asVidimusError(thrown).message;
        database.push(`Time stamp of entry ${stamp.seq}: ${state}`);
      }
    }
    timestamps.push({ seq: stamp.seq, utc: stamp.genTimeUtc, tsa: stamp.tsa, state });
  }
  const notices = [...verdict.notices, ...listFindings(db).map((finding) => `Finding: ${finding.message}`)];
  const bytesSound = evidence.every(({ outcome }) => outcome === 'match' || outcome === 'not-checked');
  return {
    sound: chain.length === 0 && database.length === 0 && artifacts.length === 0 && bytesSound,
    entries: verdict.entries,
    head: verdict.head?.hash ?? null,
    chain,
    database,
    evidence,
    artifacts,
    timestamps,
    notices,
  };
}
