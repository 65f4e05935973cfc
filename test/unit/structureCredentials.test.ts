import { describe, expect, it } from 'vitest';
import { SourceBlob, SourceReaderSync } from '../../src/engine/signals/structure/credentials/fileBlob.ts';
import { parseTrustList, readTrustList } from '../../src/engine/signals/structure/credentials/trustList.ts';
import { credentialsMime, explain, interpret } from '../../src/engine/signals/structure/credentials/validate.ts';
import { memorySource } from '../../src/engine/signals/structure/source.ts';

const trust = { pem: '', sha256: '0'.repeat(64), date: '2026-01-01', certificates: 1 };
const store = (
  success: readonly string[],
  failure: readonly string[],
  informational: readonly string[] = [],
): string => {
  const codes = (list: readonly string[]) => list.map((code) => ({ code, url: 'self#jumbf=x' }));
  return JSON.stringify({
    active_manifest: 'm',
    manifests: {
      m: { claim_generator_info: [{ name: 'n', version: '1' }], signature_info: { issuer: 'i', common_name: 'c' } },
    },
    validation_results: {
      activeManifest: { success: codes(success), failure: codes(failure), informational: codes(informational) },
    },
  });
};
const answers = (text: string, list: typeof trust | null) => {
  const result = interpret(text, list);
  if (result.kind !== 'found') throw new Error(result.reason);
  const { bound, trusted, attested } = result.credentials;
  return [bound.value, trusted.value, attested.value];
};

const good = ['claimSignature.validated', 'assertion.hashedURI.match', 'assertion.dataHash.match'];

describe('the three answers', () => {
  it('are independent of each other', () => {
    expect(
      answers(store([...good, 'signingCredential.trusted', 'timeStamp.validated', 'timeStamp.trusted'], []), trust),
    ).toEqual([true, true, true]);
    expect(answers(store(good, ['signingCredential.untrusted']), trust)).toEqual([true, false, false]);
    expect(
      answers(store(['claimSignature.validated', 'signingCredential.trusted'], ['assertion.dataHash.mismatch']), trust),
    ).toEqual([false, true, false]);
  });

  it('leave signer and stamp open without a trust list', () => {
    expect(answers(store([...good, 'timeStamp.validated'], ['signingCredential.untrusted']), null)).toEqual([
      true,
      null,
      null,
    ]);
  });

  it('call nothing bound without a valid signature and a hash of the content', () => {
    expect(answers(store(['assertion.dataHash.match'], []), trust)[0]).toBeNull();
    expect(answers(store(['claimSignature.validated', 'assertion.hashedURI.match'], []), trust)[0]).toBeNull();
    expect(answers(store(good, ['claimSignature.mismatch']), trust)[0]).toBe(false);
    expect(answers(store(good, ['assertion.action.malformed']), trust)[0]).toBeNull();
  });

  it('trust no credential that has another failure', () => {
    expect(answers(store([...good, 'signingCredential.trusted'], ['claimSignature.outsideValidity']), trust)[1]).toBe(
      false,
    );
    expect(answers(store(good, [], ['timeStamp.untrusted']), trust)[2]).toBe(false);
  });

  it('come from a readable store only', () => {
    expect(interpret('{', null).kind).toBe('failed');
    expect(interpret('{}', null).kind).toBe('damaged');
    expect(interpret('{"active_manifest":"a","manifests":{}}', null).kind).toBe('damaged');
  });
});

it('puts the errors of the validator into words', () => {
  expect(explain('C2pa(JumbfNotFound)')).toMatchObject({
    kind: 'none',
    reason: expect.stringContaining('provenance is unknown'),
  });
  expect(explain('C2pa(RemoteManifestUrl("http://x"))').kind).toBe('remote');
  expect(explain('C2pa(UnsupportedType)').kind).toBe('unsupported');
  expect(explain('C2pa(JumbfParseError(UnexpectedEof))').kind).toBe('damaged');
  expect(explain('C2pa(InvalidAsset("Could not parse input JPEG"))').kind).toBe('unreadable');
  expect(explain('RuntimeError: unreachable').kind).toBe('failed');
});

describe('trust list', () => {
  it('has a reason for each way in which it can be missing', () => {
    expect(readTrustList(null)).toEqual({ ok: false, reason: 'no trust list is set up' });
    expect(readTrustList('/nowhere/list.pem')).toEqual({ ok: false, reason: 'the trust list cannot be read' });
    expect(parseTrustList(Buffer.from('nothing'), new Date(0))).toEqual({
      ok: false,
      reason: 'the trust list holds no certificate',
    });
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
    expect(parseTrustList(Buffer.from(broken), new Date(0))).toEqual({
      ok: false,
      reason: 'certificate 1 of the trust list is damaged',
    });
  });
});

it('chooses the media type by content', () => {
  const mime = (text: string) => credentialsMime(memorySource(Buffer.from(text, 'latin1')));
  expect(mime('\xff\xd8\xff\xe0')).toBe('image/jpeg');
  expect(mime('\0\0\0\x18ftypheic')).toBe('image/heic');
  expect(mime('\0\0\0\x18ftypqt  ')).toBe('video/quicktime');
  expect(mime('\0\0\0\x18ftypisom')).toBe('video/mp4');
  expect(mime('RIFF\0\0\0\0WEBP')).toBe('image/webp');
  expect(mime('hello')).toBeNull();
});

it('reads slices of a source as Blob.slice would', async () => {
  const bytes = Uint8Array.from({ length: 50 }, (_, i) => i);
  const ours = new SourceBlob(memorySource(bytes), 'x/y');
  const real = new Blob([bytes]);
  for (const [start, end] of [
    [0, 50],
    [10, 20],
    [-5, 50],
    [40, 90],
    [30, 10],
    [-90, -40],
  ]) {
    const expected = new Uint8Array(await real.slice(start, end).arrayBuffer());
    expect(new Uint8Array(new SourceReaderSync().readAsArrayBuffer(ours.slice(start, end)))).toEqual(expected);
    expect(ours.slice(start, end).size).toBe(expected.length);
    expect(new Uint8Array(await ours.slice(5, 45).slice(start, end).arrayBuffer())).toEqual(
      new Uint8Array(await real.slice(5, 45).slice(start, end).arrayBuffer()),
    );
  }
});
