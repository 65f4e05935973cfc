/**
 * Which packs this machine has: built-in ones beside the program and the examiner's own. Versions live side by side;
 * what is switched off and which pack is preferred for a task is in `registry-state.ts`.
 */
import { lstat, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { PackListing } from '../../contract/api.ts';
import { asVidimusError, VidimusError } from '../../contract/errors.ts';
import type { PackManifest } from '../../contract/pack.ts';
import { type MediaType, TASK_MEDIA, Task } from '../../contract/words.ts';
import { isMissing, removeFolder } from './files.ts';
import { loadPack, type Pack, packKey, readManifest } from './pack.ts';
import { enabledMedia, forget, type RegistryState, readState, switched, writeState } from './registry-state.ts';

/** Where packs are looked for. `user` need not exist yet. */
export interface ModelRoots {
  readonly builtIn: string;
  readonly user: string;
}

/** Folders of `models/` that hold no packs. */
const NOT_PACKS = new Set(['architectures', 'training']);

/** A folder that claims to be a pack but cannot even be listed. */
export interface BrokenPack {
  readonly folder: string;
  readonly origin: 'built-in' | 'user';
  readonly problem: string;
}

export interface RegistryContents {
  readonly packs: readonly PackListing[];
  readonly broken: readonly BrokenPack[];
}

/** Names of the folders in `root`, sorted; none where it does not exist. Links count, their owner must judge them. */
export async function folders(root: string): Promise<string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    return entries
      .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .filter((name) => !NOT_PACKS.has(name))
      .sort();
  } catch (thrown) {
    if (isMissing(thrown)) return [];
    throw thrown;
  }
}

interface Found {
  readonly manifest: PackManifest;
  readonly folder: string;
  readonly origin: 'built-in' | 'user';
}

/** Every folder that is a pack, and every one that only claims to be. */
async function scan(roots: ModelRoots): Promise<{ readonly found: Found[]; readonly broken: BrokenPack[] }> {
  const found: Found[] = [];
  const broken: BrokenPack[] = [];
  for (const [origin, root] of [
    ['built-in', roots.builtIn],
    ['user', roots.user],
  ] as const) {
    for (const name of await folders(root)) {
      const folder = join(root, name);
      try {
        if ((await lstat(folder)).isSymbolicLink()) {
          throw new VidimusError('pack.invalid', `"${folder}" is a link; a pack must be a folder of its own.`);
        }
        found.push({ manifest: (await readManifest(folder)).manifest, folder, origin });
      } catch (thrown) {
        broken.push({ folder, origin, problem: asVidimusError(thrown).message });
      }
    }
  }
  return { found, broken };
}

/**
 * All packs, built-in first. `verify` re-hashes every file; otherwise manifests are read and files not touched.
 * Two packs with one id and version are both marked with the problem, and neither can be opened.
 */
export async function listPacks(
  roots: ModelRoots,
  options: { readonly verify?: boolean; readonly id?: string; readonly signal?: AbortSignal } = {},
): Promise<RegistryContents> {
  const state = await readState(roots.user);
  const { found, broken } = await scan(roots);
  const places = Map.groupBy(found, (pack) => packKey(pack.manifest));
  const defaults = new Set(Task.options.map((task) => defaultKey(state, task, found)));
  const packs: PackListing[] = [];
  for (const { manifest, folder, origin } of found) {
    if (options.id !== undefined && !matches(manifest, options.id)) continue;
    const name = basename(folder);
    const same = places.get(packKey(manifest)) ?? [];
    let problem: string | null = null;
    if (same.length > 1) {
      problem = `${packKey(manifest)} is installed ${same.length} times: ${same.map((p) => p.folder).join(', ')}.`;
    } else if (name !== manifest.id && name !== packKey(manifest)) {
      problem = `The folder is called "${name}" but the pack in it ${packKey(manifest)}.`;
    } else if (options.verify === true) {
      problem = await problemOf(folder, options.signal);
    }
    const media = enabledMedia(state, manifest);
    const isDefault = defaults.has(packKey(manifest));
    packs.push({ manifest, folder, origin, enabled: media.length > 0, media, isDefault, problem });
  }
  return { packs, broken };
}

/** The one pack that is the first choice of a task: the version that was named, else the highest that is switched on. */
function defaultKey(state: RegistryState, task: Task, found: readonly Found[]): string | null {
  const chosen = state.defaults[task];
  if (chosen === undefined) return null;
  const meant = found.map(({ manifest }) => manifest).filter((m) => m.task === task && matches(m, chosen));
  const on = meant.filter((m) => enabledMedia(state, m).length > 0);
  const best = (on.length > 0 ? on : meant).sort((a, b) => compareVersions(b.version, a.version))[0];
  return best === undefined ? null : packKey(best);
}

async function problemOf(folder: string, signal?: AbortSignal): Promise<string | null> {
  try {
    await loadPack(folder, signal);
    return null;
  } catch (thrown) {
    const error = asVidimusError(thrown);
    if (error.code === 'cancelled') throw error;
    return error.message;
  }
}

/** Whether `name` (an id, or `id@version`) means this pack. */
const matches = (manifest: PackManifest, name: string): boolean => name === manifest.id || name === packKey(manifest);

/** Orders versions by number; a pre-release comes before its release. */
export function compareVersions(a: string, b: string): number {
  const [coreA = '', preA = ''] = a.split(/-(.*)/s);
  const [coreB = '', preB = ''] = b.split(/-(.*)/s);
  const left = coreA.split('.').map(Number);
  const right = coreB.split('.').map(Number);
  for (let i = 0; i < 3; i++) if (left[i] !== right[i]) return (left[i] ?? 0) - (right[i] ?? 0);
  if (preA === preB) return 0;
  if (preA === '') return 1;
  if (preB === '') return -1;
  return preA < preB ? -1 : 1;
}

/**
 * The pack called `name` (an id means its highest enabled version), loaded and hashed.
 * @throws VidimusError `pack.missing`, `pack.damaged`, `pack.invalid`.
 */
export async function findPack(roots: ModelRoots, name: string, signal?: AbortSignal): Promise<Pack> {
  const { packs, broken } = await listPacks(roots, { id: name });
  const exact = packs.some((pack) => packKey(pack.manifest) === name);
  const found = packs
    .filter((pack) => exact || pack.enabled)
    .sort((a, b) => compareVersions(b.manifest.version, a.manifest.version))[0];
  if (found === undefined) {
    const off = packs.length > 0 ? `The pack "${name}" is switched off.` : `There is no pack "${name}".`;
    const hint = broken.find((pack) => basename(pack.folder) === name || basename(pack.folder).startsWith(`${name}@`));
    throw new VidimusError(hint === undefined ? 'pack.missing' : 'pack.damaged', hint?.problem ?? off);
  }
  if (found.problem !== null) throw new VidimusError('pack.damaged', found.problem);
  return loadPack(found.folder, signal);
}

/**
 * Packs switched on for a task, and for a medium where one is given: the default first, then by id, one version of each
 * id (the default's, else the highest). Files are not hashed; {@link findPack} and sessions do that before use.
 */
export async function packsForTask(
  roots: ModelRoots,
  task: Task,
  mediaType?: MediaType,
): Promise<readonly PackListing[]> {
  const preferred = (await readState(roots.user)).defaults[task];
  const { packs } = await listPacks(roots);
  const best = new Map<string, PackListing>();
  for (const pack of packs) {
    const on = mediaType === undefined ? pack.enabled : pack.media.includes(mediaType);
    if (pack.manifest.task !== task || !on) continue;
    const rival = best.get(pack.manifest.id);
    const wins =
      packKey(pack.manifest) === preferred ||
      (rival !== undefined &&
        packKey(rival.manifest) !== preferred &&
        compareVersions(pack.manifest.version, rival.manifest.version) > 0);
    if (rival === undefined || wins) best.set(pack.manifest.id, pack);
  }
  const rank = (pack: PackListing): number => (preferred !== undefined && matches(pack.manifest, preferred) ? 0 : 1);
  return [...best.values()].sort((a, b) => rank(a) - rank(b) || (a.manifest.id < b.manifest.id ? -1 : 1));
}

/**
 * Switches packs on or off, for all media or for those listed. `name` without a version means all versions.
 * @throws VidimusError `pack.missing`; `usage.invalid` for a medium that the pack's task does not judge.
 */
export async function setEnabled(
  roots: ModelRoots,
  name: string,
  enabled: boolean,
  media: readonly MediaType[] | null = null,
): Promise<void> {
  let state = await readState(roots.user);
  for (const { manifest } of await mustExist(roots, name)) {
    const judged = TASK_MEDIA[manifest.task];
    const foreign = media?.find((m) => !judged.includes(m));
    if (foreign !== undefined) {
      throw new VidimusError(
        'usage.invalid',
        `The pack "${name}" is for ${manifest.task}, which does not look at ${foreign}; it looks at ${judged.join(' and ')}.`,
      );
    }
    state = switched(state, manifest, enabled, media);
  }
  await writeState(roots.user, state);
}

/** Makes a pack (`id` or `id@version`) the first choice of its task; null clears the choice. */
export async function setDefault(roots: ModelRoots, task: Task, name: string | null): Promise<void> {
  const state = await readState(roots.user);
  const { [task]: _old, ...others } = state.defaults;
  const defaults: RegistryState['defaults'] = others;
  if (name !== null) {
    const packs = await mustExist(roots, name);
    if (packs.some((pack) => pack.manifest.task !== task))
      throw new VidimusError('usage.invalid', `The pack "${name}" is not for the task ${task}.`);
    defaults[task] = name;
  }
  await writeState(roots.user, { ...state, defaults });
}

/** Deletes one version of a pack of the user's. @throws VidimusError `usage.invalid` for built-in or ambiguous ones. */
export async function removePack(roots: ModelRoots, name: string): Promise<PackListing> {
  const found = await mustExist(roots, name);
  const own = found.filter((pack) => pack.origin === 'user');
  const pack = own[0];
  if (pack === undefined)
    throw new VidimusError(
      'usage.invalid',
      `"${name}" is part of the program and cannot be removed; switch it off instead.`,
    );
  if (own.length > 1)
    throw new VidimusError(
      'usage.invalid',
      `There are ${own.length} versions of "${name}"; say which: ${own.map((p) => packKey(p.manifest)).join(', ')}.`,
    );
  await removeFolder(pack.folder);
  const rest = await listPacks(roots, { id: pack.manifest.id });
  await forget(roots.user, pack.manifest, rest.packs.length === 0);
  return pack;
}

async function mustExist(roots: ModelRoots, name: string): Promise<readonly PackListing[]> {
  const { packs } = await listPacks(roots, { id: name });
  if (packs.length === 0) throw new VidimusError('pack.missing', `There is no pack "${name}".`);
  return packs;
}
