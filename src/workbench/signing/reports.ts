/** Signing reports, and having their signatures time-stamped. */
import { readFile } from 'node:fs/promises';
import type { WritableCase } from '../../casework/case.ts';
import { listExaminers } from '../../casework/records/people.ts';
import { VidimusError } from '../../contract/errors.ts';
import { assertMaySign } from '../../reporting/keys/certificate.ts';
import type { Identity } from '../../reporting/keys/pkcs12.ts';
import { signatureValueOf } from '../../reporting/sign/cms.ts';
import { Asn1Error } from '../../reporting/sign/der.ts';
import { lastSignature, signPdf, stampPdf } from '../../reporting/sign/pdf/sign.ts';
import { fetchStamp, stampRequest, tokenFrom } from '../../reporting/sign/timestamp.ts';
import { chainTo, readCertificates } from '../../reporting/verify/chain.ts';
import { type CheckedToken, checkToken } from '../../reporting/verify/cms.ts';
import { findFonts } from '../report/fonts.ts';
import { assertFree, prepareOutputs } from '../report/outputs.ts';
import type { Signer } from '../report/report.ts';

export interface SignerOptions {
  /** One or two examiners, in the order in which they sign. */
  readonly identities: readonly Identity[];
  readonly reason: string | null;
  readonly location: string | null;
  /** Whether each signature shows on the last page. */
  readonly visible: boolean;
  /** A time stamp server on the laboratory's network. */
  readonly server: string | null;
  readonly now: () => Date;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where the examiner who works has a certificate in the case, the first signature must be with its key.
 * @throws VidimusError certificate.usage.
 */
export function assertOwnCertificate({ db, actor }: WritableCase, first: Identity | undefined): void {
  const entered = listExaminers(db).find(({ id }) => id === actor.id)?.certificateSha256 ?? null;
  if (entered === null || first === undefined) return;
  if (first.certificate.fingerprint256.replaceAll(':', '').toLowerCase() !== entered)
    throw new VidimusError(
      'certificate.usage',
      `The first key file is not that of the certificate that ${actor.name} has in this case.`,
    );
}

/** Boxes for visible signatures at the foot of a page, in points. */
const BOXES = [
  [60, 60, 220, 56],
  [320, 60, 220, 56],
] as const;

/** What the making of a report calls to have it signed. @throws VidimusError usage.invalid for more than two. */
export function reportSigner(options: SignerOptions): Signer {
  const { identities, server, signal } = options;
  if (identities.length === 0 || identities.length > BOXES.length)
    throw new VidimusError('usage.invalid', 'A report is signed by one or two examiners.');
  const [first, second] = identities;
  if (second && first?.certificate.raw.equals(second.certificate.raw))
    throw new VidimusError('usage.invalid', 'Both signatures are of the same examiner.');
  for (const { certificate } of identities) assertMaySign(certificate, options.now());
  return async (pdf) => {
    const font = options.visible ? ((await findFonts()).body[0]?.bytes ?? null) : null;
    let signed = pdf;
    for (const [i, identity] of identities.entries()) {
      const box = BOXES[i];
      signed = await signPdf(signed, {
        identity,
        now: options.now(),
        reason: options.reason,
        location: options.location,
        visible: font && box ? { page: -1, box, font } : null,
        stamp: server === null ? null : (value) => stamped(server, value, signal),
      });
    }
    return signed;
  };
}

async function stamped(server: string, value: Uint8Array, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const token = await fetchStamp(server, value, signal);
  checked(token, value);
  return token;
}

function checked(token: Uint8Array, value: Uint8Array): CheckedToken {
  let found: CheckedToken;
  try {
    found = checkToken(token, value);
  } catch (thrown) {
    if (!(thrown instanceof Asn1Error)) throw thrown;
    throw new VidimusError('signature.timestamp', 'The token of the time stamp server cannot be read.', {
      cause: thrown,
    });
  }
  const [fault] = found.faults;
  if (fault) throw new VidimusError('signature.timestamp', fault);
  return found;
}

const read = (path: string): Promise<Buffer> =>
  readFile(path).catch((cause: unknown) => {
    throw new VidimusError('usage.invalid', `${path} cannot be read.`, { cause });
  });

async function writeFresh(path: string, bytes: Uint8Array): Promise<void> {
  assertFree([path]);
  const prepared = await prepareOutputs([{ path, bytes }]);
  await prepared.commit();
}

/** Writes a request for a time stamp over the last signature of a report, for a server that this computer cannot reach. */
export async function requestStamp(report: string, out: string): Promise<void> {
  const { contents } = lastSignature(await read(report));
  await writeFresh(out, stampRequest(signatureValueOf(contents)).request);
}

/**
 * Puts the answer to such a request into the report and writes it under a new name.
 * @throws VidimusError signature.timestamp, signature.document, usage.invalid, output.failed.
 */
export async function importStamp(
  report: string,
  answer: string,
  out: string,
  anchors: string | null,
): Promise<{ readonly timeUtc: string; readonly server: string; readonly anchored: boolean }> {
  const pdf = await read(report);
  const token = tokenFrom(await read(answer));
  const found = checked(token, signatureValueOf(lastSignature(pdf).contents));
  if (anchors !== null) {
    const chain = chainTo(readCertificates(await read(anchors)), found.offered, found.signer, found.time);
    if ('fault' in chain) throw new VidimusError('signature.timestamp', chain.fault);
  }
  await writeFresh(out, stampPdf(pdf, token));
  const server = found.signer.subject.replaceAll('\n', ', ');
  return { timeUtc: found.time.toISOString(), server, anchored: anchors !== null };
}
