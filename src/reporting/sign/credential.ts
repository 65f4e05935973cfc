/** The key and certificates a signature is made with, read from PKCS#12 (RFC 7292). */
import { createPrivateKey, type KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import * as pkijs from 'pkijs';
import { VidimusError } from '../../contract/errors.ts';
import { keyUsageOf } from './certificates.ts';

const CERT_BAG = '1.2.840.113549.1.12.10.1.3';
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const KEY_BAG = '1.2.840.113549.1.12.10.1.1';

pkijs.setEngine('node', new pkijs.CryptoEngine({ name: 'node', crypto: webcrypto }));

/** A signer: certificate, its private key, and the certificates between it and its root. */
export interface Credential {
  readonly key: KeyObject;
  readonly certificate: X509Certificate;
  readonly chain: readonly X509Certificate[];
}

/** A copy in an ArrayBuffer of its own, as pkijs wants it. */
export const bytesOf = (data: Uint8Array): ArrayBuffer => new Uint8Array(data).buffer;

/**
 * Reads a PKCS#12 file.
 * @throws VidimusError signing.passphrase (wrong pass phrase), signing.key (no key that signs, damaged file or an
 *   encryption that this program does not read)
 */
export async function readCredential(file: Uint8Array, passphrase: string): Promise<Credential> {
  const password = bytesOf(Buffer.from(passphrase, 'utf8'));
  let pfx: pkijs.PFX;
  try {
    pfx = pkijs.PFX.fromBER(bytesOf(file));
  } catch (cause) {
    throw new VidimusError('signing.key', 'The key file is no PKCS#12 file.', { cause });
  }
  try {
    await pfx.parseInternalValues({ password, checkIntegrity: true });
  } catch (cause) {
    throw new VidimusError('signing.passphrase', 'The pass phrase does not open the key file.', { cause });
  }
  const certificates: X509Certificate[] = [];
  const keys: KeyObject[] = [];
  try {
    const safe = pfx.parsedValue?.authenticatedSafe;
    if (safe === undefined) throw new Error('the file has no contents');
    const contents = safe.safeContents.map(() => ({ password }));
    await safe.parseInternalValues({ safeContents: contents });
    const values: unknown = safe.parsedValue.safeContents;
    for (const bag of bagsOf(values)) {
      const value: unknown = bag.bagValue;
      if (bag.bagId === CERT_BAG && value instanceof pkijs.CertBag) {
        const parsed: unknown = value.parsedValue;
        if (parsed instanceof pkijs.Certificate)
          certificates.push(new X509Certificate(Buffer.from(parsed.toSchema(true).toBER())));
      } else if (bag.bagId === SHROUDED_KEY_BAG && value instanceof pkijs.PKCS8ShroudedKeyBag) {
        const key = Buffer.from(value.toSchema().toBER());
        keys.push(createPrivateKey({ key, format: 'der', type: 'pkcs8', passphrase }));
      } else if (bag.bagId === KEY_BAG && value instanceof pkijs.PrivateKeyInfo) keys.push(keyOf(value));
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new VidimusError('signing.key', `The key file cannot be read: ${why}.`, {
      advice: 'Files of old programs (RC2, 3DES) are converted with "openssl pkcs12 -legacy", then exported again.',
      cause,
    });
  }
  for (const key of keys) {
    const certificate = certificates.find((one) => one.checkPrivateKey(key));
    if (certificate !== undefined)
      return { key, certificate, chain: certificates.filter((one) => one !== certificate) };
  }
  throw new VidimusError('signing.key', 'The key file holds no private key with its certificate.');
}

const keyOf = (info: pkijs.PrivateKeyInfo): KeyObject =>
  createPrivateKey({ key: Buffer.from(info.toSchema().toBER()), format: 'der', type: 'pkcs8' });

function* bagsOf(values: unknown): Generator<pkijs.SafeBag> {
  if (!Array.isArray(values)) return;
  const list: readonly unknown[] = values;
  for (const one of list) {
    if (typeof one !== 'object' || one === null || !('value' in one)) continue;
    if (one.value instanceof pkijs.SafeContents) yield* one.value.safeBags;
  }
}

/**
 * Whether a report may be signed with this at `time`.
 * @throws VidimusError signing.certificate (not yet valid, expired, not meant for signatures), signing.key (no RSA or EC key)
 */
export function assertMaySign({ certificate, key }: Credential, time: Date): void {
  const refuse = (why: string): never => {
    throw new VidimusError('signing.certificate', `The certificate of ${subjectOf(certificate)} ${why}.`);
  };
  if (time < new Date(certificate.validFrom)) refuse(`is not valid before ${certificate.validFrom}`);
  if (time > new Date(certificate.validTo)) refuse(`expired on ${certificate.validTo}`);
  const usage = keyUsageOf(certificate);
  if (usage !== null && !usage.digitalSignature && !usage.nonRepudiation) refuse('is not meant for signatures');
  if (key.asymmetricKeyType !== 'rsa' && key.asymmetricKeyType !== 'ec')
    throw new VidimusError('signing.key', `Keys of the kind ${key.asymmetricKeyType} are not used in PDF signatures.`);
}

/** The common name of a certificate, or its whole subject where it has none. */
export const subjectOf = (certificate: X509Certificate): string =>
  /(?:^|\n)CN=(.+)/.exec(certificate.subject)?.[1] ?? certificate.subject.replaceAll('\n', ', ');
