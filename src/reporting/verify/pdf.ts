/** Checking a signed report: every signature, what each covers, and the files attached to it. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { MODEL_ATTACHMENT, ReportModel } from '../../contract/report.ts';
import { AnalysisResult } from '../../contract/result.ts';
import { canonicalBytes, sha256Of } from '../json/canonical.ts';
import { PdfFile } from '../sign/pdf/file.ts';
import { catalogOf, type PdfSignature, signaturesOf } from '../sign/pdf/signatures.ts';
import { PdfError, type PdfValue, textOf } from '../sign/pdf/values.ts';
import { changesSince } from './changes.ts';
import type { Points } from './points.ts';
import { checkSigner, type Trust } from './signer.ts';

export interface CheckedReport {
  /** The model inside; null where there is none that can be read. */
  readonly model: ReportModel | null;
  readonly results: readonly AnalysisResult[];
}

/** Checks a PDF. @throws VidimusError signature.document for a file that is no readable PDF. */
export function checkPdf(points: Points, bytes: Uint8Array, trust: Trust): CheckedReport {
  const file = new PdfFile(bytes);
  try {
    checkSignatures(points, file, trust);
  } catch (thrown) {
    // Whatever a damaged or hostile file makes the reader stumble over is a point against it.
    points.bad('signatures', `The signatures cannot be read: ${thrown instanceof Error ? thrown.message : ''}.`);
  }
  try {
    return checkAttachments(points, file);
  } catch (thrown) {
    points.bad('attached files', `They cannot be read: ${thrown instanceof Error ? thrown.message : ''}.`);
    return { model: null, results: [] };
  }
}

function checkSignatures(points: Points, file: PdfFile, trust: Trust): void {
  const signatures = signaturesOf(file);
  const last = signatures.at(-1);
  if (!last) {
    points.bad('signatures', 'The file is not signed.');
    return;
  }
  for (const signature of signatures) {
    const subject = `signature "${signature.field}"`;
    if (signature.subFilter !== 'ETSI.CAdES.detached')
      points.bad(subject, `It is of another kind than reports carry (${signature.subFilter || 'none'}).`);
    if (!signature.tidy) points.bad(subject, 'The room kept for the signature holds something else as well.');
    const digestOf = (digest: string): Uint8Array =>
      createHash(digest)
        .update(file.bytes.subarray(0, signature.gapFrom))
        .update(file.bytes.subarray(signature.gapTo, signature.to))
        .digest();
    checkSigner(points, subject, signature.contents, digestOf, pdfTime(signature.claimedTime), trust);
    checkCoverage(points, subject, file, signature);
  }
}

function checkCoverage(points: Points, subject: string, file: PdfFile, signature: PdfSignature): void {
  const rest = file.bytes.length - signature.to;
  if (rest === 0) {
    points.ok(subject, 'It covers the whole file.');
    return;
  }
  const revision = file.revisions.findIndex(({ end }) => end === signature.to);
  if (revision < 0) {
    points.bad(subject, `It covers ${signature.to} bytes, which is neither the whole file nor a whole revision of it.`);
    return;
  }
  const later = signaturesOf(file).filter(({ to }) => to > signature.to);
  const changes = changesSince(file, revision + 1);
  for (const change of changes) points.bad(subject, `After it: ${change}`);
  const covering = later.at(-1);
  if (covering?.to !== file.bytes.length)
    points.bad(
      subject,
      `${file.bytes.length - (covering?.to ?? signature.to)} bytes at the end are not covered by any signature.`,
    );
  else if (changes.length === 0)
    points.ok(
      subject,
      `It covers the whole report as it was then; afterwards only ${later.map((one) => `"${one.field}"`).join(', ')} was added.`,
    );
}

/** A date of a PDF (ISO 32000-1, 7.9.4) in UTC, as our reports write it. */
function pdfTime(text: string | null): Date | null {
  const parts = /^D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z|\+00'00'?)$/.exec(text ?? '');
  if (!parts) return null;
  const [, year, month, day, hour, minute, second] = parts;
  const found = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(found.getTime()) ? null : found;
}

/** Embedded files by name. @throws PdfError. */
function attachmentsOf(file: PdfFile): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  const names = catalogOf(file).entries.get('Names');
  const tree = names ? file.dict(names).entries.get('EmbeddedFiles') : undefined;
  const walk = (value: PdfValue, depth: number): void => {
    if (depth > 16) throw new PdfError('their list is nested too deep');
    const node = file.dict(value);
    for (const kid of file.items(node.entries.get('Kids'))) walk(kid, depth + 1);
    const pairs = file.items(node.entries.get('Names'));
    for (let i = 0; i + 1 < pairs.length; i += 2) {
      const stream = file.dict(file.dict(pairs[i + 1]).entries.get('EF')).entries.get('F');
      found.set(textOf(pairs[i]), file.streamBytes(stream));
    }
  };
  if (tree) walk(tree, 0);
  return found;
}

function checkAttachments(points: Points, file: PdfFile): CheckedReport {
  const attached = attachmentsOf(file);
  const text = attached.get(MODEL_ATTACHMENT);
  if (!text) {
    points.bad('attached files', 'The report does not carry its own contents as data (report.json).');
    return { model: null, results: [] };
  }
  const parsed = ReportModel.safeParse(jsonOf(text));
  if (!parsed.success) {
    points.bad(MODEL_ATTACHMENT, 'The contents inside are not those of a report of this version.');
    return { model: null, results: [] };
  }
  const model = parsed.data;
  points.say(
    model.state === 'final',
    MODEL_ATTACHMENT,
    `Report on case ${model.case.number}, audit log at entry ${model.audit.seq}, head ${model.audit.head}.`,
    'This is a preview, not a report.',
  );
  const results: AnalysisResult[] = [];
  for (const { exhibit, analyses } of model.exhibits)
    for (const { attachment, record } of analyses) {
      const subject = `result of exhibit ${exhibit.itemNumber}`;
      const bytes = attached.get(attachment);
      const result = AnalysisResult.safeParse(bytes && jsonOf(bytes));
      if (!result.success) points.bad(subject, `${attachment} is missing or not a result.`);
      else {
        const same = sha256Of(canonicalBytes(result.data)) === record.resultSha256;
        points.say(
          same,
          subject,
          'It is the result that the report names.',
          'It is not the result that the report names.',
        );
        points.say(
          result.data.evidence.sha256 === exhibit.sha256,
          subject,
          'It was computed from the bytes of this exhibit.',
          'It was computed from other bytes than those of this exhibit.',
        );
        if (same) results.push(result.data);
      }
    }
  return { model, results };
}

/** The JSON value in bytes; undefined where there is none. */
export function jsonOf(bytes: Uint8Array): unknown {
  try {
    return z.json().parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return undefined;
  }
}
