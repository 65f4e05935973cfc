/**
 * Time stamps of the chain's head (RFC 3161). The message imprint is the SHA-256 of the head entry's stored bytes,
 * which is the head itself, so that `openssl ts -verify -data ENTRY` checks the same token without this program.
 */
import { randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import * as z from 'zod';
import { VidimusError } from '../../contract/errors.ts';
import type { ReadableDb } from '../database/handle.ts';
import { newId, utc } from '../ids.ts';
import { sha256Of } from './canonical.ts';
import { record, type Session } from './edit.ts';
import { type ChainHead, chainHead } from './log.ts';

const SHA256 = '2.16.840.1.101.3.4.2.1';
const TST_INFO = '1.2.840.113549.1.9.16.1.4';
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';

pkijs.setEngine('node', new pkijs.CryptoEngine({ name: 'node', crypto: webcrypto }));

/** A request for a token over the head, DER (TimeStampReq with nonce and certReq). */
export function timeStampRequest(head: ChainHead, nonce: Uint8Array = randomBytes(8)): Uint8Array {
  // First byte 0x40 to 0x7f: positive, and without the leading zero that DER forbids where it is not needed.
  const first = ((nonce[0] ?? 0) & 0x7f) | 0x40;
  const number = new asn1js.Integer({ valueHex: new Uint8Array([first, ...nonce.subarray(1)]) });
  const request = new pkijs.TimeStampReq({
    version: 1,
    messageImprint: new pkijs.MessageImprint({
      hashAlgorithm: new pkijs.AlgorithmIdentifier({ algorithmId: SHA256, algorithmParams: new asn1js.Null() }),
      hashedMessage: new asn1js.OctetString({ valueHex: Uint8Array.from(Buffer.from(head.hash, 'hex')) }),
    }),
    nonce: number,
    certReq: true,
  });
  return new Uint8Array(request.toSchema().toBER());
}

export interface TokenFacts {
  readonly imprint: string;
  readonly genTimeUtc: string;
  readonly policy: string;
  readonly tsa: string;
  /** Subject of the anchor that the signer's chain ends in; null where none was given: then only the signature holds. */
  readonly anchor: string | null;
}

/** Parses PEM text into certificates. @throws VidimusError usage.invalid. */
export function readAnchors(pem: string): X509Certificate[] {
  try {
    return (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
      (one) => new X509Certificate(one),
    );
  } catch (cause) {
    throw new VidimusError('usage.invalid', 'The trust anchors are not PEM certificates.', { cause });
  }
}

const bad = (message: string, cause?: unknown): VidimusError => new VidimusError('case.timestamp', message, { cause });
const toArray = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

/** The token within a response (.tsr), or the bare token itself. */
function tokenOf(bytes: Uint8Array): pkijs.ContentInfo {
  try {
    const parsed = asn1js.fromBER(toArray(bytes));
    if (parsed.offset === -1) throw new Error(parsed.result.error);
    if (parsed.offset !== bytes.length) throw new Error('bytes follow the token');
    const first = parsed.result instanceof asn1js.Sequence ? parsed.result.valueBlock.value[0] : undefined;
    if (first instanceof asn1js.ObjectIdentifier) return new pkijs.ContentInfo({ schema: parsed.result });
    const response = new pkijs.TimeStampResp({ schema: parsed.result });
    if (response.status.status > 1) throw bad(`The time stamp server refused (status ${response.status.status}).`);
    if (!response.timeStampToken) throw bad('The response holds no token.');
    return response.timeStampToken;
  } catch (thrown) {
    if (thrown instanceof VidimusError) throw thrown;
    throw bad('The file is not a time stamp response or token.', thrown);
  }
}

/**
 * Checks a token over `entry` (the stored bytes of an audit entry): its signature over TSTInfo, that the signer is meant for time stamping, the imprint, and, where
 * anchors are given, the chain to one of them at the time of the stamp. Revocation is not checked (offline).
 * @throws VidimusError case.timestamp.
 */
export async function verifyToken(
  bytes: Uint8Array,
  entry: string,
  anchors: readonly X509Certificate[] = [],
): Promise<TokenFacts> {
  const content = tokenOf(bytes);
  if (content.contentType !== SIGNED_DATA) throw bad('The token is not signed data.');
  const imprint = sha256Of(entry);
  let signed: pkijs.SignedData;
  let info: pkijs.TSTInfo;
  try {
    signed = new pkijs.SignedData({ schema: content.content });
    if (signed.encapContentInfo.eContentType !== TST_INFO || !signed.encapContentInfo.eContent)
      throw new Error('no TSTInfo');
    info = pkijs.TSTInfo.fromBER(signed.encapContentInfo.eContent.getValue());
  } catch (thrown) {
    throw bad('The token holds no time stamp.', thrown);
  }
  const algorithm = info.messageImprint.hashAlgorithm.algorithmId;
  const found = Buffer.from(info.messageImprint.hashedMessage.valueBlock.valueHexView).toString('hex');
  if (algorithm !== SHA256 || found !== imprint)
    throw bad('The token is for other bytes than this entry of the audit log.');
  const signer = await checkSignature(signed, entry);
  if (!signer.keyUsage.includes(TIME_STAMPING)) throw bad('The signer’s certificate is not meant for time stamping.');
  const anchor = anchors.length === 0 ? null : anchorOf(signer, certificatesOf(signed), anchors, info.genTime);
  return {
    imprint: found,
    genTimeUtc: utc(info.genTime),
    policy: info.policy,
    tsa: signer.subject.replaceAll('\n', ', '),
    anchor: anchor === null ? null : anchor.subject.replaceAll('\n', ', '),
  };
}

const certificatesOf = (signed: pkijs.SignedData): X509Certificate[] =>
  (signed.certificates ?? [])
    .filter((one): one is pkijs.Certificate => one instanceof pkijs.Certificate)
    .map((one) => new X509Certificate(Buffer.from(one.toSchema(true).toBER())));

async function checkSignature(signed: pkijs.SignedData, entry: string): Promise<X509Certificate> {
  let answer: pkijs.SignedDataVerifyResult;
  try {
    answer = await signed.verify({
      signer: 0,
      data: toArray(Buffer.from(entry)),
      checkChain: false,
      extendedMode: true,
    });
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw bad(`The signature of the token does not hold (${why}).`, thrown);
  }
  if (answer.signatureVerified !== true || !answer.signerCertificate)
    throw bad('The signature of the token does not hold.');
  return new X509Certificate(Buffer.from(answer.signerCertificate.toSchema(true).toBER()));
}

/** Walks issuer by issuer from the signer to an anchor; every certificate must be valid at `time`. */
function anchorOf(
  signer: X509Certificate,
  offered: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
  time: Date,
): X509Certificate {
  let current = signer;
  for (let depth = 0; depth < 8; depth += 1) {
    if (time < new Date(current.validFrom) || time > new Date(current.validTo))
      throw bad(`The certificate "${current.subject}" was not valid at the time of the stamp.`);
    const here = anchors.find((anchor) => anchor.raw.equals(current.raw));
    if (here) return here;
    const issues = (candidate: X509Certificate): boolean =>
      candidate.ca && current.checkIssued(candidate) && current.verify(candidate.publicKey);
    const next =
      anchors.find(issues) ?? offered.find((candidate) => !candidate.raw.equals(current.raw) && issues(candidate));
    if (!next) throw bad('The signer of the token does not lead to a trust anchor of this laboratory.');
    current = next;
  }
  throw bad('The chain of the signer is too long.');
}

const HashRow = z.strictObject({ seq: z.int(), hash: z.string(), entry: z.string() });
const StampRow = z.strictObject({
  id: z.string(),
  caseId: z.string(),
  seq: z.int(),
  head: z.string(),
  token: z.instanceof(Uint8Array),
  genTimeUtc: z.string(),
  tsa: z.string(),
  policy: z.string(),
  importedUtc: z.string(),
  byExaminer: z.string(),
});
export type StoredStamp = z.infer<typeof StampRow>;

/** The request for the present head, and which head it is. @throws VidimusError case.chain for an empty log. */
export function requestForHead(db: ReadableDb): { readonly head: ChainHead; readonly request: Uint8Array } {
  const head = chainHead(db);
  if (!head) throw new VidimusError('case.chain', 'The audit log is empty.');
  return { head, request: timeStampRequest(head) };
}

/** Takes a token in: it must verify and name an entry of this log. @throws VidimusError case.timestamp. */
export async function importToken(
  session: Session,
  bytes: Uint8Array,
  anchors: readonly X509Certificate[] = [],
): Promise<StoredStamp & { readonly anchor: string | null }> {
  const { db } = session;
  const content = tokenOf(bytes);
  const imprint = imprintOf(content);
  const entry = db.one(HashRow, 'SELECT seq, hash, entry FROM audit WHERE hash = ?', imprint);
  if (!entry) throw bad('The token is for bytes that are not an entry of this audit log.');
  const facts = await verifyToken(bytes, entry.entry, anchors);
  const row: StoredStamp = {
    id: newId(),
    caseId: session.caseId,
    seq: entry.seq,
    head: entry.hash,
    token: new Uint8Array(content.toSchema().toBER()),
    genTimeUtc: facts.genTimeUtc,
    tsa: facts.tsa,
    policy: facts.policy,
    importedUtc: utc(session.now()),
    byExaminer: session.actor.name,
  };
  record(session, 'timestamp.import', { seq: entry.seq, genTime: facts.genTimeUtc, tsa: facts.tsa }, (edit) =>
    edit.insert('timeStamp', row),
  );
  return { ...row, anchor: facts.anchor };
}

function imprintOf(content: pkijs.ContentInfo): string {
  try {
    const signed = new pkijs.SignedData({ schema: content.content });
    const value = signed.encapContentInfo.eContent?.getValue() ?? new ArrayBuffer(0);
    return Buffer.from(pkijs.TSTInfo.fromBER(value).messageImprint.hashedMessage.valueBlock.valueHexView).toString(
      'hex',
    );
  } catch (thrown) {
    throw bad('The token holds no time stamp.', thrown);
  }
}

export const listStamps = (db: ReadableDb): StoredStamp[] => db.all(StampRow, 'SELECT * FROM timeStamp ORDER BY id');
