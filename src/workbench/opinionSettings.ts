/** The laboratory's settings of the ensemble and the verbal scale: `opinion-settings.json` in the user folder. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { VidimusError } from '../contract/errors.ts';
import { DEFAULT_OPINION_SETTINGS, OpinionSettings } from '../contract/opinionSettings.ts';
import { writeAtomically } from './files.ts';
import { userFolder } from './folders.ts';

const NAME = 'opinion-settings.json';

/**
 * Reads the settings; the defaults where nothing was set.
 * @throws VidimusError usage.invalid for a file that cannot be read: going on with defaults would change opinions
 */
export function readOpinionSettings(folder = userFolder()): OpinionSettings {
  const path = join(folder, NAME);
  if (!existsSync(path)) return DEFAULT_OPINION_SETTINGS;
  let parsed: z.ZodSafeParseResult<OpinionSettings>;
  try {
    parsed = OpinionSettings.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new VidimusError('usage.invalid', `${path} cannot be read as settings.`, { cause });
  }
  if (parsed.success) return parsed.data;
  throw new VidimusError('usage.invalid', `${path} is not valid: ${z.prettifyError(parsed.error)}`, {
    advice: 'Correct the file, or delete it to return to the defaults.',
  });
}

/** Writes the settings. @throws VidimusError output.failed */
export async function writeOpinionSettings(settings: OpinionSettings, folder = userFolder()): Promise<void> {
  await writeAtomically(join(folder, NAME), `${JSON.stringify(OpinionSettings.parse(settings), null, 1)}\n`);
}
