/** Calls about cases, exhibits and the queue. `case` is the handle that opening a case answers. */
import * as z from 'zod';
import {
  CaseRecord,
  CustodyEvent,
  CustodyType,
  Examiner,
  Exhibit,
  ExhibitForm,
  Finding,
  RecordId,
  Verification,
} from './case.ts';
import { AuditEntry, CaseVerification, MergeReport, PortableManifest } from './caseFiles.ts';
import { AnalysisRecord, Bookmark, IssuedReport, Job, JobState, Note, Opinion, Proposition } from './caseWork.ts';
import { WireError } from './errors.ts';
import { Progress } from './result.ts';
import { FusionMethod, Label, ProviderChoice, Sha256 } from './words.ts';

/** Names an open case until it is closed; it says nothing about where the case lies. */
export const CaseHandle = z.string().regex(/^[0-9a-f]{16}$/);
export type CaseHandle = z.infer<typeof CaseHandle>;
const Text = z.string().min(1).max(10_000);
const Optional = z.string().max(10_000).nullable();
const Path = z.string().min(1).max(4096);
const Passphrase = z.string().max(1000).nullable();
const ofCase = z.strictObject({ case: CaseHandle });
const ofExhibit = z.strictObject({ case: CaseHandle, exhibit: RecordId });
const Nothing = z.strictObject({});

/** A case as lists show it. `handle` is set while it is open; `problem` says why it could not be looked into. */
export const ListedCase = z.strictObject({
  folder: z.string(),
  info: CaseRecord.nullable(),
  exhibits: z.int().nonnegative().nullable(),
  encrypted: z.boolean(),
  handle: CaseHandle.nullable(),
  problem: WireError.nullable(),
});
export type ListedCase = z.infer<typeof ListedCase>;

/** An open case. Work is done in the name of `examiner`, or of the system's account where it is null. */
export const OpenCase = z.strictObject({
  handle: CaseHandle,
  folder: z.string(),
  encrypted: z.boolean(),
  info: CaseRecord,
  exhibits: z.int().nonnegative(),
  examiner: Examiner.nullable(),
  account: z.string(),
  findings: z.array(Finding),
});
export type OpenCase = z.infer<typeof OpenCase>;

/** One row of the table of exhibits: the exhibit with the state of its work. */
export const ExhibitRow = z.strictObject({
  exhibit: Exhibit,
  tags: z.array(z.string()),
  job: JobState.nullable(),
  analysis: z
    .strictObject({ id: RecordId, label: Label, score: z.number().nullable(), log10Lr: z.number().nullable() })
    .nullable(),
  check: Verification.shape.outcome.nullable(),
  /** Whether two propositions were fixed, so that scores may be seen where they come first. */
  propositionsFixed: z.boolean(),
});
export type ExhibitRow = z.infer<typeof ExhibitRow>;

export const ExhibitSort = z.enum(['itemNumber', 'originalName', 'bytes', 'addedUtc', 'mediaType']);
export type ExhibitSort = z.infer<typeof ExhibitSort>;

/** Everything recorded about one exhibit; opinions as far as the reader may see them. */
export const ExhibitDetails = z.strictObject({
  exhibit: Exhibit,
  tags: z.array(z.string()),
  notes: z.array(Note),
  custody: z.array(CustodyEvent),
  verifications: z.array(Verification),
  bookmarks: z.array(Bookmark),
  analyses: z.array(AnalysisRecord),
  propositions: z.array(Proposition),
  opinions: z.array(Opinion),
  /** Signed opinions that exist and are hidden until the reader has signed their own. */
  hiddenOpinions: z.int().nonnegative(),
  findings: z.array(Finding),
});
export type ExhibitDetails = z.infer<typeof ExhibitDetails>;

export const CaseSearchHit = z.strictObject({
  kind: z.enum(['case', 'exhibit', 'note', 'finding']),
  ref: z.string(),
  title: z.string(),
  excerpt: z.string(),
  caseNumber: z.string(),
  folder: z.string(),
});
export type CaseSearchHit = z.infer<typeof CaseSearchHit>;

/** What an examiner may choose about an analysis; what is left out takes the default. */
export const AnalysisWishes = z.strictObject({
  frames: z.union([z.enum(['all', 'key']), z.int().positive()]).optional(),
  packs: z.array(z.string()).optional(),
  fusion: FusionMethod.optional(),
  provider: ProviderChoice.optional(),
  artifacts: z.boolean().optional(),
  stress: z.boolean().optional(),
  minFacePx: z.int().min(12).optional(),
});
export type AnalysisWishes = z.infer<typeof AnalysisWishes>;

/** A job with the exhibit it is for and, while it runs, how far it is. */
export const QueueRow = z.strictObject({
  job: Job.omit({ plan: true }),
  itemNumber: z.string(),
  originalName: z.string(),
  progress: Progress.nullable(),
});
export type QueueRow = z.infer<typeof QueueRow>;

export const QueueView = z.strictObject({
  running: z.boolean(),
  paused: z.boolean(),
  counts: z.record(JobState, z.int().nonnegative()),
  rows: z.array(QueueRow),
  /** How the last run ended, in words; null while one is under way or none was. */
  words: z.string().nullable(),
});
export type QueueView = z.infer<typeof QueueView>;

/** What a folder or files brought in; a file that could not be taken in is named with its reason. */
export const AddReport = z.strictObject({
  added: z.array(z.strictObject({ exhibit: RecordId, itemNumber: z.string(), name: z.string(), sha256: Sha256 })),
  refused: z.array(z.strictObject({ path: z.string(), error: WireError })),
});
export type AddReport = z.infer<typeof AddReport>;

const Reason = Text;
const ofJob = z.strictObject({ case: CaseHandle, job: RecordId });

export const CASE_API = {
  /** Cases of the workspace and those opened elsewhere before. */
  'cases.list': { args: Nothing, result: z.array(ListedCase) },
  'cases.search': {
    args: z.strictObject({ text: z.string().min(1).max(500), limit: z.int().positive().max(500).default(50) }),
    result: z.strictObject({ hits: z.array(CaseSearchHit), notSearched: z.array(z.string()) }),
  },
  /** Takes a case from the list of those opened elsewhere; nothing on the disk is touched. */
  'cases.forget': { args: z.strictObject({ folder: Path }), result: Nothing },
  /** `folder` null: a folder of the workspace named after the number. */
  'case.create': {
    args: z.strictObject({
      number: Text,
      agency: Optional,
      matter: Optional,
      description: Optional,
      folder: Path.nullable(),
      passphrase: Passphrase,
    }),
    result: OpenCase,
  },
  'case.open': { args: z.strictObject({ folder: Path, passphrase: Passphrase }), result: OpenCase },
  'case.close': { args: ofCase, result: Nothing },
  'case.info': { args: ofCase, result: OpenCase },
  'case.setState': {
    args: z.strictObject({ case: CaseHandle, state: z.enum(['open', 'closed']), reason: Reason }),
    result: OpenCase,
  },
  /** From now on work is done in this examiner's name; null: the account of the system. */
  'case.actAs': { args: z.strictObject({ case: CaseHandle, examiner: RecordId.nullable() }), result: OpenCase },
  'case.examiners': { args: ofCase, result: z.array(Examiner) },
  'case.addExaminer': {
    args: z.strictObject({
      case: CaseHandle,
      name: Text,
      role: Examiner.shape.role,
      qualification: Optional,
      organisation: Optional,
      certificatePem: z.string().nullable(),
    }),
    result: Examiner,
  },
  'case.exhibits': {
    args: z.strictObject({
      case: CaseHandle,
      offset: z.int().nonnegative(),
      limit: z.int().positive().max(500),
      text: z.string().max(500).default(''),
      tag: z.string().nullable().default(null),
      state: JobState.or(z.literal('none')).nullable().default(null),
      sort: ExhibitSort.default('addedUtc'),
      descending: z.boolean().default(false),
    }),
    result: z.strictObject({ total: z.int().nonnegative(), rows: z.array(ExhibitRow) }),
  },
  'case.exhibit': { args: ofExhibit, result: ExhibitDetails },
  'case.tags': { args: ofCase, result: z.array(z.strictObject({ tag: z.string(), count: z.int() })) },
  /** Folders are taken in with everything below them. Progress counts files. */
  'case.addFiles': {
    args: z.strictObject({
      case: CaseHandle,
      paths: z.array(Path).min(1).max(10_000),
      storage: z.enum(['reference', 'copy']),
      purpose: Text.default('received for examination'),
    }),
    result: AddReport,
  },
  'case.updateExhibit': {
    args: z.strictObject({ ...ofExhibit.shape, fields: ExhibitForm, reason: Reason }),
    result: Exhibit,
  },
  'case.addCustody': {
    args: z.strictObject({
      ...ofExhibit.shape,
      type: CustodyType,
      purpose: Text,
      releasedBy: Optional,
      receivedBy: Optional,
      remark: Optional,
    }),
    result: CustodyEvent,
  },
  'case.setTag': {
    args: z.strictObject({
      case: CaseHandle,
      exhibits: z.array(RecordId).min(1).max(10_000),
      tag: z.string().min(1).max(200),
      state: z.enum(['set', 'removed']),
    }),
    result: Nothing,
  },
  'case.addNote': {
    args: z.strictObject({
      case: CaseHandle,
      exhibit: RecordId.nullable(),
      text: Text,
      supersedes: RecordId.nullable().default(null),
    }),
    result: Note,
  },
  'case.addBookmark': {
    args: z.strictObject({
      ...ofExhibit.shape,
      analysis: RecordId.nullable(),
      label: Text,
      timeSeconds: z.number().nonnegative().nullable(),
      frame: z.int().nonnegative().nullable(),
    }),
    result: Bookmark,
  },
  'case.fixPropositions': {
    args: z.strictObject({ ...ofExhibit.shape, h1: Text, h2: Text }),
    result: Proposition,
  },
  'case.writeOpinion': {
    args: z.strictObject({
      ...ofExhibit.shape,
      proposition: RecordId,
      text: Text,
      limitations: Optional,
      log10Lr: z.number().nullable(),
    }),
    result: Opinion,
  },
  'case.signOpinion': { args: z.strictObject({ case: CaseHandle, opinion: RecordId }), result: Opinion },
  /** Bytes of exhibits against the hashes of their intake. Progress counts exhibits. */
  'case.verifyExhibits': {
    args: z.strictObject({ case: CaseHandle, exhibits: z.array(RecordId).min(1).max(10_000) }),
    result: z.array(Verification),
  },
  /** Database, audit log, records and, where asked for, the bytes of every exhibit. */
  'case.verify': { args: z.strictObject({ case: CaseHandle, evidence: z.boolean() }), result: CaseVerification },
  'case.backup': {
    args: z.strictObject({ case: CaseHandle, target: Path, evidence: z.boolean() }),
    result: z.strictObject({ folder: z.string(), files: z.int().nonnegative() }),
  },
  'case.exportPackage': {
    args: z.strictObject({
      case: CaseHandle,
      target: Path,
      tags: z.array(z.string()),
      evidence: z.boolean(),
      purpose: Text,
    }),
    result: PortableManifest,
  },
  'case.importPackage': { args: z.strictObject({ case: CaseHandle, path: Path }), result: MergeReport },
  'case.reports': { args: ofCase, result: z.array(IssuedReport) },
  /** Entries of the audit log, the newest first. */
  'audit.read': {
    args: z.strictObject({
      case: CaseHandle,
      offset: z.int().nonnegative(),
      limit: z.int().positive().max(500),
    }),
    result: z.strictObject({
      total: z.int().nonnegative(),
      head: Sha256.nullable(),
      rows: z.array(z.strictObject({ hash: Sha256, entry: AuditEntry })),
    }),
  },
  'queue.list': { args: ofCase, result: QueueView },
  /** `exhibits` null: all that were never examined under this plan. Starts the queue unless it is paused. */
  'queue.enqueue': {
    args: z.strictObject({
      case: CaseHandle,
      exhibits: z.array(RecordId).min(1).max(100_000).nullable(),
      wishes: AnalysisWishes,
      priority: z.int().min(-100).max(100).default(0),
      /** Why finished analyses are repeated; null: they are not. */
      again: Text.nullable().default(null),
    }),
    result: z.strictObject({ queued: z.int().nonnegative(), known: z.int().nonnegative() }),
  },
  'queue.start': { args: ofCase, result: QueueView },
  'queue.pause': { args: ofCase, result: QueueView },
  'queue.cancel': { args: z.strictObject({ ...ofJob.shape, reason: Reason }), result: QueueView },
  'queue.retry': { args: z.strictObject({ ...ofJob.shape, reason: Reason }), result: QueueView },
  'queue.priority': {
    args: z.strictObject({ ...ofJob.shape, priority: z.int().min(-100).max(100) }),
    result: QueueView,
  },
} as const;
