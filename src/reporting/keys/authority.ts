/**
 * A small public key infrastructure for laboratories without one: a root and the certificates of examiners
 * (RFC 5280; extended use "document signing" of RFC 9336).
 */
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { VidimusError } from '../../contract/errors.ts';
import {
  algorithm,
  bitString,
  child,
  der,
  integer,
  NULL,
  octetString,
  oid,
  readAsn1,
  sequence,
  TRUE,
  time,
} from '../sign/der.ts';
import { OID } from '../sign/oids.ts';
import { readUse } from './certificate.ts';
import type { Identity } from './pkcs12.ts';

export type KeyKind = 'ec' | 'rsa';

export interface Subject {
  readonly name: string;
  readonly organisation: string | null;
  /** Two letters, ISO 3166-1. */
  readonly country: string | null;
}

export interface CertificateOptions {
  readonly subject: Subject;
  readonly kind: KeyKind;
  readonly from: Date;
  readonly years: number;
}

const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text, 'utf8'));

function distinguishedName({ name, organisation, country }: Subject): Buffer {
  const attribute = (type: string, value: Buffer): Buffer => der(0x31, sequence(oid(type), value));
  if (name.trim() === '' || [...name].length > 64 || [...(organisation ?? '')].length > 64)
    throw new VidimusError('usage.invalid', 'Names in a certificate have 1 to 64 characters.');
  if (country !== null && !/^[A-Z]{2}$/.test(country))
    throw new VidimusError('usage.invalid', 'The country is two capital letters, such as DE.');
  return sequence(
    ...(country === null ? [] : [attribute(OID.country, der(0x13, Buffer.from(country, 'latin1')))]),
    ...(organisation === null ? [] : [attribute(OID.organisation, utf8(organisation))]),
    attribute(OID.commonName, utf8(name)),
  );
}

const newKey = (kind: KeyKind): KeyObject =>
  kind === 'ec'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    : generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey;

const keyIdOf = (spki: Uint8Array): Buffer =>
  createHash('sha256')
    .update(child(readAsn1(spki), 1).value.subarray(1))
    .digest()
    .subarray(0, 20);

/** A positive serial number of 127 random bits. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return integer(bytes);
}

function issue(
  options: CertificateOptions,
  key: KeyObject,
  issuer: { readonly name: Uint8Array; readonly key: KeyObject; readonly keyId: Buffer },
  extensions: readonly Buffer[],
): X509Certificate {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const by = issuer.key.asymmetricKeyType === 'ec' ? algorithm(OID.ecdsaSha256) : algorithm(OID.rsaSha256, NULL);
  const to = new Date(options.from);
  to.setUTCFullYear(to.getUTCFullYear() + options.years);
  const tbs = sequence(
    der(0xa0, integer(2)),
    serialNumber(),
    by,
    issuer.name,
    sequence(time(options.from), time(to)),
    distinguishedName(options.subject),
    spki,
    der(
      0xa3,
      sequence(
        ...extensions,
        extension(OID.subjectKeyId, octetString(keyIdOf(spki))),
        extension(OID.authorityKeyId, sequence(der(0x80, issuer.keyId))),
      ),
    ),
  );
  return new X509Certificate(sequence(tbs, by, bitString(sign('sha256', tbs, issuer.key))));
}

const extension = (type: string, value: Buffer, critical = false): Buffer =>
  sequence(oid(type), ...(critical ? [TRUE] : []), octetString(value));

/** A root that may sign certificates of examiners, and nothing below them. @throws VidimusError usage.invalid. */
export function makeRoot(options: CertificateOptions): Identity {
  const key = newKey(options.kind);
  const keyId = keyIdOf(createPublicKey(key).export({ type: 'spki', format: 'der' }));
  const certificate = issue(options, key, { name: distinguishedName(options.subject), key, keyId }, [
    extension(OID.basicConstraints, sequence(TRUE, integer(0)), true),
    // keyCertSign and cRLSign
    extension(OID.keyUsage, bitString(Buffer.from([0x06]), 1), true),
  ]);
  return { key, certificate, chain: [] };
}

/**
 * An examiner's key and certificate under a root. It does not outlive the root.
 * @throws VidimusError usage.invalid, certificate.usage (the issuer may not sign certificates), certificate.expired.
 */
export function makeExaminer(root: Identity, options: CertificateOptions): Identity {
  const use = readUse(root.certificate);
  if (!root.certificate.ca || use.keyUsage?.keyCertSign === false)
    throw new VidimusError('certificate.usage', 'The certificate of the laboratory may not sign certificates.');
  const last = new Date(options.from);
  last.setUTCFullYear(last.getUTCFullYear() + options.years);
  if (last > use.to)
    throw new VidimusError(
      'certificate.expired',
      `The root is valid until ${use.to.toISOString()} only; no certificate under it can last longer.`,
      { advice: 'Name fewer years, or make a new root.' },
    );
  const key = newKey(options.kind);
  const rootSpki = root.certificate.publicKey.export({ type: 'spki', format: 'der' });
  const keyId = use.subjectKeyId ? Buffer.from(use.subjectKeyId) : keyIdOf(rootSpki);
  const certificate = issue(options, key, { name: use.subject, key: root.key, keyId }, [
    extension(OID.basicConstraints, sequence(), true),
    // digitalSignature and nonRepudiation
    extension(OID.keyUsage, bitString(Buffer.from([0xc0]), 6), true),
    // NSS (pdfsig) and the default of "openssl cms -verify" accept signers only with the use of S/MIME beside it.
    extension(OID.extendedKeyUsage, sequence(oid(OID.documentSigning), oid(OID.emailProtection))),
  ]);
  return { key, certificate, chain: [root.certificate] };
}
