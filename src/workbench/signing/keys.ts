/** Keys of a laboratory in a folder: its root, and the key files of its examiners. */
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { VidimusError } from '../../contract/errors.ts';
import { type CertificateOptions, makeExaminer, makeRoot } from '../../reporting/keys/authority.ts';
import { maySign, nameOf, readUse } from '../../reporting/keys/certificate.ts';
import { type Identity, readPkcs12, writePkcs12 } from '../../reporting/keys/pkcs12.ts';
import { readCertificates } from '../../reporting/verify/chain.ts';

export type { Identity } from '../../reporting/keys/pkcs12.ts';

const ROOT_KEY = 'root.p12';
const ROOT_CERTIFICATE = 'root.crt';

/** What is shown of a certificate. */
export interface ShownKey {
  readonly path: string;
  readonly subject: string;
  readonly issuer: string;
  readonly fromUtc: string;
  readonly toUtc: string;
  readonly kind: string;
  readonly use: 'root' | 'signing' | 'other';
  readonly sha256: string;
}

/** Several new files, all or none, readable by their owner only. @throws VidimusError key.exists, output.failed. */
async function writeNew(
  files: readonly { readonly path: string; readonly bytes: string | Uint8Array }[],
): Promise<void> {
  for (const { path } of files)
    if (await stat(path).catch(() => null)) throw new VidimusError('key.exists', `${path} is there already.`);
  const waiting: string[] = [];
  const done: string[] = [];
  try {
    for (const { path, bytes } of files) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      waiting.push(`${path}.part`);
      const handle = await open(`${path}.part`, 'wx', 0o600);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await chmod(`${path}.part`, 0o600);
    }
    for (const { path } of files) {
      await rename(`${path}.part`, path);
      done.push(path);
    }
  } catch (thrown) {
    for (const path of [...waiting, ...done]) await rm(path, { force: true });
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new VidimusError('output.failed', `The keys could not be written: ${reason}`, { cause: thrown });
  }
}

/** Makes the root of a laboratory: `root.p12` under a pass phrase, and `root.crt` to hand out. */
export async function createRoot(folder: string, options: CertificateOptions, passphrase: string): Promise<ShownKey> {
  const root = makeRoot(options);
  const place = resolve(folder);
  const path = join(place, ROOT_CERTIFICATE);
  await writeNew([
    { path: join(place, ROOT_KEY), bytes: writePkcs12(root, passphrase, options.subject.name) },
    { path, bytes: root.certificate.toString() },
  ]);
  return shown(path, root);
}

/** Makes an examiner's key file under the root of `folder`. */
export async function createExaminer(
  folder: string,
  out: string,
  options: CertificateOptions,
  rootPassphrase: string,
  passphrase: string,
): Promise<ShownKey> {
  const root = await readKeyFile(join(resolve(folder), ROOT_KEY), rootPassphrase);
  const made = makeExaminer(root, options);
  const path = resolve(out);
  await writeNew([
    { path, bytes: writePkcs12(made, passphrase, options.subject.name) },
    { path: `${path.replace(/\.p12$/i, '')}.crt`, bytes: made.certificate.toString() },
  ]);
  return shown(path, made);
}

/** Reads a key file. @throws VidimusError usage.invalid, key.passphrase, key.unsupported, key.damaged. */
export async function readKeyFile(path: string, passphrase: string): Promise<Identity> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new VidimusError('usage.invalid', `The key file ${path} cannot be read.`, { cause });
  });
  return readPkcs12(bytes, passphrase);
}

const shown = (path: string, { certificate }: Pick<Identity, 'certificate'>): ShownKey => {
  const use = readUse(certificate);
  const { asymmetricKeyType: type = '', asymmetricKeyDetails: details } = certificate.publicKey;
  return {
    path,
    subject: nameOf(certificate),
    issuer: certificate.issuer.replaceAll('\n', ', '),
    fromUtc: use.from.toISOString(),
    toUtc: use.to.toISOString(),
    kind: `${type} ${details?.namedCurve ?? details?.modulusLength ?? ''}`.trim(),
    use: certificate.ca ? 'root' : maySign(use) ? 'signing' : 'other',
    sha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
};

/** The certificates of a folder. */
export async function listKeys(folder: string): Promise<ShownKey[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new VidimusError('usage.invalid', `The folder ${folder} cannot be read.`, { cause });
  });
  const found: ShownKey[] = [];
  for (const name of names.filter((one) => one.endsWith('.crt')).sort())
    found.push(...(await showCertificates(join(folder, name))));
  return found;
}

/** What a certificate file holds. */
export async function showCertificates(path: string): Promise<ShownKey[]> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new VidimusError('usage.invalid', `${path} cannot be read.`, { cause });
  });
  return readCertificates(bytes).map((certificate) => shown(path, { certificate }));
}

/** What a key file holds. */
export const showKeyFile = async (path: string, passphrase: string): Promise<ShownKey> =>
  shown(path, await readKeyFile(path, passphrase));
