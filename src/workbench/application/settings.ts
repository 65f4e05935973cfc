/** Settings of this workstation, in one file of the user's folder. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_SETTINGS, Settings } from '../../contract/apiLab.ts';
import { VidimusError } from '../../contract/errors.ts';
import { writeAtomically } from '../files.ts';

const pathIn = (userFolder: string): string => join(userFolder, 'settings.json');

/** @throws VidimusError usage.invalid for a file that cannot be read: a default must not quietly take its place */
export function readSettings(userFolder: string): Settings {
  const path = pathIn(userFolder);
  if (!existsSync(path)) return DEFAULT_SETTINGS;
  try {
    return Settings.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new VidimusError('usage.invalid', `${path} is not valid.`, {
      advice: 'Correct the file, or delete it to return to the defaults.',
      cause,
    });
  }
}

/** @throws VidimusError output.failed */
export async function writeSettings(userFolder: string, settings: Settings): Promise<Settings> {
  await writeAtomically(pathIn(userFolder), `${JSON.stringify(settings, null, 1)}\n`);
  return settings;
}
