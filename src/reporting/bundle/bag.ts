/**
 * A signed bag: BagIt 1.0 (RFC 8493) with SHA-512 and SHA-256 manifests, and a list of hashes over everything in it
 * (`SHA256SUMS`) that carries two detached signatures, CMS and Ed25519, which openssl alone can check.
 */
import { createHash, createPublicKey, type KeyObject, randomUUID, sign } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';
import { assertMaySign } from '../keys/certificate.ts';
import type { Identity } from '../keys/pkcs12.ts';
import { signDetached } from '../sign/cms.ts';
import { readmeText } from './readme.ts';
import { zipBag } from './zip.ts';

export const SUMS = 'SHA256SUMS';
export const CMS_SIGNATURE = 'SHA256SUMS.p7s';
export const ED25519_SIGNATURE = 'SHA256SUMS.sig';
export const ED25519_KEY = 'keys/ed25519.pub.pem';
export const SIGNER_CERTIFICATE = 'keys/signer.crt';

/** A file of the bag. `path` is relative to the payload, with forward slashes. */
export interface BagEntry {
  readonly path: string;
  readonly content: { readonly bytes: Uint8Array } | { readonly file: string; readonly sha256: string };
}

export interface BagOptions {
  readonly entries: readonly BagEntry[];
  /** Labels of bag-info.txt beside those that are computed. */
  readonly info: readonly (readonly [string, string])[];
  readonly title: string;
  readonly identity: Identity;
  /** Ed25519. */
  readonly workstation: KeyObject;
  readonly now: Date;
  readonly zip: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface WrittenBag {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
  /** SHA-256 of SHA256SUMS, which stands for the whole. */
  readonly sumsSha256: string;
}

interface Hashed {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly sha512: string;
}

const oneLine = (text: string): string => text.replace(/[\r\n]+/g, ' ').trim();

/**
 * Writes the bag to `target`, which must not exist: whole or not at all.
 * @throws VidimusError usage.invalid, integrity.mismatch (a file is not what its hash says), output.failed, cancelled,
 *   certificate.expired, certificate.not-yet-valid, certificate.usage, key.unsupported.
 */
export async function writeBag(target: string, options: BagOptions): Promise<WrittenBag> {
  const place = resolve(target);
  assertMaySign(options.identity.certificate, options.now);
  if (await stat(place).catch(() => null))
    throw new VidimusError('usage.invalid', `${place} is there already.`, { advice: 'Name another file or folder.' });
  const id = randomUUID();
  const part = join(dirname(place), `.${id}.part`);
  const packed = join(dirname(place), `.${id}.zip.part`);
  try {
    const written = await fill(part, options);
    if (options.zip) {
      await zipBag(part, packed, basename(place).replace(/\.zip$/i, ''), options.signal);
      await rename(packed, place);
      await rm(part, { recursive: true, force: true });
    } else await rename(part, place);
    return { path: place, ...written };
  } catch (thrown) {
    await rm(part, { recursive: true, force: true });
    await rm(packed, { force: true });
    if (thrown instanceof VidimusError) throw thrown;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new VidimusError('output.failed', `The bundle could not be written to ${place}: ${reason}`, {
      cause: thrown,
    });
  }
}

async function fill(root: string, options: BagOptions): Promise<Omit<WrittenBag, 'path'>> {
  const { entries, identity, workstation, now, signal } = options;
  const payload: Hashed[] = [];
  const tags: Hashed[] = [];
  if (new Set(entries.map(({ path }) => path.toLowerCase())).size !== entries.length)
    throw new VidimusError('bug', 'Two files of the bundle have one name.');
  for (const { path, content } of entries) {
    throwIfCancelled(signal);
    const made =
      'bytes' in content ? await put(root, `data/${path}`, content.bytes) : await copy(root, path, content.file);
    if ('sha256' in content && made.sha256 !== content.sha256)
      throw new VidimusError('integrity.mismatch', `${content.file} is not the file that was examined.`);
    payload.push(made);
  }
  const tag = async (path: string, text: string | Uint8Array): Promise<void> => {
    tags.push(await put(root, path, typeof text === 'string' ? Buffer.from(text, 'utf8') : text));
  };
  const total = payload.reduce((sum, { bytes }) => sum + bytes, 0);
  const info = [
    ...options.info,
    ['Bagging-Date', now.toISOString().slice(0, 10)],
    ['Payload-Oxum', `${total}.${payload.length}`],
  ] as const;
  await tag('bagit.txt', 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n');
  await tag('bag-info.txt', info.map(([label, value]) => `${label}: ${oneLine(value)}\n`).join(''));
  await tag('manifest-sha256.txt', lines(payload, 'sha256'));
  await tag('manifest-sha512.txt', lines(payload, 'sha512'));
  await tag(ED25519_KEY, createPublicKey(workstation).export({ type: 'spki', format: 'pem' }).toString());
  await tag(SIGNER_CERTIFICATE, `${identity.certificate.toString().trimEnd()}\n`);
  await tag('README.txt', readmeText(options.title));
  const sums = Buffer.from(lines([...payload, ...tags], 'sha256'), 'utf8');
  const sumsDigest = createHash('sha256').update(sums).digest();
  await tag(SUMS, sums);
  await tag(CMS_SIGNATURE, signDetached(sumsDigest, identity, { signingTime: now }));
  await tag(ED25519_SIGNATURE, sign(null, sums, workstation));
  const listed = [...tags];
  await put(root, 'tagmanifest-sha256.txt', Buffer.from(lines(listed, 'sha256'), 'utf8'));
  await put(root, 'tagmanifest-sha512.txt', Buffer.from(lines(listed, 'sha512'), 'utf8'));
  return { files: payload.length, bytes: total, sumsSha256: sumsDigest.toString('hex') };
}

/** A manifest: hash, two spaces, path; sorted. Names never need escaping, because the bundle chooses them. */
const lines = (files: readonly Hashed[], digest: 'sha256' | 'sha512'): string =>
  files
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map((file) => `${file[digest]}  ${file.path}\n`)
    .join('');

async function put(root: string, path: string, bytes: Uint8Array): Promise<Hashed> {
  const full = join(root, path);
  await mkdir(dirname(full), { recursive: true });
  const handle = await open(full, 'wx');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  const hash = (name: string): string => createHash(name).update(bytes).digest('hex');
  return { path, bytes: bytes.length, sha256: hash('sha256'), sha512: hash('sha512') };
}

async function copy(root: string, path: string, from: string): Promise<Hashed> {
  const full = join(root, 'data', path);
  await mkdir(dirname(full), { recursive: true });
  const sha256 = createHash('sha256');
  const sha512 = createHash('sha512');
  let bytes = 0;
  const meter = new Transform({
    transform: (chunk: Buffer, _encoding, next) => {
      sha256.update(chunk);
      sha512.update(chunk);
      bytes += chunk.length;
      next(null, chunk);
    },
  });
  await pipeline(createReadStream(from), meter, createWriteStream(full, { flags: 'wx', flush: true }));
  return { path: `data/${path}`, bytes, sha256: sha256.digest('hex'), sha512: sha512.digest('hex') };
}

/** A file name that any system takes, from the name of an exhibit; never empty, never hidden, at most 120 bytes. */
export function safeName(text: string): string {
  let name = text
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}\p{M}._ -]+/gu, '_')
    .replace(/^[. ]+|[. ]+$/g, '');
  while (Buffer.byteLength(name) > 120) name = [...name].slice(1).join('');
  const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i.test(name);
  return name === '' || reserved ? `_${name}` : name;
}
