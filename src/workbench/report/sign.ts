/** Signing a report with the keys of one or two examiners. */
import { createHash } from 'node:crypto';
import type { WritableCase } from '../../casework/case.ts';
import { listExaminers } from '../../casework/records/people.ts';
import { VidimusError } from '../../contract/errors.ts';
import { assertMaySign, nameOf } from '../../reporting/keys/certificate.ts';
import { type Identity, readPkcs12 } from '../../reporting/keys/pkcs12.ts';
import { signPdf } from '../../reporting/sign/pdf/sign.ts';
import { fetchStamp } from '../../reporting/sign/timestamp.ts';
import type { Signer } from './report.ts';

/** A PKCS#12 file with what opens it. */
export interface KeyFile {
  readonly bytes: Uint8Array;
  readonly passphrase: string;
}

/**
 * Opens the keys, so that a wrong pass phrase or an expired certificate is known before the evidence is read, and
 * answers what signs with each of them, one after the other. Where the examiner who works has a certificate in the
 * case, the first key must be the one of that certificate.
 *
 * @param stampServer address of an RFC 3161 server that stamps every signature (B-T); null: B-B, nothing is asked
 * @throws VidimusError key.passphrase, key.unsupported, key.damaged, certificate.*
 */
export function signerOf(
  target: WritableCase,
  keys: readonly KeyFile[],
  stampServer: string | null = null,
  signal?: AbortSignal,
): Signer {
  const identities = keys.map(({ bytes, passphrase }) => readPkcs12(bytes, passphrase));
  for (const { certificate } of identities) assertMaySign(certificate, target.now());
  assertOwn(target, identities[0]);
  const stamp = stampServer === null ? null : (bytes: Uint8Array) => fetchStamp(stampServer, bytes, signal);
  return async (pdf) => {
    let signed = pdf;
    for (const identity of identities)
      signed = await signPdf(signed, { identity, now: target.now(), reason: `Case ${target.info.number}`, stamp });
    return signed;
  };
}

function assertOwn({ db, actor }: WritableCase, first: Identity | undefined): void {
  const entered = listExaminers(db).find(({ id }) => id === actor.id)?.certificateSha256 ?? null;
  if (entered === null || first === undefined) return;
  if (createHash('sha256').update(first.certificate.raw).digest('hex') === entered) return;
  throw new VidimusError(
    'certificate.usage',
    `The key of ${nameOf(first.certificate)} is not that of the certificate that ${actor.name} has in this case.`,
    { advice: 'Sign with your own key, or name the examiner it belongs to with --examiner.' },
  );
}
