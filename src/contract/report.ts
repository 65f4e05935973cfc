/**
 * The report model, `vidimus/report/1`: everything a report says, before it is set in pages. PDF, HTML and JSON are
 * made from the same model, and its RFC 8785 form is attached to the PDF. Values come from the stored records of the
 * case; nothing is computed anew.
 */
import * as z from 'zod';
import { CaseRecord, CustodyEvent, Examiner, Exhibit, Finding, RecordId, Utc, Verification } from './case.ts';
import { AnalysisRecord, Bookmark, Opinion as ExaminerOpinion, Proposition } from './caseWork.ts';
import { ReportTemplate } from './reportTemplate.ts';
import { Anomaly, Box, Evidence, NotAssessed, Observation, Opinion, PackUse, Plan, Run, Series } from './result.ts';
import { StressReport } from './stress.ts';
import { ValidationCitation } from './validation.ts';
import { VerbalScale } from './verbalScale.ts';
import { MediaType, Parameters, Sha256 } from './words.ts';

/** An instant as printed: UTC, and the same instant on the laboratory's wall with its offset. */
export const Moment = z.strictObject({ utc: Utc, local: z.string(), zone: z.string() });
export type Moment = z.infer<typeof Moment>;

/** A face to be drawn on a picture; the box is in pixels of the upright exhibit. */
export const FaceBox = z.strictObject({ track: z.int().nonnegative(), box: Box });
export type FaceBox = z.infer<typeof FaceBox>;

/**
 * A picture of the report. `sha256` names the bytes that are printed; where they were made smaller for print,
 * `original` names what they were made from. Sizes are pixels. `frame` is the source frame number, where there is one.
 */
export const ReportFigure = z.strictObject({
  kind: z.enum(['exhibit', 'faces', 'heat-map', 'spectrogram', 'plot', 'crop']),
  title: z.string(),
  detector: z.string().nullable(),
  sha256: Sha256,
  mime: z.enum(['image/png', 'image/jpeg']),
  width: z.int().positive(),
  height: z.int().positive(),
  original: z.strictObject({ sha256: Sha256, width: z.int().positive(), height: z.int().positive() }).nullable(),
  frame: z.int().nonnegative().nullable(),
  seconds: z.number().nullable(),
  faces: z.array(FaceBox),
  parameters: Parameters,
});
export type ReportFigure = z.infer<typeof ReportFigure>;

/**
 * A stored series as it is drawn. Where it has more points than print can show, `points` keeps the lowest and highest
 * of each stretch; `stored` is the number of points in the result, which holds them all.
 */
export const ReportChart = z.strictObject({
  title: z.string(),
  ...Series.shape,
  stored: z.int().nonnegative(),
  threshold: z.number().nullable(),
});
export type ReportChart = z.infer<typeof ReportChart>;

/** One span on the time line of an exhibit, in seconds from its start. */
export const TimelineSpan = z.strictObject({
  lane: z.string(),
  track: z.int().nonnegative().nullable(),
  label: z.string(),
  from: z.number(),
  to: z.number(),
  severity: z.enum(['low', 'medium', 'high']).nullable(),
});
export type TimelineSpan = z.infer<typeof TimelineSpan>;

export const Timeline = z.strictObject({ duration: z.number().positive(), spans: z.array(TimelineSpan) });
export type Timeline = z.infer<typeof Timeline>;

/** One analysis of an exhibit. `attachment` is the name of the whole result document inside the PDF. */
export const ReportAnalysis = z.strictObject({
  record: AnalysisRecord,
  mediaType: MediaType,
  attachment: z.string(),
  evidence: Evidence,
  opinion: Opinion,
  observations: z.array(Observation),
  anomalies: z.array(Anomaly),
  notAssessed: z.array(NotAssessed),
  stress: StressReport.nullable(),
  plan: Plan,
  packs: z.array(PackUse),
  versions: Run.shape.versions,
  decode: Parameters,
  tracks: z.int().nonnegative(),
  figures: z.array(ReportFigure),
  figuresLeftOut: z.int().nonnegative(),
  charts: z.array(ReportChart),
  chartsLeftOut: z.int().nonnegative(),
  timeline: Timeline.nullable(),
});
export type ReportAnalysis = z.infer<typeof ReportAnalysis>;

export const ReportExhibit = z.strictObject({
  exhibit: Exhibit,
  custody: z.array(CustodyEvent),
  /** The last re-verification of the bytes; null where there was none since intake. */
  verification: Verification.nullable(),
  findings: z.array(Finding),
  propositions: z.array(Proposition),
  opinions: z.array(ExaminerOpinion),
  /** Opinions that exist and are not shown, because the second examiner has not signed yet. */
  opinionsWithheld: z.int().nonnegative(),
  bookmarks: z.array(Bookmark),
  analyses: z.array(ReportAnalysis),
  /** Files about this exhibit that could not be shown, each as a sentence. */
  problems: z.array(z.string()),
});
export type ReportExhibit = z.infer<typeof ReportExhibit>;

/** A time stamp over an entry of the audit log. */
export const ReportStamp = z.strictObject({ seq: z.int(), head: Sha256, genTimeUtc: z.string(), tsa: z.string() });

export const ReportModel = z.strictObject({
  schema: z.literal('vidimus/report/1'),
  state: z.enum(['final', 'preview']),
  prepared: Moment,
  preparedBy: z.string(),
  program: z.strictObject({ name: z.string(), version: z.string() }),
  template: ReportTemplate,
  case: CaseRecord,
  examiners: z.array(Examiner.omit({ certificatePem: true })),
  exhibits: z.array(ReportExhibit),
  /** Findings of the case as a whole. */
  findings: z.array(Finding),
  /** Every scale that an opinion of the report used; the one in force where there is none. */
  scales: z.array(VerbalScale),
  /** Null: the methods have no validation record on this workstation, and the report says so. */
  validation: ValidationCitation.nullable(),
  audit: z.strictObject({ seq: z.int().positive(), head: Sha256, stamps: z.array(ReportStamp) }),
  /** Fonts the pages are set in, for whoever wants the same bytes. */
  fonts: z.array(z.strictObject({ name: z.string(), sha256: Sha256 })),
});
export type ReportModel = z.infer<typeof ReportModel>;

/** A file inside the PDF. */
export interface ReportAttachment {
  readonly name: string;
  readonly mime: string;
  readonly description: string;
  readonly relationship: 'Data' | 'Source' | 'Supplement';
  readonly bytes: Uint8Array;
}

/** Name of the canonical report model inside the PDF. */
export const MODEL_ATTACHMENT = 'report.json';

/** What the making of a report gave. Paths are absolute; null where that form was not asked for. */
export const MadeReport = z.strictObject({
  state: z.enum(['final', 'preview']),
  pdf: z.string(),
  sha256: Sha256,
  bytes: z.int().positive(),
  html: z.string().nullable(),
  json: z.string().nullable(),
  tables: z.array(z.string()),
  signed: z.boolean(),
  auditSeq: z.int().positive(),
  auditHead: Sha256,
  exhibits: z.array(RecordId),
  notes: z.array(z.string()),
});
export type MadeReport = z.infer<typeof MadeReport>;
