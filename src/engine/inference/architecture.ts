/** Architectures: graphs without weights that come with the program. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VidimusError } from '../../contract/errors.ts';
import { ArchitectureManifest } from '../../contract/pack.ts';
import { exists } from './files.ts';
import { describe } from './pack.ts';
import { folders, type ModelRoots } from './registry.ts';

/** An architecture beside the program: a network's graph whose weights a checkpoint brings. */
export interface Architecture {
  readonly manifest: ArchitectureManifest;
  readonly folder: string;
}

/** Reads `architecture.json`. @throws VidimusError `pack.missing` or `pack.invalid`. */
export async function readArchitecture(folder: string): Promise<Architecture> {
  let text: string;
  try {
    text = await readFile(join(folder, 'architecture.json'), 'utf8');
  } catch (cause) {
    throw new VidimusError('pack.missing', `There is no architecture in "${folder}".`, {
      advice: 'Run "vidimus models architectures" to see which architectures this build has.',
      cause,
    });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new VidimusError('pack.invalid', `architecture.json in "${folder}" is not JSON.`, { cause });
  }
  const parsed = ArchitectureManifest.safeParse(json);
  if (!parsed.success)
    throw new VidimusError('pack.invalid', `architecture.json in "${folder}" is not valid: ${describe(parsed.error)}.`);
  return { manifest: parsed.data, folder };
}

/** All architectures of this build, by name. */
export async function listArchitectures(roots: ModelRoots): Promise<readonly Architecture[]> {
  const root = join(roots.builtIn, 'architectures');
  const found: Architecture[] = [];
  for (const name of await folders(root)) {
    if (await exists(join(root, name, 'architecture.json'))) found.push(await readArchitecture(join(root, name)));
  }
  return found;
}
