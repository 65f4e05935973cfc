/**
 * Detached CMS signatures as PAdES baseline asks for (RFC 5652; ETSI EN 319 122-1 and 319 142-1): content type, message
 * digest and signing-certificate-v2 are signed; a time stamp token may stand beside the signature.
 */
import { createHash, sign as signBytes, verify as verifyBytes, X509Certificate } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { VidimusError } from '../../contract/errors.ts';
import { toPkijs } from './certificates.ts';
import { bytesOf, type Credential } from './credential.ts';

const OID = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  timeStampToken: '1.2.840.113549.1.9.16.2.14',
  sha256: '2.16.840.1.101.3.4.2.1',
  rsaWithSha256: '1.2.840.113549.1.1.11',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const;

export const sha256 = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

const octets = (bytes: Uint8Array): asn1js.OctetString => new asn1js.OctetString({ valueHex: bytesOf(bytes) });

/** ESSCertIDv2 with the default hash, SHA-256 (RFC 5035). */
const essCertificate = (certificate: X509Certificate): asn1js.Sequence =>
  new asn1js.Sequence({
    value: [new asn1js.Sequence({ value: [new asn1js.Sequence({ value: [octets(sha256(certificate.raw))] })] })],
  });

/** Attributes in the order DER wants in a SET OF: by their encoding. */
function inOrder(attributes: pkijs.Attribute[]): pkijs.Attribute[] {
  const encoded = attributes.map((attribute) => ({ attribute, der: Buffer.from(attribute.toSchema().toBER()) }));
  return encoded.sort((a, b) => Buffer.compare(a.der, b.der)).map(({ attribute }) => attribute);
}

/** The bytes that are signed: the attributes as an explicit SET OF (RFC 5652, 5.4). */
const setOf = (attributes: readonly pkijs.Attribute[]): Buffer =>
  Buffer.from(new asn1js.Set({ value: attributes.map((one) => one.toSchema()) }).toBER());

/** DER of a ContentInfo with a detached signature over content whose SHA-256 is `digest`. */
export function signDigest(digest: Uint8Array, { key, certificate, chain }: Credential): Uint8Array {
  const own = toPkijs(certificate);
  const attributes = inOrder([
    new pkijs.Attribute({ type: OID.contentType, values: [new asn1js.ObjectIdentifier({ value: OID.data })] }),
    new pkijs.Attribute({ type: OID.messageDigest, values: [octets(digest)] }),
    new pkijs.Attribute({ type: OID.signingCertificateV2, values: [essCertificate(certificate)] }),
  ]);
  const rsa = key.asymmetricKeyType === 'rsa';
  const signature = signBytes('sha256', setOf(attributes), key);
  const info = new pkijs.SignerInfo({
    version: 1,
    sid: new pkijs.IssuerAndSerialNumber({ issuer: own.issuer, serialNumber: own.serialNumber }),
    digestAlgorithm: new pkijs.AlgorithmIdentifier({ algorithmId: OID.sha256 }),
    signedAttrs: new pkijs.SignedAndUnsignedAttributes({ type: 0, attributes }),
    signatureAlgorithm: rsa
      ? new pkijs.AlgorithmIdentifier({ algorithmId: OID.rsaWithSha256, algorithmParams: new asn1js.Null() })
      : new pkijs.AlgorithmIdentifier({ algorithmId: OID.ecdsaWithSha256 }),
    signature: octets(signature),
  });
  const signed = new pkijs.SignedData({
    version: 1,
    digestAlgorithms: [new pkijs.AlgorithmIdentifier({ algorithmId: OID.sha256 })],
    encapContentInfo: new pkijs.EncapsulatedContentInfo({ eContentType: OID.data }),
    certificates: [own, ...chain.map(toPkijs)],
    signerInfos: [info],
  });
  return encode(signed);
}

const encode = (signed: pkijs.SignedData): Uint8Array => {
  const content = new pkijs.ContentInfo({ contentType: OID.signedData, content: signed.toSchema(true) });
  return new Uint8Array(content.toSchema().toBER());
};

function decode(der: Uint8Array): { signed: pkijs.SignedData; info: pkijs.SignerInfo } {
  try {
    const content = pkijs.ContentInfo.fromBER(bytesOf(der));
    if (content.contentType !== OID.signedData) throw new Error('not signed data');
    const signed = new pkijs.SignedData({ schema: content.content });
    const [info, ...others] = signed.signerInfos;
    if (info === undefined || others.length > 0) throw new Error('not exactly one signer');
    return { signed, info };
  } catch (cause) {
    throw new VidimusError('signing.document', 'The signature cannot be read.', { cause });
  }
}

/** The value a time stamp over this signature covers (ETSI EN 319 122-1, 5.3). */
export function signatureValue(der: Uint8Array): Uint8Array {
  return decode(der).info.signature.valueBlock.valueHexView.slice();
}

/** The same signature with a time stamp token beside it. */
export function withTimeStamp(der: Uint8Array, token: Uint8Array): Uint8Array {
  const { signed, info } = decode(der);
  const { result, offset } = asn1js.fromBER(bytesOf(token));
  if (offset === -1) throw new VidimusError('signing.timestamp', 'The time stamp token cannot be read.');
  info.unsignedAttrs = new pkijs.SignedAndUnsignedAttributes({
    type: 1,
    attributes: [new pkijs.Attribute({ type: OID.timeStampToken, values: [result] })],
  });
  return encode(signed);
}

/** A signature as it was read and checked; `problems` is empty where it holds. */
export interface CheckedCms {
  readonly certificate: X509Certificate | null;
  readonly chain: readonly X509Certificate[];
  readonly timeStampToken: Uint8Array | null;
  readonly signatureValue: Uint8Array;
  readonly problems: readonly string[];
}

const certificatesOf = (signed: pkijs.SignedData): X509Certificate[] =>
  (signed.certificates ?? [])
    .filter((one) => one instanceof pkijs.Certificate)
    .map((one) => new X509Certificate(Buffer.from(one.toSchema(true).toBER())));

const sameSerial = (certificate: X509Certificate, sid: unknown): boolean => {
  if (!(sid instanceof pkijs.IssuerAndSerialNumber)) return false;
  const own = toPkijs(certificate);
  return own.serialNumber.isEqual(sid.serialNumber) && own.issuer.isEqual(sid.issuer);
};

/**
 * Checks a detached signature against the digest of the content. Trust in the certificate is another question.
 * @throws VidimusError signing.document where it cannot be read at all
 */
export function checkCms(der: Uint8Array, digest: Uint8Array): CheckedCms {
  const { signed, info } = decode(der);
  const problems: string[] = [];
  const all = certificatesOf(signed);
  const certificate = all.find((one) => sameSerial(one, info.sid)) ?? null;
  const attributes = info.signedAttrs?.attributes ?? [];
  const signedValue = (type: string): unknown => attributes.find((one) => one.type === type)?.values[0];
  const stated = signedValue(OID.messageDigest);
  if (info.digestAlgorithm.algorithmId !== OID.sha256) problems.push('the digest is not SHA-256');
  if (!(stated instanceof asn1js.OctetString) || !Buffer.from(stated.valueBlock.valueHexView).equals(digest))
    problems.push('the signed digest is not that of the content: the content was changed after signing');
  const type = signedValue(OID.contentType);
  if (!(type instanceof asn1js.ObjectIdentifier) || type.valueBlock.toString() !== OID.data)
    problems.push('the signed content type is not "data"');
  if (certificate === null) problems.push('the certificate of the signer is not in the signature');
  else {
    const ess = signedValue(OID.signingCertificateV2);
    const expected = Buffer.from(essCertificate(certificate).toBER());
    // Signers may add issuer and serial; the hash comes first in every form that is allowed with SHA-256.
    const found = ess instanceof asn1js.Sequence ? Buffer.from(ess.toBER()) : Buffer.alloc(0);
    if (!found.equals(expected) && !found.includes(Buffer.from(sha256(certificate.raw))))
      problems.push('the signed reference to the certificate is missing or another one');
    const signature = info.signature.valueBlock.valueHexView;
    let holds = false;
    try {
      // As they were encoded, not as we would encode them.
      const encoded = Buffer.from(info.signedAttrs?.encodedValue ?? new ArrayBuffer(0));
      holds = encoded.length > 0 && verifyBytes('sha256', encoded, certificate.publicKey, signature);
    } catch {
      holds = false;
    }
    if (!holds) problems.push('the signature does not hold');
  }
  const token = info.unsignedAttrs?.attributes.find((one) => one.type === OID.timeStampToken)?.values[0];
  return {
    certificate,
    chain: all.filter((one) => one !== certificate),
    timeStampToken: token instanceof asn1js.BaseBlock ? new Uint8Array(token.toBER()) : null,
    signatureValue: info.signature.valueBlock.valueHexView.slice(),
    problems,
  };
}
