/** Loading a pack folder: manifest read strictly, every file hashed, nothing beside what the manifest lists. */
import { readdir, readFile, stat } from 'node:fs/promises';
import type * as z from 'zod';
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';
import { type PackFile, PackManifest } from '../../contract/pack.ts';
import { FileSource } from './checkpoints/source.ts';
import { containedFile, sha256Hex } from './files.ts';

export const MANIFEST_NAME = 'pack.json';
export const CARD_NAME = 'CARD.md';
const MAX_MANIFEST = 4 * 1024 * 1024;

/** A pack on disk whose files matched its manifest when it was loaded. */
export interface Pack {
  readonly manifest: PackManifest;
  readonly folder: string;
  /** SHA-256 of `pack.json`, which itself holds the hashes of all other files. */
  readonly sha256: string;
}

/** `id@version`, the name under which a pack is addressed. */
export const packKey = (manifest: { readonly id: string; readonly version: string }): string =>
  `${manifest.id}@${manifest.version}`;

/** Parses a manifest's text. @throws VidimusError `pack.invalid` naming the field. */
export function parseManifest(text: string, where: string): PackManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new VidimusError('pack.invalid', `${where} is not JSON.`, { cause });
  }
  const parsed = PackManifest.safeParse(json);
  if (!parsed.success) throw new VidimusError('pack.invalid', `${where} is not valid: ${describe(parsed.error)}.`);
  const names = parsed.data.files.map((file) => file.path.toLowerCase());
  if (new Set(names).size !== names.length) throw new VidimusError('pack.invalid', `${where} lists a file twice.`);
  if (names.includes(MANIFEST_NAME)) throw new VidimusError('pack.invalid', `${where} lists itself.`);
  return parsed.data;
}

/** First problem of a failed parse as `path: message`. */
export function describe(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'unknown problem';
  const path = issue.path.join('.');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}

/** Manifest of a folder without hashing its files. */
export async function readManifest(folder: string): Promise<{ manifest: PackManifest; sha256: string }> {
  const path = await containedFile(folder, MANIFEST_NAME);
  if (path === null) throw new VidimusError('pack.missing', `"${folder}" holds no ${MANIFEST_NAME}.`);
  if ((await stat(path)).size > MAX_MANIFEST)
    throw new VidimusError('pack.invalid', `${MANIFEST_NAME} is above 4 MiB.`);
  const bytes = await readFile(path);
  return { manifest: parseManifest(bytes.toString('utf8'), `"${path}"`), sha256: sha256Hex(bytes) };
}

/**
 * Loads a pack and hashes all its files.
 * @throws VidimusError `pack.missing`, `pack.invalid`, or `pack.damaged` naming what differs.
 */
export async function loadPack(folder: string, signal?: AbortSignal): Promise<Pack> {
  const { manifest, sha256 } = await readManifest(folder);
  await refuseStrangers(folder, manifest);
  for (const file of manifest.files) {
    throwIfCancelled(signal);
    await checkFile(folder, manifest, file, signal);
  }
  return { manifest, folder, sha256 };
}

async function refuseStrangers(folder: string, manifest: PackManifest): Promise<void> {
  const known = new Set([MANIFEST_NAME, CARD_NAME, ...manifest.files.map((file) => file.path)]);
  for (const name of await readdir(folder)) {
    // Desktop systems leave hidden files behind; nothing here ever opens one.
    if (known.has(name) || name.startsWith('.') || name === 'Thumbs.db' || name === 'desktop.ini') continue;
    throw new VidimusError(
      'pack.damaged',
      `The pack ${packKey(manifest)} holds "${name}", which its manifest does not list.`,
    );
  }
}

async function checkFile(folder: string, manifest: PackManifest, file: PackFile, signal?: AbortSignal): Promise<void> {
  const path = await containedFile(folder, file.path);
  if (path === null) throw new VidimusError('pack.damaged', `The pack ${packKey(manifest)} lacks "${file.path}".`);
  const source = await FileSource.open(path);
  try {
    if (source.size !== file.bytes) {
      throw new VidimusError(
        'pack.damaged',
        `"${file.path}" of the pack ${packKey(manifest)} has ${source.size} bytes; the manifest says ${file.bytes}.`,
      );
    }
    assertHash(manifest, file, await source.sha256(signal));
  } finally {
    await source.close();
  }
}

function assertHash(manifest: PackManifest, file: PackFile, actual: string): void {
  if (actual === file.sha256) return;
  throw new VidimusError(
    'pack.damaged',
    `"${file.path}" of the pack ${packKey(manifest)} has SHA-256 ${actual}; the manifest says ${file.sha256}.`,
  );
}

/**
 * Bytes of one file of a pack, hashed as they are handed out: what a session runs is what was checked, even if the
 * folder changed since it was loaded.
 */
export async function readPackFile(pack: Pack, name: string): Promise<Uint8Array> {
  const file = pack.manifest.files.find((candidate) => candidate.path === name);
  if (file === undefined)
    throw new VidimusError('pack.invalid', `The pack ${packKey(pack.manifest)} lists no "${name}".`);
  const path = await containedFile(pack.folder, name);
  if (path === null) throw new VidimusError('pack.damaged', `The pack ${packKey(pack.manifest)} lacks "${name}".`);
  const bytes = await readFile(path);
  assertHash(pack.manifest, file, sha256Hex(bytes));
  return bytes;
}

/**
 * The ONNX file of a pack: the one named `<role>.onnx` when a role is given, else the only or first one.
 * @throws VidimusError `pack.invalid` when there is none.
 */
export function graphFile(manifest: PackManifest, role?: string): string {
  const graphs = manifest.files.map((file) => file.path).filter((path) => path.endsWith('.onnx'));
  const found = role === undefined ? graphs[0] : graphs.find((path) => path === `${role}.onnx`);
  if (found === undefined) {
    throw new VidimusError(
      'pack.invalid',
      `The pack ${packKey(manifest)} has no graph${role === undefined ? '' : ` "${role}"`}.`,
    );
  }
  return found;
}
