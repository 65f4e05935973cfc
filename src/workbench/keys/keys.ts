/** A laboratory's root and its examiners' keys as files: made once, never written over, readable by their owner alone. */
import type { X509Certificate } from 'node:crypto';
import { X509Certificate as Certificate } from 'node:crypto';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { VidimusError } from '../../contract/errors.ts';
import {
  certificatePem,
  type KeyKind,
  lockKey,
  makeExaminer,
  makeRoot,
  openKey,
  type Subject,
  toPkcs12,
} from '../../reporting/keys/makeKeys.ts';

const ROOT_CERTIFICATE = 'root.crt';
const ROOT_KEY = 'root.key';
const ROOT_YEARS = 20;
const EXAMINER_YEARS = 3;
/** Shorter ones are guessed within hours by whoever gets hold of the file. */
const SHORTEST = 8;

function checkPhrase(passphrase: string): void {
  if ([...passphrase].length < SHORTEST)
    throw new VidimusError('signing.passphrase', `The pass phrase must have at least ${SHORTEST} letters.`);
}

/** Writes new files, all or none. @throws VidimusError usage.invalid where one exists, output.failed */
async function writeNew(
  files: readonly { readonly path: string; readonly bytes: string | Uint8Array; readonly mode: number }[],
) {
  const written: string[] = [];
  try {
    for (const { path, bytes, mode } of files) {
      await mkdir(dirname(path), { recursive: true });
      const handle = await open(path, 'wx', mode);
      written.push(path);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
    }
  } catch (cause) {
    for (const path of written) await rm(path, { force: true });
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')
      throw new VidimusError(
        'usage.invalid',
        `${'path' in cause ? String(cause.path) : 'The file'} exists already; keys are never written over.`,
        { cause },
      );
    throw new VidimusError('output.failed', 'The keys could not be written.', { cause });
  }
}

/** What a command says of a certificate. */
export interface CertificateFacts {
  readonly path: string;
  readonly subject: string;
  readonly issuer: string;
  readonly validFrom: string;
  readonly validTo: string;
  readonly sha256: string;
}

const factsOf = (path: string, certificate: X509Certificate): CertificateFacts => ({
  path,
  subject: certificate.subject.replaceAll('\n', ', '),
  issuer: certificate.issuer.replaceAll('\n', ', '),
  validFrom: new Date(certificate.validFrom).toISOString(),
  validTo: new Date(certificate.validTo).toISOString(),
  sha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
});

/** Makes root.crt and root.key (encrypted) in `folder`. @throws VidimusError signing.passphrase, usage.invalid, output.failed */
export async function createRoot(
  folder: string,
  subject: Subject,
  kind: KeyKind,
  passphrase: string,
  now = new Date(),
): Promise<CertificateFacts> {
  checkPhrase(passphrase);
  const root = makeRoot(subject, kind, now, ROOT_YEARS);
  const path = resolve(folder, ROOT_CERTIFICATE);
  const pem = certificatePem(root.certificate);
  await writeNew([
    { path: resolve(folder, ROOT_KEY), bytes: lockKey(root.key, passphrase), mode: 0o600 },
    { path, bytes: pem, mode: 0o644 },
  ]);
  return factsOf(path, new Certificate(pem));
}

/**
 * Makes an examiner's PKCS#12 at `out` and the certificate beside it, signed by the root in `folder`.
 * @throws VidimusError signing.passphrase, signing.key, usage.invalid, output.failed
 */
export async function createExaminer(
  folder: string,
  out: string,
  subject: Subject,
  kind: KeyKind,
  phrases: { readonly root: string; readonly examiner: string },
  now = new Date(),
): Promise<CertificateFacts> {
  checkPhrase(phrases.examiner);
  const [pem, locked] = await Promise.all([
    readFile(join(folder, ROOT_CERTIFICATE), 'utf8'),
    readFile(join(folder, ROOT_KEY), 'utf8'),
  ]).catch((cause: unknown) => {
    throw new VidimusError('signing.key', `There is no root in ${folder}.`, {
      advice: 'Make one with "vidimus keys root".',
      cause,
    });
  });
  let root: { certificate: Uint8Array; key: ReturnType<typeof openKey> };
  try {
    root = { certificate: new Certificate(pem).raw, key: openKey(locked, phrases.root) };
  } catch (cause) {
    throw new VidimusError('signing.passphrase', 'The pass phrase does not open the key of the root.', { cause });
  }
  const issued = makeExaminer(root, subject, kind, now, EXAMINER_YEARS);
  const path = resolve(out);
  const own = certificatePem(issued.certificate);
  await writeNew([
    { path, bytes: await toPkcs12(issued, [root.certificate], phrases.examiner), mode: 0o600 },
    { path: `${path.replace(/\.p12$/i, '')}.crt`, bytes: own, mode: 0o644 },
  ]);
  return factsOf(path, new Certificate(own));
}

/** What stands in a certificate file (PEM or DER). @throws VidimusError signing.key */
export async function showCertificate(path: string): Promise<CertificateFacts> {
  try {
    return factsOf(resolve(path), new Certificate(await readFile(path)));
  } catch (cause) {
    throw new VidimusError('signing.key', `${path} is no certificate.`, { cause });
  }
}
