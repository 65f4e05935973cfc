/** Making a report of a case: evidence verified, model gathered, pages set, signed where a key is given, issued. */
import { basename, join, resolve } from 'node:path';
import { verifyChain, verifyRecords } from '../../casework/audit/verify.ts';
import { caseRecord, type ReadableCase, type WritableCase } from '../../casework/case.ts';
import { verifyExhibit } from '../../casework/evidence/verify.ts';
import { assertSignable } from '../../casework/records/findings.ts';
import { issueReport } from '../../casework/records/opinions.ts';
import { findExaminer } from '../../casework/records/people.ts';
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';
import type { MadeReport } from '../../contract/report.ts';
import type { ReportTemplate } from '../../contract/reportTemplate.ts';
import { renderHtml } from '../../reporting/html/html.ts';
import { canonicalBytes, sha256Of } from '../../reporting/json/canonical.ts';
import { renderPdf } from '../../reporting/pdf/pdf.ts';
import { custodyTable, findingsTable, seriesRows, seriesTable } from '../../reporting/tables/tables.ts';
import { compose } from '../../reporting/templates/compose.ts';
import type { Workbench } from '../workbench.ts';
import { findFonts } from './fonts.ts';
import { chosenExhibits, type GatherOptions, gather } from './gather.ts';
import { assertFree, assertReplaceable, type Output, prepareOutputs } from './outputs.ts';

/** Turns the finished pages into signed ones. */
export type Signer = (pdf: Uint8Array) => Promise<Uint8Array>;

export interface ReportOptions {
  readonly out: string;
  readonly html?: string | null;
  readonly json?: string | null;
  /** Folder for findings.csv, series.csv and custody.csv. */
  readonly tables?: string | null;
  readonly template: ReportTemplate;
  /** Item numbers, ids or SHA-256 of the exhibits; all where null. */
  readonly exhibits?: readonly string[] | null;
  readonly userFolder: string;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: (step: 'verify' | 'gather', done: number, total: number) => void;
}

type Source = Pick<ReadableCase, 'folder' | 'db'>;

/**
 * The same pages with a mark across them: unsigned, nothing recorded, evidence as it was last verified. It may replace
 * an earlier preview, never anything else.
 * @throws VidimusError as {@link makeReport}, without those of signing.
 */
export async function previewReport(
  source: Source,
  workbench: Pick<Workbench, 'call'>,
  options: ReportOptions & {
    /** Name or id of the examiner who looks, or null and the account of the system. */
    readonly examiner: string | null;
    readonly account: string;
    readonly now?: Date;
  },
): Promise<MadeReport> {
  await assertReplaceable(options.out);
  assertFree(pathsOf(options).filter((path) => path !== options.out));
  const { examiner, account, now = new Date() } = options;
  const who = examiner === null ? null : findExaminer(source.db, examiner);
  const by = { preparedBy: who?.name ?? `account ${account}`, reader: who?.id ?? null, now, state: 'preview' } as const;
  const { outputs, made } = await produce(source, workbench, options, by);
  const prepared = await prepareOutputs(outputs);
  await prepared.commit();
  return made;
}

/**
 * The report itself. Before anything is made, every exhibit is verified and the audit log examined; afterwards the
 * report is recorded as issued and its files get their names.
 *
 * @throws VidimusError case.rule (the case is closed), case.signing-blocked (evidence changed or missing), case.chain, case.damaged,
 *   integrity.mismatch (a stored picture), usage.invalid (a file is there already), output.failed, cancelled
 */
export async function makeReport(
  target: WritableCase,
  workbench: Pick<Workbench, 'call'>,
  options: ReportOptions,
  sign: Signer | null = null,
): Promise<MadeReport> {
  const { signal } = options;
  if (caseRecord(target.db).state === 'closed')
    throw new VidimusError('case.rule', 'The case is closed; reopen it first. Previews can be made meanwhile.');
  assertFree(pathsOf(options));
  const exhibits = chosenExhibits(target.db, options.exhibits ?? null);
  const ids = exhibits.map(({ id }) => id);
  for (const [i, exhibit] of exhibits.entries()) {
    throwIfCancelled(signal);
    await verifyExhibit(target, exhibit, 'before-export', { signal });
    options.onStep?.('verify', i + 1, exhibits.length);
  }
  assertSignable(target.db, ids);
  assertSoundLog(target);
  const by = { preparedBy: target.actor.name, reader: target.actor.id, now: target.now(), state: 'final' } as const;
  const { outputs, made, pdf } = await produce(target, workbench, options, by);
  throwIfCancelled(signal);
  const bytes = sign === null ? pdf : await sign(pdf);
  const final = outputs.map((output) => (output.path === made.pdf ? { ...output, bytes } : output));
  const prepared = await prepareOutputs(final);
  const sha256 = sha256Of(bytes);
  try {
    // Recorded before the file has its name: a report that nobody recorded must not leave the house.
    issueReport(target, {
      format: sign === null ? 'pdf' : 'pdf, signed',
      title: options.template.title ?? options.template.name,
      fileName: basename(made.pdf),
      sha256,
      bytes: bytes.length,
      exhibits: ids,
    });
  } catch (thrown) {
    await prepared.discard();
    throw thrown;
  }
  await prepared.commit();
  return { ...made, sha256, bytes: bytes.length, signed: sign !== null };
}

function assertSoundLog({ db }: Source): void {
  const { problems, records } = verifyChain(db);
  const [first] = [...problems, ...verifyRecords(db, records)];
  if (first)
    throw new VidimusError('case.chain', `No report can be issued: the audit log does not hold. ${first.message}`);
}

const TABLES = ['findings.csv', 'series.csv', 'custody.csv'] as const;

const pathsOf = ({ out, html, json, tables }: ReportOptions): string[] => [
  out,
  ...(html ? [html] : []),
  ...(json ? [json] : []),
  ...(tables ? TABLES.map((name) => join(tables, name)) : []),
];

async function produce(
  source: Source,
  workbench: Pick<Workbench, 'call'>,
  options: ReportOptions,
  by: Pick<GatherOptions, 'preparedBy' | 'reader' | 'now' | 'state'>,
): Promise<{ readonly outputs: Output[]; readonly made: MadeReport; readonly pdf: Uint8Array }> {
  const { template, userFolder, signal, html = null, json = null, tables = null } = options;
  const fonts = await findFonts();
  const series: string[] = [];
  const { model, pictures, attachments } = await gather({
    ...by,
    folder: source.folder,
    db: source.db,
    workbench,
    template,
    fonts,
    exhibits: options.exhibits ?? null,
    userFolder,
    signal,
    onExhibit: (done, total) => options.onStep?.('gather', done, total),
    onResult: tables === null ? undefined : (exhibit, result) => series.push(...seriesRows(exhibit, result)),
  });
  const composition = compose(model);
  const pdf = await renderPdf(model, composition, { fonts, pictures, attachments });
  const out = resolve(options.out);
  const text = (path: string, content: string): Output => ({ path, bytes: Buffer.from(content, 'utf8') });
  const outputs: Output[] = [{ path: out, bytes: pdf }];
  if (html !== null) outputs.push(text(resolve(html), renderHtml(model, composition, pictures)));
  if (json !== null) outputs.push({ path: resolve(json), bytes: canonicalBytes(model) });
  const sheets = tables === null ? [] : TABLES.map((name) => resolve(tables, name));
  const contents = {
    'findings.csv': findingsTable,
    'custody.csv': custodyTable,
    'series.csv': () => seriesTable(series),
  };
  if (tables !== null) for (const name of TABLES) outputs.push(text(resolve(tables, name), contents[name](model)));
  const made: MadeReport = {
    state: model.state,
    pdf: out,
    sha256: sha256Of(pdf),
    bytes: pdf.length,
    html: html === null ? null : resolve(html),
    json: json === null ? null : resolve(json),
    tables: sheets,
    signed: false,
    auditSeq: model.audit.seq,
    auditHead: model.audit.head,
    exhibits: model.exhibits.map(({ exhibit }) => exhibit.id),
    notes: model.exhibits.flatMap(({ exhibit, problems }) => problems.map((p) => `${exhibit.itemNumber}: ${p}`)),
  };
  return { outputs, made, pdf };
}
