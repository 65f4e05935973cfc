/** What is said of the signer of a report or bundle: signature, certificate, chain, time. */
import type { X509Certificate } from 'node:crypto';
import { maySign, nameOf, readUse } from '../keys/certificate.ts';
import { Asn1Error } from '../sign/der.ts';
import { chainTo } from './chain.ts';
import { type CheckedSignature, checkCms, checkToken } from './cms.ts';
import type { Points } from './points.ts';

export interface Trust {
  /** Roots of signers and of time stamp servers. */
  readonly roots: readonly X509Certificate[];
  readonly now: Date;
}

/** Checks a signature and says every point of it. `claimed` is the time the signing computer gave, where it is known. */
export function checkSigner(
  points: Points,
  subject: string,
  cms: Uint8Array,
  digestOf: (digest: string) => Uint8Array,
  claimed: Date | null,
  trust: Trust,
): void {
  let checked: CheckedSignature;
  try {
    checked = checkCms(cms, digestOf);
  } catch (thrown) {
    const why = thrown instanceof Asn1Error ? thrown.message : 'its certificates are damaged';
    points.bad(subject, `The signature cannot be read: ${why}.`);
    return;
  }
  const { signer, faults } = checked;
  const who = nameOf(signer);
  for (const fault of faults) points.bad(subject, fault);
  if (faults.length === 0) points.ok(subject, `Signed by ${who}; nothing that was signed has changed since.`);
  const use = readUse(signer);
  points.say(
    maySign(use) && !signer.ca,
    subject,
    'The certificate is meant for signing.',
    'The certificate is not meant for signing documents.',
  );
  const attested = stampTime(points, subject, checked, trust);
  const stated = claimed ?? checked.signingTime;
  const time = attested ?? stated ?? trust.now;
  if (attested === null)
    points.open(
      subject,
      stated
        ? `The time ${stated.toISOString()} is that of the signing computer; nobody else attests it.`
        : 'The signature states no time.',
    );
  if (trust.now > use.to && attested === null)
    points.open(subject, 'The certificate has expired since; that the signature is older is not attested.');
  if (trust.roots.length === 0) {
    const valid = time.getTime() >= use.from.getTime() - 999 && time <= use.to;
    points.say(
      valid,
      subject,
      'The certificate was valid at that time.',
      `The certificate was not valid on ${time.toISOString()}.`,
    );
    points.open(subject, `Who ${who} is was not checked: no trusted root was given (--trust).`);
    return;
  }
  const answer = chainTo(trust.roots, checked.offered, signer, time);
  if ('fault' in answer) points.bad(subject, answer.fault);
  else
    points.ok(
      subject,
      `The certificate was valid at that time and leads to the trusted root ${nameOf(answer.anchor)}.`,
    );
  points.open(subject, 'Whether a certificate was revoked was not checked: this computer asks no server.');
}

/** The attested time; null where there is none that holds. */
function stampTime(points: Points, subject: string, checked: CheckedSignature, trust: Trust): Date | null {
  if (checked.stamp === null) return null;
  try {
    const token = checkToken(checked.stamp, checked.value);
    for (const fault of token.faults) points.bad(subject, `Time stamp: ${fault}`);
    if (token.faults.length > 0) return null;
    const by = nameOf(token.signer);
    if (trust.roots.length === 0) {
      points.open(subject, `A time stamp of ${by} says ${token.time.toISOString()}; its server was not checked.`);
      return null;
    }
    const answer = chainTo(trust.roots, [...token.offered, ...checked.offered], token.signer, token.time);
    if ('fault' in answer) {
      points.bad(subject, `Time stamp: ${answer.fault}`);
      return null;
    }
    points.ok(subject, `${by} attests that the signature existed on ${token.time.toISOString()}.`);
    return token.time;
  } catch {
    points.bad(subject, 'The time stamp cannot be read.');
    return null;
  }
}
