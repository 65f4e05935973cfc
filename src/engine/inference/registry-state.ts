/** What the examiner chose about packs: which are switched off for which media, and the first choice of a task. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { VidimusError } from '../../contract/errors.ts';
import type { PackManifest } from '../../contract/pack.ts';
import { MediaType, TASK_MEDIA, Task } from '../../contract/words.ts';
import { exists, isMissing, replaceFile } from './files.ts';
import { describe, packKey } from './pack.ts';

const STATE_NAME = 'state.json';

const State = z.strictObject({
  schema: z.literal('vidimus/models-state/1'),
  /** Media for which a pack (`id@version`) is off. */
  disabled: z.record(z.string(), z.array(MediaType)),
  /** `id` or `id@version`. */
  defaults: z.partialRecord(Task, z.string()),
});
/** Contents of `state.json`; a pack that is not in it is on for all media of its task. */
export type RegistryState = z.infer<typeof State>;

const EMPTY: RegistryState = { schema: 'vidimus/models-state/1', disabled: {}, defaults: {} };

/** The choices kept in the user's folder; none where there is no file. @throws VidimusError `pack.invalid`. */
export async function readState(userRoot: string): Promise<RegistryState> {
  const path = join(userRoot, STATE_NAME);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (thrown) {
    if (isMissing(thrown)) return EMPTY;
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
    throw new VidimusError('pack.invalid', `"${path}" is damaged: ${describe(parsed.error)}.`, {
      advice: 'Delete the file; all packs are then enabled and defaults cleared.',
    });
  return parsed.data;
}

/** Replaces the file in one step. @throws VidimusError `output.failed`; the old file is then untouched. */
export async function writeState(userRoot: string, state: RegistryState): Promise<void> {
  await mkdir(userRoot, { recursive: true });
  await replaceFile(join(userRoot, STATE_NAME), `${JSON.stringify(state, null, 2)}\n`);
}

/** Media a pack is switched on for, in the order of its task's. */
export const enabledMedia = (state: RegistryState, manifest: PackManifest): MediaType[] => {
  const off = state.disabled[packKey(manifest)] ?? [];
  return TASK_MEDIA[manifest.task].filter((media) => !off.includes(media));
};

/**
 * The state with a pack switched for some media, or for all. "All off" names every medium there is, so that a task that
 * learns a medium in a later version does not wake the pack.
 */
export function switched(
  state: RegistryState,
  manifest: PackManifest,
  enabled: boolean,
  media: readonly MediaType[] | null,
): RegistryState {
  const { [packKey(manifest)]: old = [], ...disabled } = state.disabled;
  const touched = media ?? MediaType.options;
  const off = MediaType.options.filter((m) => (touched.includes(m) ? !enabled : old.includes(m)));
  if (off.some((m) => TASK_MEDIA[manifest.task].includes(m))) disabled[packKey(manifest)] = off;
  return { ...state, disabled };
}

/** Forgets all choices about a pack that is gone. `lastOfItsId` says that no other version of it is left. */
export async function forget(userRoot: string, manifest: PackManifest, lastOfItsId: boolean): Promise<void> {
  if (!(await exists(join(userRoot, STATE_NAME)))) return;
  const state = await readState(userRoot);
  const { [packKey(manifest)]: _gone, ...disabled } = state.disabled;
  const defaults: RegistryState['defaults'] = {};
  for (const task of Task.options) {
    const chosen = state.defaults[task];
    const dangling = chosen === packKey(manifest) || (lastOfItsId && chosen === manifest.id);
    if (chosen !== undefined && !dangling) defaults[task] = chosen;
  }
  await writeState(userRoot, { ...state, disabled, defaults });
}
