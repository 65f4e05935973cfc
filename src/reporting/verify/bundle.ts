/** Checking a bundle: the bag, its signatures, and everything in it against each other. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { throwIfCancelled } from '../../contract/errors.ts';
import { PackManifest } from '../../contract/pack.ts';
import { AnalysisResult } from '../../contract/result.ts';
import { Sha256, Sha512 } from '../../contract/words.ts';
import { CMS_SIGNATURE, ED25519_KEY, ED25519_SIGNATURE, SIGNER_CERTIFICATE, SUMS } from '../bundle/bag.ts';
import { filesIn } from '../bundle/zip.ts';
import { canonicalBytes, sha256Of } from '../json/canonical.ts';
import { checkAnchor, checkAuditLog } from './auditLog.ts';
import { readCertificates } from './chain.ts';
import { checkCms } from './cms.ts';
import { type CheckedReport, checkPdf, jsonOf } from './pdf.ts';
import type { Points } from './points.ts';
import { checkSigner, type Trust } from './signer.ts';

type Digest = 'sha256' | 'sha512';
interface Hashes {
  readonly sha256: string;
  readonly sha512: string;
  readonly bytes: number;
}

async function hashesOf(path: string, signal: AbortSignal | undefined): Promise<Hashes> {
  const sha256 = createHash('sha256');
  const sha512 = createHash('sha512');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    throwIfCancelled(signal);
    if (!(chunk instanceof Uint8Array)) continue;
    sha256.update(chunk);
    sha512.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: sha256.digest('hex'), sha512: sha512.digest('hex'), bytes };
}

/** Files that stand in no list because they come after it. */
const AFTER_SUMS = new Set([
  SUMS,
  CMS_SIGNATURE,
  ED25519_SIGNATURE,
  'tagmanifest-sha256.txt',
  'tagmanifest-sha512.txt',
]);
const AFTER_TAGS = new Set(['tagmanifest-sha256.txt', 'tagmanifest-sha512.txt']);

/** Checks an unpacked bundle. */
export async function checkBundle(
  points: Points,
  root: string,
  trust: Trust,
  signal?: AbortSignal,
): Promise<CheckedReport> {
  const present = new Map<string, Hashes>();
  for (const path of await filesIn(root)) {
    if ((await lstat(join(root, path))).isFile()) present.set(path, await hashesOf(join(root, path), signal));
    else points.bad(path, 'It is not a regular file.');
  }
  const paths = [...present.keys()];
  const payload = paths.filter((path) => path.startsWith('data/'));
  const tags = paths.filter((path) => !path.startsWith('data/') && !AFTER_TAGS.has(path));
  const rest = paths.filter((path) => !AFTER_SUMS.has(path));
  for (const digest of ['sha256', 'sha512'] as const) {
    await checkList(points, root, `manifest-${digest}.txt`, digest, payload, present);
    await checkList(points, root, `tagmanifest-${digest}.txt`, digest, tags, present);
  }
  await checkList(points, root, SUMS, 'sha256', rest, present);
  await checkBagInfo(points, root, payload, present);
  await checkSums(points, root, trust);
  return checkContents(points, root, payload, present, trust);
}

async function checkList(
  points: Points,
  root: string,
  name: string,
  digest: Digest,
  expected: readonly string[],
  present: ReadonlyMap<string, Hashes>,
): Promise<void> {
  const text = await readFile(join(root, name), 'utf8').catch(() => null);
  if (text === null) {
    points.bad(name, 'It is missing.');
    return;
  }
  const listed = new Map<string, string>();
  const form = digest === 'sha256' ? /^([0-9a-f]{64}) {2}(\S.*)$/ : /^([0-9a-f]{128}) {2}(\S.*)$/;
  const lines = text.split('\n');
  let malformed = lines.pop() !== '';
  for (const line of lines) {
    const [, hash, path] = form.exec(line) ?? [];
    if (hash === undefined || path === undefined || listed.has(path)) malformed = true;
    else listed.set(path, hash);
  }
  const faults: string[] = malformed ? ['it is malformed'] : [];
  for (const path of expected) {
    const hash = listed.get(path);
    if (hash === undefined) faults.push(`${path} is not listed`);
    else if (present.get(path)?.[digest] !== hash) faults.push(`${path} was changed`);
    listed.delete(path);
  }
  for (const path of listed.keys()) faults.push(`${path} is missing`);
  points.say(
    faults.length === 0,
    name,
    `${expected.length} files are all there and as listed.`,
    `${faults.slice(0, 20).join('; ')}${faults.length > 20 ? ` and ${faults.length - 20} more` : ''}.`,
  );
}

async function checkBagInfo(
  points: Points,
  root: string,
  payload: readonly string[],
  present: ReadonlyMap<string, Hashes>,
): Promise<void> {
  const declaration = await readFile(join(root, 'bagit.txt'), 'utf8').catch(() => '');
  points.say(
    declaration === 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n',
    'bagit.txt',
    'It is a bag by BagIt 1.0.',
    'It does not declare a bag by BagIt 1.0.',
  );
  if (present.has('fetch.txt')) points.bad('fetch.txt', 'A bundle never asks for files from elsewhere.');
  const info = await readFile(join(root, 'bag-info.txt'), 'utf8').catch(() => '');
  const total = payload.reduce((sum, path) => sum + (present.get(path)?.bytes ?? 0), 0);
  points.say(
    info.includes(`\nPayload-Oxum: ${total}.${payload.length}\n`),
    'bag-info.txt',
    `The payload has ${payload.length} files of ${total} bytes, as stated.`,
    'The payload has not the size that is stated.',
  );
}

async function checkSums(points: Points, root: string, trust: Trust): Promise<void> {
  const read = (path: string): Promise<Uint8Array> => readFile(join(root, path)).catch(() => new Uint8Array());
  const sums = await read(SUMS);
  const cms = await read(CMS_SIGNATURE);
  checkSigner(points, CMS_SIGNATURE, cms, (digest) => createHash(digest).update(sums).digest(), null, trust);
  try {
    const [printed] = readCertificates(await read(SIGNER_CERTIFICATE));
    const { signer } = checkCms(cms, (digest) => createHash(digest).update(sums).digest());
    points.say(
      printed?.raw.equals(signer.raw) === true,
      SIGNER_CERTIFICATE,
      'It is the certificate of the signature.',
      'It is another certificate than that of the signature.',
    );
  } catch {
    points.bad(SIGNER_CERTIFICATE, 'It cannot be compared with the signature.');
  }
  try {
    const pem = await read(ED25519_KEY);
    const key = createPublicKey(Buffer.from(pem));
    const good = key.asymmetricKeyType === 'ed25519' && verify(null, sums, key, await read(ED25519_SIGNATURE));
    const id = sha256Of(key.export({ type: 'spki', format: 'der' }));
    points.say(
      good,
      ED25519_SIGNATURE,
      `The workstation with the key ${id} signed the list. Compare the key with what the laboratory told you.`,
      'The Ed25519 signature does not hold.',
    );
  } catch {
    points.bad(ED25519_SIGNATURE, 'The Ed25519 signature or its key cannot be read.');
  }
}

const Listed = z.array(
  z.strictObject({
    id: z.string(),
    itemNumber: z.string(),
    originalName: z.string(),
    bytes: z.int().nonnegative(),
    sha256: Sha256,
    sha512: Sha512,
    md5: z.string(),
    path: z.string().nullable(),
  }),
);
const Head = z.strictObject({ seq: z.int(), hash: Sha256 });

async function checkContents(
  points: Points,
  root: string,
  payload: readonly string[],
  present: ReadonlyMap<string, Hashes>,
  trust: Trust,
): Promise<CheckedReport> {
  const read = (path: string): Promise<Uint8Array> => readFile(join(root, 'data', path)).catch(() => new Uint8Array());
  let report: CheckedReport = { model: null, results: [] };
  try {
    report = checkPdf(points, await read('report/report.pdf'), trust);
  } catch (thrown) {
    points.bad('data/report/report.pdf', thrown instanceof Error ? thrown.message : 'It cannot be read.');
  }
  const { model, results } = report;
  if (model === null) return report;
  points.say(
    Buffer.from(canonicalBytes(model)).equals(Buffer.from(await read('report/report.json'))),
    'data/report/report.json',
    'It says what the report says.',
    'It does not say what the signed report says.',
  );
  const log = checkAuditLog(points, await read('audit/audit.jsonl'));
  checkAnchor(points, log, model.audit);
  const head = Head.safeParse(jsonOf(await read('audit/head.json')));
  points.say(
    head.success && log.head?.hash === head.data.hash && log.head.seq === head.data.seq,
    'data/audit/head.json',
    'It is the head of the audit log.',
    'It is not the head of the audit log.',
  );
  const attested = new Set(results.map((result) => sha256Of(canonicalBytes(result))));
  for (const path of payload.filter((one) => one.startsWith('data/results/'))) {
    const result = AnalysisResult.safeParse(jsonOf(await readFile(join(root, path))));
    const known = result.success && attested.has(sha256Of(canonicalBytes(result.data)));
    points.say(known, path, 'It is a result of the report.', 'It is not a result of the report.');
  }
  const listed = Listed.safeParse(jsonOf(await read('evidence.json')));
  if (!listed.success) points.bad('data/evidence.json', 'It is not a list of exhibits.');
  for (const { exhibit } of model.exhibits) {
    const subject = `exhibit ${exhibit.itemNumber}`;
    const row = listed.success ? listed.data.find(({ id }) => id === exhibit.id) : undefined;
    if (row?.sha256 !== exhibit.sha256 || row.sha512 !== exhibit.sha512 || row.bytes !== exhibit.bytes)
      points.bad(subject, 'The list of exhibits does not give the hashes of the report.');
    else if (row.path === null)
      points.open(subject, `Its bytes are not in the bundle; its SHA-256 is ${exhibit.sha256}.`);
    else {
      const found = present.get(`data/${row.path}`);
      points.say(
        found?.sha256 === exhibit.sha256 && found.sha512 === exhibit.sha512,
        subject,
        'Its bytes are those that were examined.',
        'Its bytes are not those that were examined.',
      );
    }
  }
  await checkPacks(points, root, payload, present, model.exhibits);
  return report;
}

async function checkPacks(
  points: Points,
  root: string,
  payload: readonly string[],
  present: ReadonlyMap<string, Hashes>,
  exhibits: NonNullable<CheckedReport['model']>['exhibits'],
): Promise<void> {
  const uses = exhibits.flatMap(({ analyses }) => analyses.flatMap(({ packs }) => packs));
  const used = new Map(uses.map((pack) => [pack.sha256, pack]));
  for (const path of payload.filter((one) => one.startsWith('data/packs/'))) {
    const hash = present.get(path)?.sha256 ?? '';
    const parsed = PackManifest.safeParse(jsonOf(await readFile(join(root, path))));
    const fits = parsed.success && used.get(hash)?.id === parsed.data.id;
    points.say(fits, path, 'It is the manifest of a pack that was used.', 'No analysis of the report used this pack.');
    used.delete(hash);
  }
  // A pack may have been removed before the bundle was made; one taken out afterwards is found by the manifests.
  for (const pack of used.values())
    points.open(`pack ${pack.id}`, `Its manifest is not in the bundle; its SHA-256 is ${pack.sha256}.`);
}
