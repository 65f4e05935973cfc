/** Certificates: what they may be used for, and the way from a signer to a trusted root. */
import type { X509Certificate } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';

const KEY_USAGE = '2.5.29.15';

/** Bits of keyUsage that matter to signatures (RFC 5280, 4.2.1.3). */
export interface KeyUsage {
  readonly digitalSignature: boolean;
  readonly nonRepudiation: boolean;
  readonly certificateSigning: boolean;
}

export const toPkijs = (certificate: X509Certificate): pkijs.Certificate =>
  pkijs.Certificate.fromBER(new Uint8Array(certificate.raw).buffer);

/** keyUsage of a certificate; null where the extension is absent, which restricts nothing. */
export function keyUsageOf(certificate: X509Certificate): KeyUsage | null {
  const extension = toPkijs(certificate).extensions?.find(({ extnID }) => extnID === KEY_USAGE);
  if (extension === undefined) return null;
  const parsed = asn1js.fromBER(extension.extnValue.valueBlock.valueHexView.slice().buffer).result;
  if (!(parsed instanceof asn1js.BitString)) return null;
  const [first = 0] = parsed.valueBlock.valueHexView;
  return {
    digitalSignature: (first & 0x80) !== 0,
    nonRepudiation: (first & 0x40) !== 0,
    certificateSigning: (first & 0x04) !== 0,
  };
}

/** Longest way from a signer to a root. */
const LONGEST = 8;

/** Where a chain ends, or why it does not. */
export type ChainEnd =
  | { readonly root: X509Certificate; readonly problem: null }
  | { readonly root: null; readonly problem: string };

/** Walks from the signer issuer by issuer to one of the roots; every certificate must be valid at `time`. */
export function chainTo(
  signer: X509Certificate,
  offered: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  time: Date,
): ChainEnd {
  let current = signer;
  for (let depth = 0; depth < LONGEST; depth++) {
    if (time < new Date(current.validFrom) || time > new Date(current.validTo))
      return {
        root: null,
        problem: `the certificate "${current.subject.replaceAll('\n', ', ')}" was not valid at ${time.toISOString()}`,
      };
    const here = roots.find((root) => root.raw.equals(current.raw));
    if (here !== undefined) return { root: here, problem: null };
    const issues = (candidate: X509Certificate): boolean =>
      candidate.ca && current.checkIssued(candidate) && current.verify(candidate.publicKey);
    const next = roots.find(issues) ?? offered.find((one) => !one.raw.equals(current.raw) && issues(one));
    if (next === undefined) return { root: null, problem: 'the certificate does not lead to a trusted root' };
    current = next;
  }
  return { root: null, problem: 'the chain of certificates is too long' };
}
