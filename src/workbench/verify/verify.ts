/** `vidimus verify`: finds out what a file is, checks all of it, and on demand repeats the analyses. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, readdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { asVidimusError, throwIfCancelled, VidimusError } from '../../contract/errors.ts';
import { AnalysisResult } from '../../contract/result.ts';
import type { ReplayReport, VerificationReport } from '../../contract/verification.ts';
import { unzipBag, zipBag } from '../../reporting/bundle/zip.ts';
import { canonicalBytes, sha256Of } from '../../reporting/json/canonical.ts';
import { checkAuditLog } from '../../reporting/verify/auditLog.ts';
import { checkBundle } from '../../reporting/verify/bundle.ts';
import { readCertificates } from '../../reporting/verify/chain.ts';
import { type CheckedReport, checkPdf, jsonOf } from '../../reporting/verify/pdf.ts';
import { Points } from '../../reporting/verify/points.ts';
import type { Trust } from '../../reporting/verify/signer.ts';
import { checkRecord } from '../validate/signing.ts';
import type { Workbench } from '../workbench.ts';
import { replay } from './replay.ts';

export interface VerifyFileOptions {
  /** Files with certificates that the reader trusts. */
  readonly trust: readonly string[];
  /** Files or folders with exhibits, found by their hash. */
  readonly evidence: readonly string[];
  readonly replay: boolean;
  /** Largest difference of a replayed value; null: by provider. */
  readonly tolerance: number | null;
  readonly now: Date;
  readonly signal?: AbortSignal | undefined;
}

const NONE: CheckedReport = { model: null, results: [] };

/**
 * Checks a report, bundle (folder or zip), result, validation record or exported audit log.
 * @throws VidimusError verify.unreadable, evidence.not-found, usage.invalid, cancelled.
 */
export async function verifyFile(
  path: string,
  workbench: Pick<Workbench, 'call'>,
  options: VerifyFileOptions,
): Promise<VerificationReport> {
  const place = resolve(path);
  const points = new Points();
  const roots = (await Promise.all(options.trust.map(certificatesIn))).flat();
  const trust: Trust = { roots, now: options.now };
  const own: string[] = [];
  const scratch: string[] = [];
  try {
    const { kind, checked } = await look(place, points, trust, own, scratch, options);
    const replays = await checkEvidence(points, workbench, checked, [...own, ...options.evidence], options);
    return {
      schema: 'vidimus/verification/1',
      path: place,
      kind,
      sound: points.all.every(({ state }) => state !== 'not-ok'),
      points: points.all,
      replays,
    };
  } finally {
    for (const folder of scratch) await rm(folder, { recursive: true, force: true });
  }
}

const certificatesIn = async (path: string) =>
  readCertificates(
    await readFile(path).catch((cause: unknown) => {
      throw new VidimusError('usage.invalid', `The trusted certificates ${path} cannot be read.`, { cause });
    }),
  );

interface Looked {
  readonly kind: VerificationReport['kind'];
  readonly checked: CheckedReport;
}

async function look(
  place: string,
  points: Points,
  trust: Trust,
  own: string[],
  scratch: string[],
  options: VerifyFileOptions,
): Promise<Looked> {
  const { signal } = options;
  const info = await stat(place).catch((cause: unknown) => {
    throw new VidimusError('evidence.not-found', `${place} cannot be read.`, { cause });
  });
  if (info.isDirectory()) {
    const there = await readdir(place);
    if (!there.includes('bagit.txt') && !there.includes('SHA256SUMS'))
      throw new VidimusError('verify.unreadable', `${place} is not a bundle.`);
    own.push(join(place, 'data', 'evidence'));
    return { kind: 'bundle', checked: await checkBundle(points, place, trust, signal) };
  }
  const start = await firstBytes(place);
  if (start.subarray(0, 2).toString('latin1') === 'PK') {
    const folder = await mkdtemp(join(tmpdir(), 'vidimus-verify-'));
    scratch.push(folder);
    return { kind: 'bundle', checked: await checkZip(points, place, folder, info.size, trust, own, signal) };
  }
  const bytes = await readFile(place);
  if (start.toString('latin1').startsWith('%PDF-')) {
    try {
      return { kind: 'report', checked: checkPdf(points, bytes, trust) };
    } catch (thrown) {
      // It is a PDF by its first bytes: that it cannot be read any further is a fault of it, not of the question.
      points.bad('report', asVidimusError(thrown).message);
      return { kind: 'report', checked: NONE };
    }
  }
  return text(place, bytes, points);
}

function text(place: string, bytes: Uint8Array, points: Points): Looked {
  const value = jsonOf(bytes);
  const schema = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : null;
  if (schema === 'vidimus/analysis/1') {
    const result = AnalysisResult.safeParse(value);
    if (!result.success) {
      points.bad('result', 'It is not a whole result of this version.');
      return { kind: 'result', checked: NONE };
    }
    const { plan, planHash } = result.data.run;
    points.ok('result', 'It is a whole result.');
    points.say(
      sha256Of(canonicalBytes(plan)) === planHash,
      'plan',
      'Its plan has the hash that it states.',
      'Its plan does not have the hash that it states.',
    );
    points.open(
      'result',
      'A result alone is not signed: anybody could have changed it. Check the report or bundle it belongs to.',
    );
    return { kind: 'result', checked: { model: null, results: [result.data] } };
  }
  if (typeof value === 'object' && value !== null && 'record' in value && 'signature' in value) {
    try {
      const { record, signature } = checkRecord(Buffer.from(bytes).toString('utf8'), null);
      points.ok(
        'validation record',
        `The workstation with the key ${signature.keyId} signed it on ${record.date}; it is unchanged.`,
      );
      points.open('validation record', 'Compare the key with what the laboratory told you.');
    } catch (thrown) {
      points.bad('validation record', asVidimusError(thrown).message);
    }
    return { kind: 'validation', checked: NONE };
  }
  const first = Buffer.from(bytes.subarray(0, 200)).toString('utf8');
  if (/"previous":|"actor":/.test(first) && first.startsWith('{')) {
    checkAuditLog(points, bytes);
    return { kind: 'audit-log', checked: NONE };
  }
  throw new VidimusError('verify.unreadable', `${place} is nothing that can be verified.`);
}

async function firstBytes(path: string): Promise<Buffer> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function checkZip(
  points: Points,
  place: string,
  folder: string,
  size: number,
  trust: Trust,
  own: string[],
  signal: AbortSignal | undefined,
): Promise<CheckedReport> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < 2 * size + (64 << 20))
    throw new VidimusError('output.failed', 'There is not enough room to unpack the bundle.', {
      advice: 'Free some space, or unpack it yourself and give the folder.',
    });
  try {
    const top = await unzipBag(place, join(folder, 'bag'), size, signal);
    const root = join(folder, 'bag', top);
    own.push(join(root, 'data', 'evidence'));
    const checked = await checkBundle(points, root, trust, signal);
    const again = join(folder, 'again.zip');
    await zipBag(root, again, top, signal);
    points.say(
      (await sha256File(again)) === (await sha256File(place)),
      basename(place),
      'The zip holds the bundle and nothing else.',
      'The zip holds bytes that do not belong to the bundle.',
    );
    return checked;
  } catch (thrown) {
    const error = asVidimusError(thrown);
    if (error.code !== 'integrity.mismatch') throw error;
    points.bad(basename(place), error.message);
    return NONE;
  }
}

async function sha256File(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    throwIfCancelled(signal);
    if (chunk instanceof Uint8Array) hash.update(chunk);
  }
  return hash.digest('hex');
}

/** Given files by their SHA-256. */
async function filesByHash(places: readonly string[], signal: AbortSignal | undefined): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const place of places) {
    const info = await stat(place).catch(() => null);
    if (!info) continue;
    const names = info.isDirectory()
      ? (await readdir(place, { recursive: true })).map((name) => join(place, name))
      : [place];
    for (const name of names) if ((await stat(name)).isFile()) found.set(await sha256File(name, signal), name);
  }
  return found;
}

async function checkEvidence(
  points: Points,
  workbench: Pick<Workbench, 'call'>,
  { model, results }: CheckedReport,
  places: readonly string[],
  options: VerifyFileOptions,
): Promise<ReplayReport[]> {
  const replays: ReplayReport[] = [];
  if (places.length === 0) {
    if (options.replay) points.bad('replay', 'Nothing can be repeated without the evidence (--evidence).');
    return replays;
  }
  const files = await filesByHash(places, options.signal);
  if (options.evidence.length > 0)
    for (const { exhibit } of model?.exhibits ?? [])
      points.say(
        files.has(exhibit.sha256),
        `exhibit ${exhibit.itemNumber}`,
        'The bytes given are those that were examined.',
        `No file given has its SHA-256 ${exhibit.sha256}.`,
      );
  if (!options.replay) return replays;
  if (results.length === 0) points.bad('replay', 'There is no result to repeat.');
  for (const result of results) {
    const subject = `replay of ${result.evidence.name}`;
    const file = files.get(result.evidence.sha256);
    if (file === undefined) {
      points.bad(subject, 'It cannot be repeated: its evidence was not given, or was changed.');
      continue;
    }
    try {
      const made = await replay(workbench, file, result, options.tolerance, options.signal);
      replays.push(made);
      points.say(
        made.differences.length === 0,
        subject,
        `${made.compared} values came out again within ${made.tolerance}.`,
        `${made.differences.length} of ${made.compared} values differ by more than ${made.tolerance}.`,
      );
      for (const one of made.environment) points.open(subject, one);
    } catch (thrown) {
      const error = asVidimusError(thrown);
      if (error.code === 'cancelled') throw error;
      points.bad(subject, `It could not be repeated: ${error.message}`);
    }
  }
  return replays;
}
