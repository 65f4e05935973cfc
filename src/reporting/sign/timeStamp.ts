/** Time stamps over signatures (RFC 3161): the request, the token out of an answer, and the check of a token. */
import { randomBytes, X509Certificate } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { VidimusError } from '../../contract/errors.ts';
import { chainTo } from './certificates.ts';
import { sha256 } from './cms.ts';
import { bytesOf } from './credential.ts';

const SHA256 = '2.16.840.1.101.3.4.2.1';
const TST_INFO = '1.2.840.113549.1.9.16.1.4';
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';

const bad = (why: string, cause?: unknown): VidimusError => new VidimusError('signing.timestamp', why, { cause });

/** DER of a request for a token over these bytes, with a nonce and the wish for the server's certificate. */
export function timeStampQuery(bytes: Uint8Array): Uint8Array {
  const nonce = randomBytes(8);
  // Positive, and without the leading zero that DER forbids where it is not needed.
  nonce[0] = ((nonce[0] ?? 0) & 0x7f) | 0x40;
  const request = new pkijs.TimeStampReq({
    version: 1,
    messageImprint: new pkijs.MessageImprint({
      hashAlgorithm: new pkijs.AlgorithmIdentifier({ algorithmId: SHA256, algorithmParams: new asn1js.Null() }),
      hashedMessage: new asn1js.OctetString({ valueHex: bytesOf(sha256(bytes)) }),
    }),
    nonce: new asn1js.Integer({ valueHex: bytesOf(nonce) }),
    certReq: true,
  });
  return new Uint8Array(request.toSchema().toBER());
}

/** The token in a server's answer (or the token itself, as some servers and tools give it). */
export function tokenOf(answer: Uint8Array): Uint8Array {
  try {
    const response = pkijs.TimeStampResp.fromBER(bytesOf(answer));
    if (response.status.status > 1) throw bad(`The time stamp server refused (status ${response.status.status}).`);
    if (response.timeStampToken) return new Uint8Array(response.timeStampToken.toSchema().toBER());
  } catch (thrown) {
    if (thrown instanceof VidimusError) throw thrown;
  }
  try {
    if (pkijs.ContentInfo.fromBER(bytesOf(answer)).contentType === SIGNED_DATA) return answer;
  } catch {
    // Neither an answer nor a token.
  }
  throw bad('The answer of the time stamp server cannot be read.');
}

/**
 * Asks a time stamp server of the laboratory's network. This is the one place where the program speaks to another
 * machine, and only where somebody named the server.
 */
export async function askServer(server: URL, bytes: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
  let answer: Response;
  try {
    answer = await fetch(server, {
      method: 'POST',
      headers: { 'Content-Type': 'application/timestamp-query', Accept: 'application/timestamp-reply' },
      body: new Uint8Array(timeStampQuery(bytes)),
      redirect: 'error',
      signal: AbortSignal.any([AbortSignal.timeout(30_000), ...(signal === undefined ? [] : [signal])]),
    });
  } catch (cause) {
    throw bad(`The time stamp server ${server.host} did not answer.`, cause);
  }
  if (!answer.ok) throw bad(`The time stamp server ${server.host} answered with status ${answer.status}.`);
  const token = tokenOf(new Uint8Array(await answer.arrayBuffer()));
  await checkToken(token, bytes, []);
  return token;
}

/** What a token says, and why its server is trusted. */
export interface TokenFacts {
  readonly time: Date;
  readonly server: string;
  /** Subject of the root that the server's certificate leads to; null where no roots were given. */
  readonly root: string | null;
}

/**
 * Checks that a token is over these bytes and holds.
 * @throws VidimusError signing.timestamp
 */
export async function checkToken(
  token: Uint8Array,
  bytes: Uint8Array,
  roots: readonly X509Certificate[],
): Promise<TokenFacts> {
  let signed: pkijs.SignedData;
  let info: pkijs.TSTInfo;
  try {
    signed = new pkijs.SignedData({ schema: pkijs.ContentInfo.fromBER(bytesOf(token)).content });
    if (signed.encapContentInfo.eContentType !== TST_INFO || !signed.encapContentInfo.eContent)
      throw new Error('no TSTInfo');
    info = pkijs.TSTInfo.fromBER(signed.encapContentInfo.eContent.getValue());
  } catch (cause) {
    throw bad('The token holds no time stamp.', cause);
  }
  const imprint = Buffer.from(info.messageImprint.hashedMessage.valueBlock.valueHexView);
  if (info.messageImprint.hashAlgorithm.algorithmId !== SHA256 || !imprint.equals(sha256(bytes)))
    throw bad('The time stamp is over other bytes.');
  let answer: pkijs.SignedDataVerifyResult | null = null;
  try {
    answer = await signed.verify({ signer: 0, data: bytesOf(bytes), checkChain: false, extendedMode: true });
  } catch (cause) {
    throw bad('The signature of the time stamp does not hold.', cause);
  }
  if (answer.signatureVerified !== true || !answer.signerCertificate)
    throw bad('The signature of the time stamp does not hold.');
  const server = new X509Certificate(Buffer.from(answer.signerCertificate.toSchema(true).toBER()));
  if (!server.keyUsage.includes(TIME_STAMPING))
    throw bad('The certificate of the server is not meant for time stamps.');
  const offered = (signed.certificates ?? [])
    .filter((one) => one instanceof pkijs.Certificate)
    .map((one) => new X509Certificate(Buffer.from(one.toSchema(true).toBER())));
  const end = roots.length === 0 ? null : chainTo(server, offered, roots, info.genTime);
  if (end?.problem) throw bad(`The time stamp server is not trusted: ${end.problem}.`);
  return {
    time: info.genTime,
    server: server.subject.replaceAll('\n', ', '),
    root: end?.root?.subject.replaceAll('\n', ', ') ?? null,
  };
}
