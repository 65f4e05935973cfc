/** Detached CMS signatures (RFC 5652) with signing-certificate-v2 (RFC 5035), as CAdES and PAdES baseline ask for. */
import { createHash, sign, type X509Certificate } from 'node:crypto';
import { readUse } from '../keys/certificate.ts';
import type { Identity } from '../keys/pkcs12.ts';
import {
  type Asn1,
  Asn1Error,
  algorithm,
  child,
  der,
  integer,
  NULL,
  octetString,
  oid,
  oidOf,
  readAsn1,
  sequence,
  setOf,
  time,
} from './der.ts';
import { OID } from './oids.ts';

export interface CmsOptions {
  /** Puts the time of this computer among what is signed. PAdES forbids it: there the PDF says the time. */
  readonly signingTime?: Date;
}

const attribute = (type: string, value: Uint8Array): Buffer => sequence(oid(type), der(0x31, value));

/** Signs bytes by their SHA-256; the bytes themselves stay outside. Returns DER. */
export function signDetached(sha256: Uint8Array, identity: Identity, options: CmsOptions = {}): Buffer {
  const { certificate, chain, key } = identity;
  const use = readUse(certificate);
  const hash = createHash('sha256').update(certificate.raw).digest();
  // ESSCertIDv2 without an algorithm: SHA-256 is its default, and DER leaves defaults out.
  const generalName = sequence(der(0xa4, use.issuer));
  const signingCertificate = sequence(sequence(sequence(octetString(hash), sequence(generalName, use.serial))));
  const attributes = [
    attribute(OID.contentType, oid(OID.data)),
    attribute(OID.messageDigest, octetString(sha256)),
    attribute(OID.signingCertificateV2, signingCertificate),
    ...(options.signingTime ? [attribute(OID.signingTime, time(options.signingTime))] : []),
  ];
  const signature = sign('sha256', setOf(0x31, attributes), key);
  const by = key.asymmetricKeyType === 'ec' ? algorithm(OID.ecdsaSha256) : algorithm(OID.rsaSha256, NULL);
  const signer = sequence(
    integer(1),
    sequence(use.issuer, use.serial),
    algorithm(OID.sha256, NULL),
    setOf(0xa0, attributes),
    by,
    octetString(signature),
  );
  const certificates: readonly X509Certificate[] = [certificate, ...chain];
  return sequence(
    oid(OID.signedData),
    der(
      0xa0,
      sequence(
        integer(1),
        der(0x31, algorithm(OID.sha256, NULL)),
        sequence(oid(OID.data)),
        setOf(
          0xa0,
          certificates.map((one) => one.raw),
        ),
        der(0x31, signer),
      ),
    ),
  );
}

/** The one SignerInfo of a signature. @throws Asn1Error for none or several. */
export function signerInfoOf(cms: Asn1): Asn1 {
  if (oidOf(child(cms, 0)) !== OID.signedData) throw new Asn1Error('it is not signed data');
  const signers = child(child(cms, 1, 0xa0), 0).children.at(-1);
  if (signers?.tag !== 0x31 || signers.children.length !== 1) throw new Asn1Error('it has not exactly one signer');
  return child(signers, 0);
}

/** The signature value, which a time stamp attests. @throws Asn1Error. */
export function signatureValueOf(cms: Uint8Array): Uint8Array {
  const value = signerInfoOf(readAsn1(cms)).children.find((node) => node.tag === 0x04);
  if (!value) throw new Asn1Error('it has no signature value');
  return value.value;
}

/** The same signature with a time stamp token beside it. @throws Asn1Error where there is one already. */
export function withTimeStamp(cms: Uint8Array, token: Uint8Array): Buffer {
  const root = readAsn1(cms);
  const signer = signerInfoOf(root);
  if (signer.children.some((node) => node.tag === 0xa1)) throw new Asn1Error('it has unsigned attributes already');
  const stamped = sequence(...signer.children.map((node) => node.raw), der(0xa1, attribute(OID.timeStampToken, token)));
  const signedData = child(child(root, 1), 0);
  const parts = signedData.children.slice(0, -1).map((node) => node.raw);
  return sequence(child(root, 0).raw, der(0xa0, sequence(...parts, der(0x31, stamped))));
}
