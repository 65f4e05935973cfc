/** Documents of a case that others read: the audit log, the answer of a verification, the manifest of a portable case. */
import * as z from 'zod';
import { RecordId, Utc } from './case.ts';
import { Sha256 } from './words.ts';

/** Who did it: an examiner of the case, or an account of the system where nobody was named. */
export const Actor = z.strictObject({ id: RecordId.nullable(), name: z.string().min(1).max(500) });
export type Actor = z.infer<typeof Actor>;

/** A record as an audit entry names it; `hash` is null where the record was taken out. */
export const AuditObject = z.strictObject({ table: z.string(), id: z.string(), hash: Sha256 });

/**
 * One entry of the audit log. Its RFC 8785 bytes are stored as they were hashed; `previous` is the SHA-256 of the
 * bytes before it (64 zeros for the first). `clockBackMs` is there when the clock stood behind the entry before.
 */
export const AuditEntry = z.strictObject({
  v: z.literal(1),
  case: RecordId,
  seq: z.int().positive(),
  utc: Utc,
  actor: Actor,
  action: z.string().min(1).max(100),
  objects: z.array(AuditObject),
  detail: z.record(z.string(), z.json()),
  previous: Sha256,
  clockBackMs: z.int().positive().optional(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

/** One thing wrong with a chain or a record. `seq` is null where no single entry is at fault. */
export const ChainProblem = z.strictObject({
  kind: z.enum(['edited', 'removed', 'inserted', 'reordered', 'record-changed', 'record-unknown', 'record-missing']),
  seq: z.int().nullable(),
  message: z.string(),
});
export type ChainProblem = z.infer<typeof ChainProblem>;

/** The answer of `case verify`. `sound` is true exactly when nothing is wrong; `notices` do not make it false. */
export const CaseVerification = z.strictObject({
  sound: z.boolean(),
  entries: z.int().nonnegative(),
  head: Sha256.nullable(),
  chain: z.array(ChainProblem),
  database: z.array(z.string()),
  evidence: z.array(
    z.strictObject({
      exhibit: RecordId,
      itemNumber: z.string(),
      name: z.string(),
      outcome: z.enum(['match', 'mismatch', 'missing', 'unreadable', 'not-checked']),
      detail: z.string().nullable(),
    }),
  ),
  artifacts: z.array(z.string()),
  timestamps: z.array(z.strictObject({ seq: z.int(), utc: z.string(), tsa: z.string(), state: z.string() })),
  notices: z.array(z.string()),
});
export type CaseVerification = z.infer<typeof CaseVerification>;

/** What stands beside the database so that a case can be recognised before its pass phrase is known. */
export const CaseCard = z.strictObject({
  format: z.literal('vidimus/case/1'),
  id: RecordId,
  encrypted: z.boolean(),
  /** Tells a wrong pass phrase from a damaged file: a scrypt digest (RFC 7914) of the pass phrase. */
  check: z.strictObject({ salt: z.string(), n: z.int(), r: z.int(), p: z.int(), digest: z.string() }).nullable(),
});
export type CaseCard = z.infer<typeof CaseCard>;

/** The manifest of a portable case: every file with its length and hash, and where it came from. */
export const PortableManifest = z.strictObject({
  format: z.literal('vidimus/portable-case/1'),
  case: RecordId,
  number: z.string(),
  part: z.strictObject({ tags: z.array(z.string()), exhibits: z.int() }).nullable(),
  createdUtc: Utc,
  createdBy: z.string(),
  purpose: z.string(),
  sourceSeq: z.int().positive(),
  sourceHead: Sha256,
  files: z.array(z.strictObject({ path: z.string(), bytes: z.int().nonnegative(), sha256: Sha256 })),
  evidenceLeftOut: z.array(z.strictObject({ exhibit: RecordId, itemNumber: z.string(), reason: z.string() })),
});
export type PortableManifest = z.infer<typeof PortableManifest>;

/** What an import brought in. */
export const MergeReport = z.strictObject({
  merge: RecordId,
  sourceCase: RecordId,
  added: z.int().nonnegative(),
  updated: z.int().nonnegative(),
  known: z.int().nonnegative(),
  conflicts: z.int().nonnegative(),
  evidence: z.int().nonnegative(),
  auditEntries: z.int().nonnegative(),
});
export type MergeReport = z.infer<typeof MergeReport>;

/** An exhibit of another case with the same bytes. */
export const Duplicate = z.strictObject({
  sha256: Sha256,
  caseNumber: z.string(),
  caseFolder: z.string(),
  exhibit: RecordId,
  itemNumber: z.string(),
  name: z.string(),
});
export type Duplicate = z.infer<typeof Duplicate>;
