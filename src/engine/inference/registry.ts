/**
 * Which packs this machine has: built-in ones beside the program and the examiner's own. Versions live side by side;
 * what is switched off and which pack is preferred for a task is kept in `state.json` of the user's folder.
 */
import { lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';
import type { PackListing } from '../../contract/api.ts';
import { asVidimusError, VidimusError } from '../../contract/errors.ts';
import type { PackManifest } from '../../contract/pack.ts';
import { Task } from '../../contract/words.ts';
import { exists, isMissing, replaceFile } from './files.ts';
import { describe, loadPack, type Pack, packKey, readManifest } from './pack.ts';

/** Where packs are looked for. `user` need not exist yet. */
export interface ModelRoots {
  readonly builtIn: string;
  readonly user: string;
}

const STATE_NAME = 'state.json';
/** Folders of `models/` that hold no packs. */
const NOT_PACKS = new Set(['architectures', 'training']);

const State = z.strictObject({
  schema: z.literal('vidimus/models-state/1'),
  disabled: z.array(z.string()),
  defaults: z.partialRecord(Task, z.string()),
});
type State = z.infer<typeof State>;

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

async function readState(roots: ModelRoots): Promise<State> {
  let text: string;
  try {
    text = await readFile(join(roots.user, STATE_NAME), 'utf8');
  } catch (thrown) {
    if (isMissing(thrown)) return { schema: 'vidimus/models-state/1', disabled: [], defaults: {} };
    throw thrown;
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = null;
  }
  const parsed = State.safeParse(json);
  // Guessing here would silently switch a disabled model on again.
  if (!parsed.success)
    throw new VidimusError('pack.invalid', `"${join(roots.user, STATE_NAME)}" is damaged: ${describe(parsed.error)}.`, {
      advice: 'Delete the file; all packs are then enabled and defaults cleared.',
    });
  return parsed.data;
}

async function writeState(roots: ModelRoots, state: State): Promise<void> {
  await mkdir(roots.user, { recursive: true });
  await replaceFile(join(roots.user, STATE_NAME), `${JSON.stringify(state, null, 2)}\n`);
}

/**
 * All packs, built-in first. `verify` re-hashes every file; otherwise manifests are read and files not touched.
 * Two packs with one id and version are both marked with the problem, and neither can be opened.
 */
export async function listPacks(
  roots: ModelRoots,
  options: { readonly verify?: boolean; readonly id?: string; readonly signal?: AbortSignal } = {},
): Promise<RegistryContents> {
  const state = await readState(roots);
  const packs: PackListing[] = [];
  const broken: BrokenPack[] = [];
  for (const [origin, root] of [
    ['built-in', roots.builtIn],
    ['user', roots.user],
  ] as const) {
    for (const name of await folders(root)) {
      const folder = join(root, name);
      let manifest: PackManifest;
      try {
        if ((await lstat(folder)).isSymbolicLink()) {
          throw new VidimusError('pack.invalid', `"${folder}" is a link; a pack must be a folder of its own.`);
        }
        ({ manifest } = await readManifest(folder));
      } catch (thrown) {
        broken.push({ folder, origin, problem: asVidimusError(thrown).message });
        continue;
      }
      if (options.id !== undefined && !matches(manifest, options.id)) continue;
      let problem: string | null = null;
      if (name !== manifest.id && name !== packKey(manifest)) {
        problem = `The folder is called "${name}" but the pack in it ${packKey(manifest)}.`;
      } else if (options.verify === true) {
        problem = await problemOf(folder, options.signal);
      }
      packs.push({ manifest, folder, origin, enabled: !state.disabled.includes(packKey(manifest)), problem });
    }
  }
  const places = Map.groupBy(packs, (pack) => packKey(pack.manifest));
  return {
    packs: packs.map((pack) => {
      const same = places.get(packKey(pack.manifest)) ?? [];
      if (same.length < 2) return pack;
      return {
        ...pack,
        problem: `${packKey(pack.manifest)} is installed ${same.length} times: ${same.map((p) => p.folder).join(', ')}.`,
      };
    }),
    broken,
  };
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
 * Enabled packs for a task: the default first, then by id and falling version, one version of each id.
 * Files are not hashed; {@link findPack} and sessions do that before use.
 */
export async function packsForTask(roots: ModelRoots, task: Task): Promise<readonly PackListing[]> {
  const state = await readState(roots);
  const preferred = state.defaults[task];
  const { packs } = await listPacks(roots);
  const newest = new Map<string, PackListing>();
  for (const pack of packs) {
    if (pack.manifest.task !== task || !pack.enabled) continue;
    const rival = newest.get(pack.manifest.id);
    const wins =
      packKey(pack.manifest) === preferred ||
      (rival !== undefined &&
        packKey(rival.manifest) !== preferred &&
        compareVersions(pack.manifest.version, rival.manifest.version) > 0);
    if (rival === undefined || wins) newest.set(pack.manifest.id, pack);
  }
  const rank = (pack: PackListing): number => (preferred !== undefined && matches(pack.manifest, preferred) ? 0 : 1);
  return [...newest.values()].sort((a, b) => rank(a) - rank(b) || (a.manifest.id < b.manifest.id ? -1 : 1));
}

/** Switches packs on or off. `name` without a version means all versions. */
export async function setEnabled(roots: ModelRoots, name: string, enabled: boolean): Promise<void> {
  const keys = (await mustExist(roots, name)).map((pack) => packKey(pack.manifest));
  const state = await readState(roots);
  const disabled = new Set(state.disabled);
  for (const key of keys) {
    if (enabled) disabled.delete(key);
    else disabled.add(key);
  }
  await writeState(roots, { ...state, disabled: [...disabled].sort() });
}

/** Makes a pack (`id` or `id@version`) the first choice of its task; null clears the choice. */
export async function setDefault(roots: ModelRoots, task: Task, name: string | null): Promise<void> {
  const state = await readState(roots);
  const defaults = { ...state.defaults };
  if (name === null) delete defaults[task];
  else {
    const pack = (await mustExist(roots, name))[0];
    if (pack?.manifest.task !== task)
      throw new VidimusError('usage.invalid', `The pack "${name}" is not for the task ${task}.`);
    defaults[task] = name;
  }
  await writeState(roots, { ...state, defaults });
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
  await rm(pack.folder, { recursive: true });
  const state = await readState(roots);
  const key = packKey(pack.manifest);
  const defaults: State['defaults'] = {};
  for (const task of Task.options) {
    const chosen = state.defaults[task];
    if (chosen !== undefined && chosen !== key) defaults[task] = chosen;
  }
  if (await exists(join(roots.user, STATE_NAME))) {
    await writeState(roots, { ...state, disabled: state.disabled.filter((entry) => entry !== key), defaults });
  }
  return pack;
}

async function mustExist(roots: ModelRoots, name: string): Promise<readonly PackListing[]> {
  const { packs } = await listPacks(roots, { id: name });
  if (packs.length === 0) throw new VidimusError('pack.missing', `There is no pack "${name}".`);
  return packs;
}
