/**
 * A small certificate authority for laboratories without a PKI: one root, and certificates for examiners (RFC 5280),
 * handed out as PKCS#12 with PBES2 and AES-256 (RFC 8018), which openssl reads.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign as signBytes } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { sha256 } from '../sign/cms.ts';
import { bytesOf } from '../sign/credential.ts';

export type KeyKind = 'ec' | 'rsa';

export interface Subject {
  readonly name: string;
  readonly organisation: string | null;
}

/** A certificate as DER with its private key as PKCS#8 DER. */
export interface Issued {
  readonly certificate: Uint8Array;
  readonly key: KeyObject;
}

const OID = {
  commonName: '2.5.4.3',
  organisation: '2.5.4.10',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  rsaWithSha256: '1.2.840.113549.1.1.11',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const;

function newKey(kind: KeyKind): { readonly key: KeyObject; readonly spki: Buffer } {
  const pair =
    kind === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 3072 });
  return { key: pair.privateKey, spki: pair.publicKey.export({ type: 'spki', format: 'der' }) };
}

/** A distinguished name, each part in a set of its own; pkijs would put them all into one. */
function nameOf({ name, organisation }: Subject): pkijs.RelativeDistinguishedNames {
  const part = (type: string, value: string): asn1js.Set =>
    new asn1js.Set({
      value: [
        new asn1js.Sequence({
          value: [new asn1js.ObjectIdentifier({ value: type }), new asn1js.Utf8String({ value })],
        }),
      ],
    });
  const parts = [...(organisation === null ? [] : [part(OID.organisation, organisation)]), part(OID.commonName, name)];
  return pkijs.RelativeDistinguishedNames.fromBER(new asn1js.Sequence({ value: parts }).toBER());
}

const extension = (extnID: string, critical: boolean, value: asn1js.BaseBlock): pkijs.Extension =>
  new pkijs.Extension({ extnID, critical, extnValue: value.toBER() });

/** keyUsage bits, the first in the highest place, without trailing zeros (X.690, 11.2.2). */
function usage(byte: number): asn1js.BitString {
  let unused = 0;
  while (((byte >> unused) & 1) === 0) unused++;
  return new asn1js.BitString({ valueHex: bytesOf(Uint8Array.of(byte)), unusedBits: unused });
}

interface Wanted {
  readonly subject: Subject;
  readonly kind: KeyKind;
  readonly from: Date;
  readonly years: number;
  readonly issuer: { readonly certificate: pkijs.Certificate; readonly key: KeyObject } | null;
}

function make({ subject, kind, from, years, issuer }: Wanted): Issued {
  const { key, spki } = newKey(kind);
  const certificate = new pkijs.Certificate();
  certificate.version = 2;
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  certificate.serialNumber = new asn1js.Integer({ valueHex: bytesOf(serial) });
  certificate.subject = nameOf(subject);
  certificate.issuer = issuer === null ? certificate.subject : issuer.certificate.subject;
  const until = new Date(from);
  until.setUTCFullYear(until.getUTCFullYear() + years);
  certificate.notBefore = new pkijs.Time({ type: timeType(from), value: from });
  certificate.notAfter = new pkijs.Time({ type: timeType(until), value: until });
  certificate.subjectPublicKeyInfo = pkijs.PublicKeyInfo.fromBER(bytesOf(spki));
  const identifierOf = (info: pkijs.PublicKeyInfo): ArrayBuffer =>
    bytesOf(sha256(info.subjectPublicKey.valueBlock.valueHexView).subarray(0, 20));
  const own = identifierOf(certificate.subjectPublicKeyInfo);
  const parent = issuer === null ? own : identifierOf(issuer.certificate.subjectPublicKeyInfo);
  const authority = issuer === null;
  certificate.extensions = [
    extension(
      OID.basicConstraints,
      true,
      new asn1js.Sequence({
        value: authority ? [new asn1js.Boolean({ value: true }), new asn1js.Integer({ value: 0 })] : [],
      }),
    ),
    // keyCertSign and cRLSign for the root; digitalSignature and nonRepudiation for examiners.
    extension(OID.keyUsage, true, usage(authority ? 0x06 : 0xc0)),
    extension(OID.subjectKeyIdentifier, false, new asn1js.OctetString({ valueHex: own })),
    extension(
      OID.authorityKeyIdentifier,
      false,
      new asn1js.Sequence({
        value: [new asn1js.Primitive({ idBlock: { tagClass: 3, tagNumber: 0 }, valueHex: parent })],
      }),
    ),
  ];
  const signer = issuer?.key ?? key;
  const algorithm =
    signer.asymmetricKeyType === 'rsa'
      ? new pkijs.AlgorithmIdentifier({ algorithmId: OID.rsaWithSha256, algorithmParams: new asn1js.Null() })
      : new pkijs.AlgorithmIdentifier({ algorithmId: OID.ecdsaWithSha256 });
  certificate.signature = algorithm;
  certificate.signatureAlgorithm = algorithm;
  const signed = new Uint8Array(certificate.encodeTBS().toBER());
  certificate.tbsView = signed;
  certificate.signatureValue = new asn1js.BitString({ valueHex: bytesOf(signBytes('sha256', signed, signer)) });
  return { certificate: new Uint8Array(certificate.toSchema(true).toBER()), key };
}

/** Dates from 2050 on are GeneralizedTime (RFC 5280, 4.1.2.5). */
const timeType = (date: Date): pkijs.TimeType => (date.getUTCFullYear() < 2050 ? 0 : 1);

/** A root that may issue examiners' certificates and no further authorities. */
export const makeRoot = (subject: Subject, kind: KeyKind, from: Date, years: number): Issued =>
  make({ subject, kind, from, years, issuer: null });

/** A certificate for one examiner, signed by the root. */
export const makeExaminer = (root: Issued, subject: Subject, kind: KeyKind, from: Date, years: number): Issued =>
  make({
    subject,
    kind,
    from,
    years,
    issuer: { certificate: pkijs.Certificate.fromBER(bytesOf(root.certificate)), key: root.key },
  });

/** Rounds of PBKDF2, as OWASP asked for with SHA-256 in 2023. */
const ROUNDS = 600_000;

/** PKCS#12 of a key with its certificate and the certificates above it. */
export async function toPkcs12(issued: Issued, above: readonly Uint8Array[], passphrase: string): Promise<Uint8Array> {
  const password = bytesOf(Buffer.from(passphrase, 'utf8'));
  const encryption = {
    password,
    contentEncryptionAlgorithm: { name: 'AES-CBC', length: 256 },
    hmacHashAlgorithm: 'SHA-256',
    iterationCount: ROUNDS,
  };
  const pkcs8 = issued.key.export({ type: 'pkcs8', format: 'der' });
  const keyBag = new pkijs.PKCS8ShroudedKeyBag({ parsedValue: pkijs.PrivateKeyInfo.fromBER(bytesOf(pkcs8)) });
  await keyBag.makeInternalValues(encryption);
  const localKey = (): pkijs.Attribute =>
    new pkijs.Attribute({
      type: '1.2.840.113549.1.9.21',
      values: [new asn1js.OctetString({ valueHex: bytesOf(sha256(issued.certificate).subarray(0, 20)) })],
    });
  const bag = (bagId: string, bagValue: pkijs.PKCS8ShroudedKeyBag | pkijs.CertBag, own: boolean): pkijs.SafeBag =>
    new pkijs.SafeBag({ bagId, bagValue, ...(own ? { bagAttributes: [localKey()] } : {}) });
  const certificates = [issued.certificate, ...above].map((der, i) =>
    bag(
      '1.2.840.113549.1.12.10.1.3',
      new pkijs.CertBag({ parsedValue: pkijs.Certificate.fromBER(bytesOf(der)) }),
      i === 0,
    ),
  );
  const contents = (safeBags: pkijs.SafeBag[]) => ({ privacyMode: 0, value: new pkijs.SafeContents({ safeBags }) });
  const pfx = new pkijs.PFX({
    parsedValue: {
      integrityMode: 0,
      authenticatedSafe: new pkijs.AuthenticatedSafe({
        parsedValue: {
          safeContents: [contents([bag('1.2.840.113549.1.12.10.1.2', keyBag, true)]), contents(certificates)],
        },
      }),
    },
  });
  const safe = pfx.parsedValue?.authenticatedSafe;
  if (safe === undefined) throw new Error('the PKCS#12 structure lost its contents');
  await safe.makeInternalValues({ safeContents: [{}, {}] });
  await pfx.makeInternalValues({
    password,
    iterations: 100_000,
    pbkdf2HashAlgorithm: 'SHA-256',
    hmacHashAlgorithm: 'SHA-256',
  });
  return new Uint8Array(pfx.toSchema().toBER());
}

/** PEM text of a certificate. */
export const certificatePem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${(
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  ).join('\n')}\n-----END CERTIFICATE-----\n`;

/** A private key from its encrypted PKCS#8 PEM. @throws Error where the pass phrase does not fit */
export const openKey = (pem: string, passphrase: string): KeyObject => createPrivateKey({ key: pem, passphrase });

/** Encrypted PKCS#8 PEM of a private key. */
export const lockKey = (key: KeyObject, passphrase: string): string =>
  key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();
