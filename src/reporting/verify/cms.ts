/** Checking CMS signatures (RFC 5652) and time stamp tokens (RFC 3161). Revocation is not checked: we are offline. */
import { constants, createHash, verify, X509Certificate } from 'node:crypto';
import { readUse } from '../keys/certificate.ts';
import { signerInfoOf } from '../sign/cms.ts';
import { type Asn1, Asn1Error, child, octets, oidOf, readAsn1, timeOf } from '../sign/der.ts';
import { DIGESTS, OID } from '../sign/oids.ts';

export interface CheckedSignature {
  readonly signer: X509Certificate;
  /** Certificates that came along. */
  readonly offered: readonly X509Certificate[];
  /** What does not hold, as sentences; empty where the signature is good. */
  readonly faults: readonly string[];
  readonly value: Uint8Array;
  /** Time stamp token beside it. */
  readonly stamp: Uint8Array | null;
  /** Time by the signing computer, where it is signed. */
  readonly signingTime: Date | null;
  readonly digest: string;
}

/** Digests that a signature may still be trusted with. */
const STRONG = new Set(['sha256', 'sha384', 'sha512']);

/**
 * Checks the only signer of `cms` over content whose digest `digestOf` gives; for a token the content is inside.
 * @throws Asn1Error for bytes that are no signature.
 */
export function checkCms(
  cms: Uint8Array,
  digestOf: ((digest: string) => Uint8Array) | null,
  contentType: string = OID.data,
): CheckedSignature {
  const root = readAsn1(cms);
  const info = signerInfoOf(root);
  const signed = child(child(root, 1), 0);
  const offered = (signed.children.find((node) => node.tag === 0xa0)?.children ?? [])
    .filter((node) => node.tag === 0x30)
    .map((node) => new X509Certificate(node.raw));
  const sid = child(info, 1);
  const signer = offered.find((one) => isNamed(one, sid));
  if (!signer) throw new Asn1Error('it does not carry the certificate of its signer');
  const faults: string[] = [];
  const digest = DIGESTS[oidOf(child(child(info, 2), 0))];
  if (digest === undefined || !STRONG.has(digest)) throw new Asn1Error(`its digest ${digest ?? ''} is not accepted`);
  const attributes = child(info, 3, 0xa0);
  const value = child(info, 5, 0x04).value;
  const encapsulated = child(signed, 2);
  const found = digestOf ? digestOf(digest) : createHash(digest).update(contentOf(encapsulated)).digest();
  const type = attributeOf(attributes, OID.contentType);
  if (!type || oidOf(type) !== contentType || oidOf(child(encapsulated, 0)) !== contentType)
    faults.push('It signs content of another type.');
  const stated = attributeOf(attributes, OID.messageDigest);
  if (!stated || !Buffer.from(octets(stated)).equals(found)) faults.push('What was signed was changed afterwards.');
  if (!namesCertificate(attributes, signer, contentType === OID.tstInfo))
    faults.push('It does not bind the certificate of its signer (signing-certificate-v2).');
  const toSign = Buffer.from(attributes.raw);
  toSign[0] = 0x31;
  if (!holds(signer, child(info, 4), digest, toSign, value))
    faults.push('The signature value does not fit the certificate: the signature was changed or forged.');
  const unsigned = info.children.find((node) => node.tag === 0xa1);
  const stamp = unsigned ? attributeOf(unsigned, OID.timeStampToken) : null;
  const time = attributeOf(attributes, OID.signingTime);
  return { signer, offered, faults, value, stamp: stamp?.raw ?? null, signingTime: time ? timeOf(time) : null, digest };
}

function contentOf(encapsulated: Asn1): Uint8Array {
  return octets(child(child(encapsulated, 1, 0xa0), 0));
}

/** The only value of an attribute; null where it is not there. @throws Asn1Error where there are several. */
function attributeOf(attributes: Asn1, type: string): Asn1 | null {
  const found = attributes.children.filter((node) => oidOf(child(node, 0)) === type);
  const [one] = found;
  if (!one) return null;
  const values = child(one, 1, 0x31);
  if (found.length > 1 || values.children.length !== 1) throw new Asn1Error('an attribute stands twice');
  return child(values, 0);
}

function isNamed(certificate: X509Certificate, sid: Asn1): boolean {
  const use = readUse(certificate);
  if (sid.tag === 0x30) {
    const named = Buffer.concat(sid.children.map((node) => node.raw));
    return named.equals(Buffer.concat([use.issuer, use.serial]));
  }
  return use.subjectKeyId !== null && Buffer.from(use.subjectKeyId).equals(sid.value);
}

/** Tokens of older servers bind by SHA-1 (signing-certificate of RFC 2634); reports and bundles never do. */
function namesCertificate(attributes: Asn1, signer: X509Certificate, old: boolean): boolean {
  const second = attributeOf(attributes, OID.signingCertificateV2);
  const first = second === null && old ? attributeOf(attributes, OID.signingCertificate) : null;
  const id = (second ?? first)?.children[0]?.children[0];
  if (!id) return false;
  const [head, next] = id.children;
  const stated = head?.tag === 0x30 ? DIGESTS[oidOf(child(head, 0))] : 'sha256';
  const hash = head?.tag === 0x30 ? next : head;
  const digest = second ? stated : 'sha1';
  if (digest === undefined || hash?.tag !== 0x04) return false;
  return createHash(digest).update(signer.raw).digest().equals(hash.value);
}

function holds(
  signer: X509Certificate,
  algorithm: Asn1,
  digest: string,
  bytes: Uint8Array,
  value: Uint8Array,
): boolean {
  const key = signer.publicKey;
  const named = oidOf(child(algorithm, 0));
  try {
    if (key.asymmetricKeyType === 'ec')
      return named.startsWith('1.2.840.10045.4.3.') && verify(digest, bytes, key, value);
    if (key.asymmetricKeyType !== 'rsa') return false;
    if (named === OID.rsaPss)
      return verify(
        digest,
        bytes,
        { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO },
        value,
      );
    return verify(digest, bytes, key, value);
  } catch {
    return false;
  }
}

export interface CheckedToken extends CheckedSignature {
  readonly time: Date;
}

/** Checks a token over `bytes`. @throws Asn1Error for bytes that are no token. */
export function checkToken(token: Uint8Array, bytes: Uint8Array): CheckedToken {
  const checked = checkCms(token, null, OID.tstInfo);
  const signed = child(child(readAsn1(token), 1), 0);
  const info = readAsn1(contentOf(child(signed, 2)));
  const imprint = child(info, 2);
  const digest = DIGESTS[oidOf(child(child(imprint, 0), 0))];
  const faults = [...checked.faults];
  if (digest === undefined || !STRONG.has(digest)) faults.push('Its imprint is of a kind that is not accepted.');
  else if (!createHash(digest).update(bytes).digest().equals(child(imprint, 1).value))
    faults.push('It is a time stamp of something else.');
  if (!readUse(checked.signer).extended?.includes(OID.timeStamping))
    faults.push('The certificate of its server is not meant for time stamping.');
  return { ...checked, faults, time: timeOf(child(info, 4, 0x18)) };
}
