/** From a certificate to a root that the reader trusts (RFC 5280, section 6, without revocation). */
import { X509Certificate } from 'node:crypto';
import { VidimusError } from '../../contract/errors.ts';
import { nameOf, readUse } from '../keys/certificate.ts';

/** Certificates of PEM text or one DER certificate. @throws VidimusError usage.invalid. */
export function readCertificates(bytes: Uint8Array): X509Certificate[] {
  const text = Buffer.from(bytes).toString('latin1');
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  try {
    return blocks ? blocks.map((one) => new X509Certificate(one)) : [new X509Certificate(Buffer.from(bytes))];
  } catch (cause) {
    throw new VidimusError('usage.invalid', 'The trusted certificates cannot be read.', {
      advice: 'Give a file with certificates in PEM or DER form.',
      cause,
    });
  }
}

export type ChainAnswer = { readonly anchor: X509Certificate } | { readonly fault: string };

const MAX_DEPTH = 8;

/** Walks issuer by issuer; every certificate must be valid at `time`. */
export function chainTo(
  anchors: readonly X509Certificate[],
  offered: readonly X509Certificate[],
  leaf: X509Certificate,
  time: Date,
): ChainAnswer {
  let current = leaf;
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    const use = readUse(current);
    // Certificates count whole seconds.
    if (time.getTime() < use.from.getTime() - 999 || time > use.to)
      return { fault: `The certificate of ${nameOf(current)} was not valid on ${time.toISOString()}.` };
    if (anchors.some((anchor) => anchor.raw.equals(current.raw))) return { anchor: current };
    const issues = (candidate: X509Certificate): boolean =>
      candidate.ca &&
      readUse(candidate).keyUsage?.keyCertSign !== false &&
      current.checkIssued(candidate) &&
      current.verify(candidate.publicKey);
    const next = anchors.find(issues) ?? offered.find((one) => !one.raw.equals(current.raw) && issues(one));
    if (!next) return { fault: `${nameOf(current)} does not lead to a trusted root.` };
    current = next;
  }
  return { fault: 'The chain of certificates is too long.' };
}
