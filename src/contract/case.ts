/**
 * Records of a case that say what the evidence is, who held it and who worked on it. Fields follow
 * ISO/IEC 27037:2012 (chain of custody) and the laboratory's exhibit form. Absent text is null, never a guess.
 *
 * Times ending in `Utc` are RFC 3339 in UTC with milliseconds. Ids are UUIDs of version 7 (RFC 9562), so that their
 * order is the order of creation.
 */
import * as z from 'zod';
import { Md5, MediaType, Sha256, Sha512 } from './words.ts';

export const RecordId = z.uuid();
export type RecordId = z.infer<typeof RecordId>;
export const Utc = z.iso.datetime({ precision: 3 });
/** Local time with its offset, as the wall showed it. */
const LocalTime = z.iso.datetime({ offset: true });
const Text = z.string().min(1).max(10_000);
const Optional = z.string().max(10_000).nullable();

export const ExaminerRole = z.enum(['examiner', 'reviewer', 'technician', 'manager']);
export type ExaminerRole = z.infer<typeof ExaminerRole>;

/** A person who works on the case. `certificatePem` is the certificate their signatures are checked against. */
export const Examiner = z.strictObject({
  id: RecordId,
  name: Text,
  role: ExaminerRole,
  qualification: Optional,
  organisation: Optional,
  certificatePem: z.string().nullable(),
  certificateSha256: Sha256.nullable(),
  createdUtc: Utc,
});
export type Examiner = z.infer<typeof Examiner>;

/** The case itself. `kind` tells a working case from an export, which opens for reading only. */
export const CaseRecord = z.strictObject({
  id: RecordId,
  number: Text,
  agency: Optional,
  matter: Optional,
  description: Optional,
  state: z.enum(['open', 'closed']),
  kind: z.enum(['working', 'export']),
  openedUtc: Utc,
  closedUtc: Utc.nullable(),
});
export type CaseRecord = z.infer<typeof CaseRecord>;

/** What an examiner states about an exhibit; the rest is measured. */
export const ExhibitFields = z.strictObject({
  itemNumber: Text,
  description: Optional,
  maker: Optional,
  model: Optional,
  serial: Optional,
  acquisitionMethod: Optional,
  acquisitionTool: Optional,
  acquisitionToolVersion: Optional,
  writeBlocker: Optional,
  source: Optional,
  authority: Optional,
  collectedBy: Optional,
  collectedUtc: Utc.nullable(),
  collectedPlace: Optional,
  sealNumber: Optional,
  storagePlace: Optional,
});
export type ExhibitFields = z.infer<typeof ExhibitFields>;
/** The form as somebody fills it in: what is left out stays empty, or as it is. */
export const ExhibitForm = ExhibitFields.partial();
export type ExhibitForm = z.infer<typeof ExhibitForm>;

/**
 * An exhibit (evidence item). `storage` tells whether the bytes lie in the case's own store (`copy`, `path` relative
 * to it) or where they were found (`reference`, `path` absolute). SHA-256 identifies; MD5 serves old lists only.
 */
export const Exhibit = z.strictObject({
  id: RecordId,
  originCase: RecordId,
  ...ExhibitFields.shape,
  originalName: z.string().min(1),
  originalPath: z.string(),
  bytes: z.int().nonnegative(),
  mediaType: MediaType.nullable(),
  fileModifiedUtc: Utc,
  sha256: Sha256,
  sha512: Sha512,
  md5: Md5,
  storage: z.enum(['reference', 'copy']),
  path: z.string().min(1),
  addedUtc: Utc,
  addedBy: z.string(),
});
export type Exhibit = z.infer<typeof Exhibit>;

export const CustodyType = z.enum([
  'collected',
  'received',
  'accessed',
  'copied',
  'analysed',
  'exported',
  'transferred',
  'returned',
  'disposed',
]);
export type CustodyType = z.infer<typeof CustodyType>;

/** One step of custody. `matches` compares the two hashes; `not-checked` where one of them was not taken. */
export const CustodyEvent = z.strictObject({
  id: RecordId,
  exhibit: RecordId,
  type: CustodyType,
  releasedBy: Optional,
  receivedBy: Optional,
  utc: Utc,
  localTime: LocalTime,
  purpose: Text,
  hashBefore: Sha256.nullable(),
  hashAfter: Sha256.nullable(),
  matches: z.enum(['yes', 'no', 'not-checked']),
  remark: Optional,
  byExaminer: z.string(),
});
export type CustodyEvent = z.infer<typeof CustodyEvent>;

export const VerifyReason = z.enum(['intake', 'on-demand', 'schedule', 'before-analysis', 'before-export', 'import']);
export type VerifyReason = z.infer<typeof VerifyReason>;

/** One re-verification of an exhibit's bytes against the SHA-256 taken at intake. */
export const Verification = z.strictObject({
  id: RecordId,
  exhibit: RecordId,
  reason: VerifyReason,
  outcome: z.enum(['match', 'mismatch', 'missing', 'unreadable']),
  utc: Utc,
  expectedSha256: Sha256,
  foundSha256: Sha256.nullable(),
  bytes: z.int().nonnegative().nullable(),
  detail: Optional,
  byExaminer: z.string(),
});
export type Verification = z.infer<typeof Verification>;

/**
 * Something the program noticed that must outlive the moment and the closing of the case. It is never removed;
 * an examiner may explain it. One that `blocks-signing` keeps opinions and reports on its exhibit unsigned.
 */
export const Finding = z.strictObject({
  id: RecordId,
  kind: z.enum(['hash-mismatch', 'evidence-missing', 'evidence-unreadable', 'clock-set-back', 'merge-conflict']),
  exhibit: RecordId.nullable(),
  effect: z.enum(['blocks-signing', 'notice']),
  message: Text,
  utc: Utc,
});
export type Finding = z.infer<typeof Finding>;
