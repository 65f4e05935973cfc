/** Lab profiles on disk: one JSON file per pack and version in the user folder, written whole or not at all. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import packageJson from '../../../package.json' with { type: 'json' };
import { envelopeOf, type Facts } from '../../contract/envelope.ts';
import { VidimusError } from '../../contract/errors.ts';
import { EnsembleProfile, LabProfile } from '../../contract/evaluation.ts';
import type { Family } from '../../contract/words.ts';
import { writeAtomically } from '../files.ts';
import { sourcesOf } from './bootstrap.ts';
import { calibrate, type Fit } from './calibrate.ts';

/** A scored file of the labelled folder. */
export interface CalibrationFile {
  readonly sha256: string;
  readonly fake: boolean;
  readonly source: string;
  readonly score: number;
  readonly facts: Facts;
}

/** What a profile is about. */
export interface ProfileSubject {
  readonly pack: string;
  readonly packSha256: string;
  readonly detector: string;
  readonly family: Family;
  /** Name of the labelled set, for the record. */
  readonly set: string;
  /** Files to which the detector did not speak. */
  readonly silent: number;
}

/** Fits a profile. @throws VidimusError evaluation.*, calibration.useless */
export function fitProfile(
  subject: ProfileSubject,
  files: readonly CalibrationFile[],
  date: Date,
): { readonly profile: LabProfile; readonly fit: Fit } {
  const fit = calibrate(files);
  const { pack, packSha256, detector, family, set, silent } = subject;
  const profile: LabProfile = {
    schema: 'vidimus/profile/1',
    pack,
    packSha256,
    detector,
    family,
    date: date.toISOString(),
    vidimus: packageJson.version,
    calibration: {
      kind: 'logistic-llr',
      params: [fit.map.slope, fit.map.offset],
      set,
      n: files.length,
      bounds: [fit.bounds[0], fit.bounds[1]],
    },
    temperature: fit.temperature,
    envelope: envelopeOf(files.map((f) => f.facts)),
    counts: { ...countsOf(files), silent },
    crossValidation: {
      folds: fit.folds,
      auc: fit.auc,
      eer: fit.eer,
      cllr: fit.cllr,
      cllrMin: fit.cllrMin,
      cllrCal: fit.cllrCal,
    },
    data: files.map(({ sha256, fake, source }) => ({ sha256, fake, source })),
  };
  return { profile, fit };
}

/** Files and sources of either kind. */
export function countsOf(files: readonly CalibrationFile[]): Omit<LabProfile['counts'], 'silent'> {
  return {
    real: files.filter((f) => !f.fake).length,
    fake: files.filter((f) => f.fake).length,
    realSources: sourcesOf(files, false),
    fakeSources: sourcesOf(files, true),
  };
}

/** Folder of profiles below the user folder. */
export const profileFolder = (userFolder: string): string => join(userFolder, 'profiles');

const text = (document: unknown): string => `${JSON.stringify(document, null, 1)}\n`;

/** Writes a profile in place of an earlier one of the same pack; answers its path. */
export async function writeProfile(folder: string, profile: LabProfile): Promise<string> {
  const path = join(folder, `${profile.pack}.json`);
  await writeAtomically(path, text(LabProfile.parse(profile)));
  return path;
}

/** Writes the learned weights of the ensemble; answers the path. */
export async function writeEnsemble(folder: string, profile: EnsembleProfile): Promise<string> {
  const path = join(folder, 'ensemble.json');
  await writeAtomically(path, text(EnsembleProfile.parse(profile)));
  return path;
}

/** All lab profiles of a folder. @throws VidimusError profile.invalid naming the file that does not parse */
export async function readProfiles(folder: string): Promise<LabProfile[]> {
  const names = await readdir(folder).catch(() => []);
  const profiles: LabProfile[] = [];
  for (const name of names.filter((n) => n.endsWith('.json') && n !== 'ensemble.json').sort()) {
    profiles.push(parseProfile(name, await readFile(join(folder, name), 'utf8')));
  }
  return profiles;
}

function parseProfile(name: string, content: string): LabProfile {
  try {
    return LabProfile.parse(JSON.parse(content));
  } catch (cause) {
    throw new VidimusError('profile.invalid', `The lab profile ${name} cannot be read.`, { cause });
  }
}
