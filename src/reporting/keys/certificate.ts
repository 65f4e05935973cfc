/** What a certificate says about the use of its key (RFC 5280), read from its own bytes. */
import type { X509Certificate } from 'node:crypto';
import { VidimusError } from '../../contract/errors.ts';
import { type Asn1, child, oidOf, readAsn1, timeOf } from '../sign/der.ts';
import { OID } from '../sign/oids.ts';

/** Names of keyUsage bits that matter here. */
export interface CertificateUse {
  /** Null where the certificate does not limit the use of its key. */
  readonly keyUsage: {
    readonly digitalSignature: boolean;
    readonly nonRepudiation: boolean;
    readonly keyCertSign: boolean;
  } | null;
  /** Object identifiers of extended uses; null where there is no such limit. */
  readonly extended: readonly string[] | null;
  readonly from: Date;
  readonly to: Date;
  /** DER of the issuer's name and of the serial number, as signatures name a certificate. */
  readonly issuer: Uint8Array;
  readonly serial: Uint8Array;
  readonly subject: Uint8Array;
  readonly subjectKeyId: Uint8Array | null;
}

/** @throws Asn1Error for bytes that are no certificate. */
export function readUse(certificate: X509Certificate): CertificateUse {
  const tbs = child(readAsn1(certificate.raw), 0);
  const shift = tbs.children[0]?.tag === 0xa0 ? 1 : 0;
  const validity = child(tbs, shift + 3);
  const extensions = new Map<string, Asn1>();
  const holder = tbs.children.find((node) => node.tag === 0xa3);
  for (const extension of holder?.children[0]?.children ?? []) {
    const value = extension.children.at(-1);
    if (value) extensions.set(oidOf(child(extension, 0)), readAsn1(value.value));
  }
  const bits = extensions.get(OID.keyUsage)?.value[1] ?? 0;
  return {
    keyUsage: extensions.has(OID.keyUsage)
      ? {
          digitalSignature: (bits & 0x80) !== 0,
          nonRepudiation: (bits & 0x40) !== 0,
          keyCertSign: (bits & 0x04) !== 0,
        }
      : null,
    extended: extensions.get(OID.extendedKeyUsage)?.children.map(oidOf) ?? null,
    from: timeOf(child(validity, 0)),
    to: timeOf(child(validity, 1)),
    serial: child(tbs, shift, 0x02).raw,
    issuer: child(tbs, shift + 2).raw,
    subject: child(tbs, shift + 4).raw,
    subjectKeyId: extensions.get(OID.subjectKeyId)?.value ?? null,
  };
}

/** Whether the key may sign documents: digitalSignature or nonRepudiation, where keyUsage is there at all. */
export const maySign = (use: CertificateUse): boolean =>
  use.keyUsage === null || use.keyUsage.digitalSignature || use.keyUsage.nonRepudiation;

/** The subject in one line. */
export const nameOf = (certificate: X509Certificate): string => certificate.subject.replaceAll('\n', ', ');

/** @throws VidimusError certificate.expired, certificate.not-yet-valid, certificate.usage, key.unsupported. */
export function assertMaySign(certificate: X509Certificate, now: Date): void {
  const use = readUse(certificate);
  const name = nameOf(certificate);
  if (now > use.to)
    throw new VidimusError('certificate.expired', `The certificate of ${name} expired on ${use.to.toISOString()}.`);
  if (now < use.from)
    throw new VidimusError(
      'certificate.not-yet-valid',
      `The certificate of ${name} is not valid before ${use.from.toISOString()}.`,
    );
  if (certificate.ca || !maySign(use))
    throw new VidimusError('certificate.usage', `The certificate of ${name} is not meant for signing documents.`);
  const type = certificate.publicKey.asymmetricKeyType;
  if (type !== 'rsa' && type !== 'ec')
    throw new VidimusError('key.unsupported', `Keys of type ${type} cannot sign reports; RSA and EC keys can.`);
  const bits = certificate.publicKey.asymmetricKeyDetails?.modulusLength;
  if (type === 'rsa' && bits !== undefined && bits < 2048)
    throw new VidimusError('key.unsupported', `An RSA key of ${bits} bits is too short to sign a report.`);
}
