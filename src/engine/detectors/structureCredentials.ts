/** Detector `content-credentials`: C2PA manifests, validated offline, with three answers kept apart. */

import { readTrustList, type TrustListFinding } from '../signals/structure/credentials/trustList.ts';
import {
  type Answer,
  type Credentials,
  type CredentialsResult,
  credentialsMime,
  validateCredentials,
} from '../signals/structure/credentials/validate.ts';
import type { Finding } from '../signals/structure/findings.ts';
import { jsonTree } from '../signals/structure/jsonTree.ts';
import { withSource } from '../signals/structure/source.ts';
import { printable, TreeBuilder } from '../signals/structure/tree.ts';
import type { Detector, DetectorContext, DetectorOutput } from '../types.ts';
import { measured, notAssessed, type Speaker, toAnomalies, toStructure } from './structureSupport.ts';

const VALIDATOR = 'c2pa-wasm 0.13.3';
const QUESTIONS = ['content bound to manifest', 'signer trusted', 'time attested'] as const;

/**
 * The detector with a trust list of the laboratory (path of a PEM file, or null for none). Revocation is never
 * checked; the report says so with the date of the list.
 */
export function contentCredentials(trustListPath: () => string | null): Detector {
  return {
    id: 'content-credentials',
    version: '1.0.0',
    family: 'provenance',
    mediaTypes: ['image', 'video', 'audio'],
    needs: { frames: false, faces: false, pcm: false },
    start: (context) => ({ finish: () => examine(context, readTrustList(trustListPath())) }),
  };
}

function speakerFor(trust: TrustListFinding): Speaker {
  const list = trust.ok ? trust.list : null;
  return {
    id: 'content-credentials',
    version: '1.0.0',
    family: 'provenance',
    method: 'docs/methods/content-credentials.md',
    parameters: {
      validator: VALIDATOR,
      network: false,
      revocation: list === null ? 'revocation not checked' : `revocation not checked, snapshot of ${list.date}`,
      trustListDate: list?.date ?? null,
      trustListSha256: list?.sha256 ?? null,
      trustListCertificates: list?.certificates ?? 0,
    },
  };
}

async function examine(context: DetectorContext, trust: TrustListFinding): Promise<DetectorOutput> {
  const speaker = speakerFor(trust);
  const { path } = context.exhibit;
  const mime = await withSource(path, credentialsMime);
  const result: CredentialsResult =
    mime === null
      ? { kind: 'unsupported', reason: 'the validator reads no credentials in this format' }
      : await validateCredentials(path, mime, trust.ok ? trust.list : null, {
          signal: context.signal,
          timeoutMs: context.plan.timeLimitSeconds * 1_000,
        });
  if (result.kind !== 'found') {
    const status = result.kind === 'failed' ? 'failed' : 'not-assessed';
    return {
      observations: QUESTIONS.map((question) =>
        notAssessed(speaker, question, 'yes or no', result.reason, status, 'lower-more-manipulated'),
      ),
      anomalies: toAnomalies(speaker, result.kind === 'damaged' ? [damaged(result.reason)] : []),
    };
  }
  const { credentials } = result;
  const builder = new TreeBuilder();
  const tree = jsonTree('manifest store', credentials.store, builder);
  if (tree !== null) {
    tree.fields.unshift(...summary(credentials, trust).map(([name, value]) => ({ name, value: printable(value) })));
  }
  const answers = [credentials.bound, credentials.trusted, credentials.attested];
  return {
    observations: QUESTIONS.map((question, i) => toObservation(speaker, question, answers[i], trust)),
    anomalies: toAnomalies(speaker, findings(credentials)),
    structures: toStructure(speaker, 'c2pa', 'Content Credentials (C2PA)', tree, builder),
  };
}

function toObservation(speaker: Speaker, question: string, answer: Answer, trust: TrustListFinding) {
  const reason = trust.ok || answer.value !== null ? answer.reason : `${answer.reason} (${trust.reason})`;
  const codes = { reason, codes: [...answer.codes] };
  // Only a broken binding speaks of the content; who signed and when does not.
  const direction = question === QUESTIONS[0] ? 'lower-more-manipulated' : 'none';
  return answer.value === null
    ? notAssessed(speaker, question, 'yes or no', reason, 'not-assessed', direction)
    : measured(speaker, question, answer.value ? 1 : 0, 'yes or no', direction, codes);
}

function summary(credentials: Credentials, trust: TrustListFinding): [string, string][] {
  const word = (answer: Answer): string =>
    `${answer.value === null ? 'not assessed' : answer.value ? 'yes' : 'no'}: ${answer.reason}`;
  return [
    ['content bound', word(credentials.bound)],
    ['signer trusted', word(credentials.trusted)],
    ['time attested', word(credentials.attested)],
    ['signer (as claimed)', `${credentials.signer.commonName}, ${credentials.signer.issuer}`],
    ['signed at (as claimed)', credentials.signer.time ?? 'not stated'],
    ['generator (as claimed)', credentials.generator],
    ['actions (as claimed)', credentials.actions.join(', ')],
    [
      'trust list',
      trust.ok
        ? `${trust.list.certificates} certificates of ${trust.list.date}, SHA-256 ${trust.list.sha256}`
        : trust.reason,
    ],
    ['revocation', trust.ok ? `revocation not checked, snapshot of ${trust.list.date}` : 'revocation not checked'],
    ['clock', 'validity of certificates without a time stamp was judged by the clock of this machine'],
  ];
}

const AI_SOURCE =
  /(trainedAlgorithmicMedia|compositeSynthetic|compositeWithTrainedAlgorithmicMedia|algorithmicMedia)$/i;

function findings(credentials: Credentials): Finding[] {
  const found: Finding[] = [];
  if (credentials.bound.value === false) {
    found.push({
      type: 'content-credentials.not-bound',
      severity: 'high',
      description: `The content does not fit its signed manifest (${credentials.bound.codes.join(', ')}): content or manifest was changed after signing. A resave by a program that keeps the manifest does that too.`,
    });
  }
  const types = credentials.sourceTypes.filter((type) => AI_SOURCE.test(type));
  if (types.length > 0) {
    found.push({
      type: 'content-credentials.declared-synthetic',
      severity: 'high',
      description: `The manifest declares generated media (${types.map((type) => printable(type, 120)).join(', ')})${
        credentials.bound.value === true ? ' and the content is bound to it' : ''
      }. It may concern an ingredient and not the whole.`,
    });
  }
  return found;
}

const damaged = (reason: string): Finding => ({
  type: 'content-credentials.damaged',
  severity: 'medium',
  description: `Content Credentials cannot be read: ${reason}. Platforms that strip metadata in part leave such remains.`,
});
