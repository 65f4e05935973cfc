/** Records of the work done in a case: analyses, marks, opinions, reports and the queue. */
import * as z from 'zod';
import { RecordId, Utc } from './case.ts';
import { FusionMethod, Label, MediaType, Provider, Sha256 } from './words.ts';

const Text = z.string().min(1).max(100_000);

/** A finished analysis without its bulk. `resultSha256` is over the RFC 8785 form of the whole result document. */
export const AnalysisRecord = z.strictObject({
  id: RecordId,
  exhibit: RecordId,
  planHash: Sha256,
  resultSha256: Sha256,
  mediaType: MediaType,
  label: Label,
  score: z.number().min(0).max(1).nullable(),
  log10Lr: z.number().nullable(),
  fusion: FusionMethod,
  startedUtc: Utc,
  finishedUtc: Utc,
  byExaminer: z.string(),
});
export type AnalysisRecord = z.infer<typeof AnalysisRecord>;

/** A model pack that an analysis used, with the hash of its manifest. */
export const AnalysisPack = z.strictObject({
  id: RecordId,
  analysis: RecordId,
  packId: z.string(),
  version: z.string(),
  sha256: Sha256,
  provider: Provider,
});
export type AnalysisPack = z.infer<typeof AnalysisPack>;

/** A place in an exhibit that somebody wants to find again; seconds and frame count from the start. */
export const Bookmark = z.strictObject({
  id: RecordId,
  exhibit: RecordId,
  analysis: RecordId.nullable(),
  label: Text,
  timeSeconds: z.number().nonnegative().nullable(),
  frame: z.int().nonnegative().nullable(),
  byExaminer: z.string(),
  utc: Utc,
});
export type Bookmark = z.infer<typeof Bookmark>;

/** A note. It is never rewritten: a better wording is a new note that `supersedes` the old one. */
export const Note = z.strictObject({
  id: RecordId,
  exhibit: RecordId.nullable(),
  finding: RecordId.nullable(),
  text: Text,
  supersedes: RecordId.nullable(),
  byExaminer: z.string(),
  utc: Utc,
});
export type Note = z.infer<typeof Note>;

/** A tag on an exhibit. Taking it off sets `state`; the row stays. */
export const Tagging = z.strictObject({
  id: RecordId,
  exhibit: RecordId,
  tag: z.string().min(1).max(200),
  state: z.enum(['set', 'removed']),
  byExaminer: z.string(),
  utc: Utc,
});
export type Tagging = z.infer<typeof Tagging>;

/** Two competing propositions about one exhibit, fixed for good. `analysesBefore` counts results that existed then. */
export const Proposition = z.strictObject({
  id: RecordId,
  exhibit: RecordId,
  h1: Text,
  h2: Text,
  analysesBefore: z.int().nonnegative(),
  byExaminer: z.string(),
  utc: Utc,
});
export type Proposition = z.infer<typeof Proposition>;

/** An examiner's opinion. The second examiner sees the first's only after signing their own. */
export const Opinion = z.strictObject({
  id: RecordId,
  exhibit: RecordId,
  proposition: RecordId,
  examiner: RecordId,
  place: z.enum(['first', 'second']),
  text: Text,
  limitations: z.string().max(100_000).nullable(),
  log10Lr: z.number().nullable(),
  state: z.enum(['draft', 'signed']),
  writtenUtc: Utc,
  signedUtc: Utc.nullable(),
  signature: z.string().nullable(),
});
export type Opinion = z.infer<typeof Opinion>;

/** A report that left the house, with the head of the audit log at that moment. */
export const IssuedReport = z.strictObject({
  id: RecordId,
  format: z.string().min(1).max(50),
  title: Text,
  fileName: z.string().min(1),
  sha256: Sha256,
  bytes: z.int().nonnegative(),
  exhibits: z.string(),
  chainSeq: z.int().positive(),
  chainHead: Sha256,
  byExaminer: z.string(),
  utc: Utc,
});
export type IssuedReport = z.infer<typeof IssuedReport>;

export const JobState = z.enum(['queued', 'running', 'done', 'failed', 'cancelled']);
export type JobState = z.infer<typeof JobState>;

/**
 * One exhibit waiting for, under or after analysis. `interruptions` counts how often the program ended while it ran;
 * `reason` says why it was queued again or cancelled.
 */
export const Job = z.strictObject({
  id: RecordId,
  exhibit: RecordId,
  plan: z.string(),
  planHash: Sha256,
  priority: z.int().min(-100).max(100),
  state: JobState,
  attempts: z.int().nonnegative(),
  interruptions: z.int().nonnegative(),
  reason: z.string().nullable(),
  errorCode: z.string().nullable(),
  error: z.string().nullable(),
  analysis: RecordId.nullable(),
  createdUtc: Utc,
  startedUtc: Utc.nullable(),
  finishedUtc: Utc.nullable(),
  byExaminer: z.string(),
});
export type Job = z.infer<typeof Job>;
