/** Signing a report with the keys of one or two examiners. */
import { createHash } from 'node:crypto';
import type { WritableCase } from '../../casework/case.ts';
import { listExaminers } from '../../casework/records/people.ts';
import { VidimusError } from '../../contract/errors.ts';
import { assertMaySign, type Credential, readCredential, subjectOf } from '../../reporting/sign/credential.ts';
import { signPdf } from '../../reporting/sign/signPdf.ts';
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
 * @throws VidimusError signing.passphrase, signing.key, signing.certificate
 */
export async function signerOf(target: WritableCase, keys: readonly KeyFile[]): Promise<Signer> {
  const credentials: Credential[] = [];
  for (const { bytes, passphrase } of keys) {
    const credential = await readCredential(bytes, passphrase);
    assertMaySign(credential, target.now());
    credentials.push(credential);
  }
  assertOwn(target, credentials[0]);
  return async (pdf) => {
    let signed = pdf;
    for (const credential of credentials)
      signed = await signPdf(signed, { credential, time: target.now(), reason: `Case ${target.info.number}` });
    return signed;
  };
}

function assertOwn({ db, actor }: WritableCase, first: Credential | undefined): void {
  const entered = listExaminers(db).find(({ id }) => id === actor.id)?.certificateSha256 ?? null;
  if (entered === null || first === undefined) return;
  if (createHash('sha256').update(first.certificate.raw).digest('hex') === entered) return;
  throw new VidimusError(
    'signing.certificate',
    `The key of ${subjectOf(first.certificate)} is not that of the certificate that ${actor.name} has in this case.`,
  );
}
