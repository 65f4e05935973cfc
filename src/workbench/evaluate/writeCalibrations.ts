/** Calibrations that were asked for, fitted on the files of one evaluation and written into the profile folder. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { factsOf } from '../../contract/envelope.ts';
import { VidimusError } from '../../contract/errors.ts';
import type { Evaluation, Judge } from '../../contract/evaluation.ts';
import type { PackUse } from '../../contract/result.ts';
import { type EnsembleFile, fitEnsemble } from './ensemble.ts';
import { type Examined, isJudgement, judgeName } from './judgements.ts';
import type { Measured } from './measure.ts';
import { type CalibrationFile, fitProfile, writeEnsemble, writeProfile } from './profiles.ts';

/** The word that asks for the weights of all packs calibrated in the same run. */
const ENSEMBLE = 'ensemble';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Fits and writes what was asked for; figures of this evaluation do not use it. */
export async function writeCalibrations(
  options: { readonly folder: string; readonly calibrate: readonly string[]; readonly profiles: string },
  examined: readonly Examined[],
  measured: readonly Measured[],
  packs: readonly PackUse[],
  date: Date,
): Promise<Evaluation['profiles']> {
  const written: Evaluation['profiles'] = [];
  const fits: {
    readonly judge: Judge;
    readonly files: readonly CalibrationFile[];
    readonly heldOut: readonly number[];
  }[] = [];
  const names = options.calibrate.filter((name) => name !== ENSEMBLE);
  const all = measured.flatMap(({ judge }) => judge.pack ?? []);
  for (const name of names) {
    const judge = measured.find(({ judge: j }) => j.pack === name || j.pack?.split('@')[0] === name)?.judge;
    if (judge === undefined || judge.pack === null || judge.family === null) {
      const known = all.length === 0 ? 'no pack gave a score' : `packs that gave scores: ${all.join(', ')}`;
      throw new VidimusError('pack.missing', `"${name}" cannot be calibrated here; ${known}.`);
    }
    const { family, pack } = judge;
    const sha = packs.find((p) => `${p.id}@${p.version}` === pack)?.sha256;
    if (sha === undefined) throw new VidimusError('bug', `The pack ${pack} ran but is not in the record.`);
    const detector = judge.name.slice(0, judge.name.length - pack.length - 1);
    const files = examined.flatMap(({ file, result }): CalibrationFile[] => {
      const o = result?.observations.find((item) => isJudgement(item) && judgeName(item) === judge.name);
      if (result === null || o === undefined || o.value === null) return [];
      const { sha256: hash, fake, source } = file;
      return [{ sha256: hash, fake, source, score: o.value, facts: factsOf(result.evidence, family) }];
    });
    const set =
      options.folder
        .split(/[\\/]/)
        .filter((part) => part !== '')
        .at(-1) ?? '';
    const subject = { pack, packSha256: sha, detector, family, set, silent: judge.counts.silent };
    const { profile, fit } = fitProfile(subject, files, date);
    const path = await writeProfile(options.profiles, profile);
    written.push({ name: pack, file: path, sha256: sha256(await readFile(path)) });
    fits.push({ judge, files, heldOut: fit.heldOut });
  }
  if (options.calibrate.includes(ENSEMBLE)) {
    const hashes = Object.fromEntries(written.map((w) => [w.name, w.sha256]));
    const profile = fitEnsemble(ensembleFiles(examined, fits), hashes, date);
    const path = await writeEnsemble(options.profiles, profile);
    written.push({ name: ENSEMBLE, file: path, sha256: sha256(await readFile(path)) });
  }
  return written;
}

/** Rows of the ensemble's fit: per file what every freshly calibrated detector said, ratios held out. */
function ensembleFiles(
  examined: readonly Examined[],
  fits: readonly {
    readonly judge: Judge;
    readonly files: readonly CalibrationFile[];
    readonly heldOut: readonly number[];
  }[],
): EnsembleFile[] {
  return examined.map(({ file, result }) => ({
    sha256: file.sha256,
    fake: file.fake,
    source: file.source,
    says: fits.flatMap(({ judge, files, heldOut }) => {
      const i = files.findIndex((f) => f.sha256 === file.sha256);
      const weight = result?.opinion.fusion.weights.find((w) => w.detector === judge.name);
      if (i < 0 || judge.family === null) return [];
      return [{ detector: judge.name, family: judge.family, score: weight?.score ?? 0.5, logLr: heldOut[i] ?? 0 }];
    }),
  }));
}
