/**
 * Validates Content Credentials (C2PA) offline and keeps three questions apart: is the content bound to the manifest,
 * is the signer trusted, is the time attested. Revocation is not checked, and no manifest is fetched from anywhere.
 */
import { createRequire } from 'node:module';
import * as z from 'zod';
import { sniffFormat } from '../sniff.ts';
import type { ByteSource } from '../source.ts';
import { runInThread } from '../thread/run.ts';
import type { TrustList } from './trustList.ts';

/** Answer to one of the three questions. `null` with a reason where it cannot be answered. */
export interface Answer {
  readonly value: boolean | null;
  readonly reason: string;
  /** Validation codes of the C2PA specification that decided it. */
  readonly codes: readonly string[];
}

export interface Credentials {
  readonly bound: Answer;
  readonly trusted: Answer;
  readonly attested: Answer;
  /** Who signed and when, as the signature claims. */
  readonly signer: { readonly issuer: string; readonly commonName: string; readonly time: string | null };
  readonly generator: string;
  readonly sourceTypes: readonly string[];
  readonly actions: readonly string[];
  readonly ingredients: number;
  /** The whole manifest store as the validator gives it. */
  readonly store: unknown;
}

export type CredentialsResult =
  | { readonly kind: 'found'; readonly credentials: Credentials }
  | { readonly kind: 'none' | 'unsupported' | 'unreadable' | 'remote' | 'damaged' | 'failed'; readonly reason: string };

const Status = z.object({ code: z.string(), explanation: z.string().optional() });
const Statuses = z.object({
  success: z.array(Status).default([]),
  informational: z.array(Status).default([]),
  failure: z.array(Status).default([]),
});
const Assertion = z.object({ label: z.string(), data: z.unknown().optional() });
const Manifest = z.object({
  claim_generator: z.string().optional(),
  claim_generator_info: z.array(z.object({ name: z.string().optional(), version: z.string().optional() })).optional(),
  assertions: z.array(Assertion).default([]),
  ingredients: z.array(z.unknown()).default([]),
  signature_info: z
    .object({ issuer: z.string().nullish(), common_name: z.string().nullish(), time: z.string().nullish() })
    .optional(),
});
const Store = z.object({
  active_manifest: z.string().optional(),
  manifests: z.record(z.string(), Manifest).default({}),
  validation_results: z.object({ activeManifest: Statuses.optional() }).optional(),
});

/** Media type for the validator by signature of the file; null where credentials cannot be embedded. */
export function credentialsMime(source: ByteSource): string | null {
  switch (sniffFormat(source)) {
    case 'jpeg':
      return 'image/jpeg';
    case 'png':
      return 'image/png';
    case 'gif':
      return 'image/gif';
    case 'tiff':
      return 'image/tiff';
    case 'webp':
      return 'image/webp';
    case 'avi':
      return 'video/avi';
    case 'wav':
      return 'audio/wav';
    case 'mp3':
      return 'audio/mpeg';
    case 'bmff': {
      const brand = source.read(8, 4).toString('latin1');
      if (/^(heic|heix|heim|heis|mif1|msf1)$/.test(brand)) return 'image/heic';
      if (/^avi[fs]$/.test(brand)) return 'image/avif';
      if (brand === 'M4A ') return 'audio/mp4';
      return brand === 'qt  ' ? 'video/quicktime' : 'video/mp4';
    }
    default:
      return null;
  }
}

/**
 * Validates the credentials of a file whose media type was sniffed.
 *
 * @throws VidimusError cancelled
 */
export async function validateCredentials(
  path: string,
  mime: string,
  trust: TrustList | null,
  options: { readonly signal?: AbortSignal; readonly timeoutMs?: number } = {},
): Promise<CredentialsResult> {
  const settings = {
    verify: { verify_trust: true, verify_timestamp_trust: true, remote_manifest_fetch: false, ocsp_fetch: false },
    ...(trust === null ? {} : { trust: { user_anchors: trust.pem } }),
  };
  const wasm = createRequire(import.meta.url).resolve('@contentauth/c2pa-wasm/c2pa.wasm');
  const answer = await runInThread(
    { kind: 'c2pa', path, mime, wasm, settings: JSON.stringify(settings) },
    { timeoutMs: 120_000, ...options },
  );
  return 'error' in answer ? explain(answer.error) : interpret(answer.json, trust);
}

/** Puts the validator's errors into words. */
export function explain(error: string): CredentialsResult {
  if (/JumbfNotFound|ProvenanceMissing|NoManifest/i.test(error)) {
    return { kind: 'none', reason: 'no manifest: the provenance is unknown, which says nothing about the content' };
  }
  if (/RemoteManifest/i.test(error)) {
    return {
      kind: 'remote',
      reason: 'the manifest lies on a server and was not fetched: this program uses no network',
    };
  }
  if (/UnsupportedType/i.test(error)) return { kind: 'unsupported', reason: 'the validator does not read this format' };
  if (/^(Timeout|Crash|RuntimeError)/.test(error))
    return { kind: 'failed', reason: `the validator stopped: ${error.slice(0, 200)}` };
  // What concerns the media container is no statement about a manifest.
  if (!/Jumbf|Claim|Cose|Cbor|Manifest|Assertion|Signature|Hash/i.test(error)) {
    return { kind: 'unreadable', reason: `the validator could not read the file (${error.slice(0, 200)})` };
  }
  return { kind: 'damaged', reason: `a manifest is there and cannot be read (${error.slice(0, 200)})` };
}

const BOUND = /^assertion\.(dataHash|bmffHash|boxesHash|collectionHash|multiAssetHash)\.match$/;
/** Failures that concern who signed and when, not whether content and manifest belong together. */
const NOT_BINDING = /^(signingCredential|timeStamp|timestamp|claimSignature\.outsideValidity|ingredient)/;

/** Derives the three answers from the manifest store's own validation results. */
export function interpret(storeText: string, trust: TrustList | null): CredentialsResult {
  let json: unknown;
  try {
    json = JSON.parse(storeText);
  } catch {
    return { kind: 'failed', reason: 'the validator gave no readable answer' };
  }
  const parsed = Store.safeParse(json);
  const manifest = parsed.success ? parsed.data.manifests[parsed.data.active_manifest ?? ''] : undefined;
  const results = parsed.success ? parsed.data.validation_results?.activeManifest : undefined;
  if (!parsed.success || manifest === undefined || results === undefined) {
    return { kind: 'damaged', reason: 'the manifest store has no active manifest that can be validated' };
  }
  const success = results.success.map((status) => status.code);
  const failure = results.failure.map((status) => status.code);
  const actions = manifest.assertions
    .filter((a) => a.label.startsWith('c2pa.actions'))
    .flatMap((a) => actionList(a.data));
  const credentials: Credentials = {
    bound: boundAnswer(success, failure),
    trusted: trustedAnswer(success, failure, trust),
    attested: attestedAnswer(success, [...failure, ...results.informational.map((status) => status.code)], trust),
    signer: {
      issuer: manifest.signature_info?.issuer ?? '',
      commonName: manifest.signature_info?.common_name ?? '',
      time: manifest.signature_info?.time ?? null,
    },
    generator:
      manifest.claim_generator_info?.map((info) => [info.name, info.version].filter(Boolean).join(' ')).join(', ') ??
      manifest.claim_generator ??
      '',
    sourceTypes: [...new Set(sourceTypes(json))],
    actions: actions.slice(0, 100),
    ingredients: manifest.ingredients.length,
    store: json,
  };
  return { kind: 'found', credentials };
}

function boundAnswer(success: readonly string[], failure: readonly string[]): Answer {
  const broken = [...new Set(failure.filter((code) => !NOT_BINDING.test(code)))];
  if (broken.some((code) => code.endsWith('.mismatch'))) {
    return { value: false, reason: 'the content or the manifest was changed after signing', codes: broken };
  }
  if (broken.length > 0) {
    return {
      value: null,
      reason: 'the manifest breaks the specification in other ways than its hashes',
      codes: broken,
    };
  }
  const codes = success.filter((code) => BOUND.test(code));
  if (!success.includes('claimSignature.validated') || codes.length === 0) {
    return { value: null, reason: 'no hash in the manifest covers the content', codes: [...success] };
  }
  return {
    value: true,
    reason: 'the hash in the signed manifest fits the content',
    codes: [...codes, 'claimSignature.validated'],
  };
}

function trustedAnswer(success: readonly string[], failure: readonly string[], trust: TrustList | null): Answer {
  const codes = [...success, ...failure].filter(
    (code) => code.startsWith('signingCredential') || code.startsWith('claimSignature'),
  );
  if (trust === null)
    return {
      value: null,
      reason: 'without a trust list nothing is known of the signer: anybody can sign with a name of their choice',
      codes,
    };
  const bad = failure.filter((code) => /^(signingCredential|claimSignature)/.test(code));
  if (bad.length === 0 && success.includes('signingCredential.trusted')) {
    return { value: true, reason: 'the certificate leads to the trust list', codes };
  }
  return { value: false, reason: 'the certificate does not lead to the trust list, or is not valid', codes };
}

function attestedAnswer(success: readonly string[], other: readonly string[], trust: TrustList | null): Answer {
  const codes = [...success, ...other].filter((code) => /^time[Ss]tamp\./.test(code));
  if (codes.length === 0) return { value: false, reason: 'no time stamp: the time is what the signer wrote', codes };
  if (success.includes('timeStamp.trusted'))
    return { value: true, reason: 'a trusted authority stamped the time', codes };
  if (trust === null && success.includes('timeStamp.validated')) {
    return { value: null, reason: 'a time stamp fits, but without a trust list nobody says whose it is', codes };
  }
  return { value: false, reason: 'the time stamp is not trusted or does not fit', codes };
}

function actionList(data: unknown): string[] {
  const parsed = z.object({ actions: z.array(z.object({ action: z.string() })) }).safeParse(data);
  return parsed.success ? parsed.data.actions.map((item) => item.action) : [];
}

/** Every `digitalSourceType` anywhere in the store, depth and number bounded. */
function sourceTypes(value: unknown, depth = 0): string[] {
  if (depth > 24 || typeof value !== 'object' || value === null) return [];
  const found: string[] = [];
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'digitalSourceType' && typeof inner === 'string') found.push(inner);
    else found.push(...sourceTypes(inner, depth + 1).slice(0, 100));
    if (found.length > 100) break;
  }
  return found;
}
