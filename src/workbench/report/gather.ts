/** From the records of a case to the report model, its pictures and its attached files. Writes nothing. */

import packageJson from '../../../package.json' with { type: 'json' };
import { chainHead } from '../../casework/audit/log.ts';
import { listStamps } from '../../casework/audit/timestamp.ts';
import { caseRecord } from '../../casework/case.ts';
import type { ReadableDb } from '../../casework/database/handle.ts';
import { listVerifications } from '../../casework/evidence/verify.ts';
import { listAnalyses, readResult } from '../../casework/records/analyses.ts';
import { findExhibit, listCustody, listExhibits } from '../../casework/records/exhibits.ts';
import { listFindings } from '../../casework/records/findings.ts';
import { listBookmarks } from '../../casework/records/marks.ts';
import { listPropositions, opinionsFor } from '../../casework/records/opinions.ts';
import { listExaminers } from '../../casework/records/people.ts';
import type { Exhibit } from '../../contract/case.ts';
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';
import {
  MODEL_ATTACHMENT,
  type ReportAttachment,
  type ReportExhibit,
  type ReportModel,
} from '../../contract/report.ts';
import type { ReportTemplate } from '../../contract/reportTemplate.ts';
import type { AnalysisResult } from '../../contract/result.ts';
import { ENFSI_SCALE, type VerbalScale } from '../../contract/verbalScale.ts';
import { canonicalBytes } from '../../reporting/json/canonical.ts';
import { reportAnalysis } from '../../reporting/model/analysis.ts';
import { momentOf } from '../../reporting/model/moment.ts';
import { distinctFonts, type FontFiles } from '../../reporting/pdf/text/fonts.ts';
import { latestValidation } from '../validate/validate.ts';
import type { Workbench } from '../workbench.ts';
import { type FigureContext, figuresOf } from './figures.ts';

export interface GatherOptions {
  readonly folder: string;
  readonly db: ReadableDb;
  readonly workbench: Pick<Workbench, 'call'>;
  readonly template: ReportTemplate;
  readonly fonts: FontFiles;
  readonly state: ReportModel['state'];
  /** Item numbers, ids or hashes; all exhibits of the case where null. */
  readonly exhibits: readonly string[] | null;
  readonly preparedBy: string;
  /** Examiner for whom the report is made: decides which opinions may be seen. */
  readonly reader: string | null;
  readonly now: Date;
  readonly userFolder: string;
  readonly signal?: AbortSignal | undefined;
  readonly onExhibit?: ((done: number, total: number) => void) | undefined;
  /** Called with every result, for the tables. */
  readonly onResult?: ((exhibit: Exhibit, result: AnalysisResult) => void) | undefined;
}

export interface Gathered {
  readonly model: ReportModel;
  readonly pictures: ReadonlyMap<string, Uint8Array>;
  readonly attachments: readonly ReportAttachment[];
}

/** The exhibits a report is about, in the order of intake. @throws VidimusError case.unknown, case.rule for none. */
export function chosenExhibits(db: ReadableDb, keys: readonly string[] | null): Exhibit[] {
  const chosen = keys === null ? null : new Set(keys.map((key) => findExhibit(db, key).id));
  const exhibits: Exhibit[] = [];
  for (let after = ''; ; ) {
    const page = listExhibits(db, { after, limit: 500 });
    exhibits.push(...page.filter(({ id }) => chosen?.has(id) ?? true));
    const last = page.at(-1);
    if (!last) break;
    after = last.id;
  }
  if (exhibits.length === 0) throw new VidimusError('case.rule', 'There is no exhibit to report on.');
  return exhibits;
}

/** Builds the model. @throws VidimusError case.damaged, integrity.mismatch, record.invalid, cancelled. */
export async function gather(options: GatherOptions): Promise<Gathered> {
  const { db, template, signal } = options;
  const exhibits = chosenExhibits(db, options.exhibits);
  const pictures = new Map<string, Uint8Array>();
  const attachments: ReportAttachment[] = [];
  const scales = new Map<string, VerbalScale>();
  const context: FigureContext = { folder: options.folder, workbench: options.workbench, signal, pictures };
  const reported: ReportExhibit[] = [];
  for (const [i, exhibit] of exhibits.entries()) {
    throwIfCancelled(signal);
    reported.push(await exhibitOf(exhibit, i + 1, options, context, attachments, scales));
    options.onExhibit?.(i + 1, exhibits.length);
  }
  const head = chainHead(db);
  if (!head) throw new VidimusError('case.chain', 'The audit log is empty.');
  const zone = template.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const model: ReportModel = {
    schema: 'vidimus/report/1',
    state: options.state,
    prepared: momentOf(options.now.toISOString(), zone),
    preparedBy: options.preparedBy,
    program: { name: 'Vidimus', version: packageJson.version },
    template,
    case: caseRecord(db),
    examiners: listExaminers(db).map(({ certificatePem: _, ...examiner }) => examiner),
    exhibits: reported,
    findings: listFindings(db).filter(({ exhibit }) => exhibit === null),
    scales: scales.size === 0 ? [ENFSI_SCALE] : [...scales.values()],
    validation: await latestValidation(options.userFolder),
    audit: {
      seq: head.seq,
      head: head.hash,
      stamps: listStamps(db).map(({ seq, head: of, genTimeUtc, tsa }) => ({ seq, head: of, genTimeUtc, tsa })),
    },
    fonts: distinctFonts(options.fonts).map(({ name, sha256 }) => ({ name, sha256 })),
  };
  const own: ReportAttachment = {
    name: MODEL_ATTACHMENT,
    mime: 'application/json',
    description: 'Everything this report says, as data (vidimus/report/1)',
    relationship: 'Source',
    bytes: canonicalBytes(model),
  };
  return { model, pictures, attachments: [own, ...attachments] };
}

async function exhibitOf(
  exhibit: Exhibit,
  number: number,
  options: GatherOptions,
  context: FigureContext,
  attachments: ReportAttachment[],
  scales: Map<string, VerbalScale>,
): Promise<ReportExhibit> {
  const { db, template } = options;
  const bookmarks = listBookmarks(db, exhibit.id);
  const problems: string[] = [];
  const analyses: ReportExhibit['analyses'] = [];
  for (const [k, record] of listAnalyses(db, exhibit.id).entries()) {
    const result = readResult(db, record.id);
    options.onResult?.(exhibit, result);
    const attachment = `exhibit-${String(number).padStart(3, '0')}-result-${k + 1}.json`;
    attachments.push({
      name: attachment,
      mime: 'application/json',
      description: `Whole result ${record.id} (vidimus/analysis/1)`,
      relationship: 'Data',
      bytes: canonicalBytes(result),
    });
    const scale = result.run.plan.opinion?.verbalScale ?? ENFSI_SCALE;
    scales.set(scale.version, scale);
    const { figures, leftOut, problems: missing } = await figuresOf(context, exhibit, result, template.maxFigures);
    problems.push(...missing);
    analyses.push(
      reportAnalysis({ record, result, attachment, figures, figuresLeftOut: leftOut, bookmarks }, template),
    );
  }
  const propositions = listPropositions(db, exhibit.id);
  const views = propositions.map(({ id }) => opinionsFor(db, exhibit.id, id, options.reader));
  const shown = views.flatMap(({ opinions }) => opinions);
  return {
    exhibit,
    custody: listCustody(db, exhibit.id),
    verification: listVerifications(db, exhibit.id).at(-1) ?? null,
    findings: listFindings(db, exhibit.id),
    propositions,
    // A draft is nobody's opinion yet.
    opinions: options.state === 'final' ? shown.filter(({ state }) => state === 'signed') : shown,
    opinionsWithheld: views.reduce((sum, { withheld }) => sum + withheld, 0),
    bookmarks,
    analyses,
    problems,
  };
}
