/** Applies the laboratory's own calibrations to scores, each only inside the data it was fitted on. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as z from 'zod';
import { distanceOf, factsOf } from '../../contract/envelope.ts';
import { VidimusError } from '../../contract/errors.ts';
import { EnsembleProfile, LabProfile } from '../../contract/evaluation.ts';
import { PackId } from '../../contract/pack.ts';
import type { Evidence, Observation, PackUse, ProfileUse } from '../../contract/result.ts';
import { log10LrOf } from '../detectors/neural/common.ts';
import { isMissing } from '../inference/files.ts';

/** A document of the profile folder with the hash of its bytes. */
interface Stored<T> {
  readonly document: T;
  readonly sha256: string;
}

/** Reads one profile; null where there is none. @throws VidimusError profile.invalid for one that does not parse */
async function readStored<T>(folder: string, name: string, schema: z.ZodType<T>): Promise<Stored<T> | null> {
  let bytes: Buffer;
  try {
    bytes = await readFile(join(folder, name));
  } catch (thrown) {
    if (isMissing(thrown)) return null;
    throw new VidimusError('profile.invalid', `The profile ${name} cannot be read.`, { cause: thrown });
  }
  try {
    return {
      document: schema.parse(JSON.parse(bytes.toString('utf8'))),
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
  } catch (cause) {
    // Going on without it would silently change what a score means.
    throw new VidimusError('profile.invalid', `The profile ${name} is damaged or of another version.`, { cause });
  }
}

/** Learned ensemble weights, where this laboratory has fitted them. */
export const readEnsemble = (folder: string): Promise<Stored<EnsembleProfile> | null> =>
  readStored(folder, 'ensemble.json', EnsembleProfile);

/**
 * Observations with the log LR of a lab profile where one exists for the pack: inside its envelope the profile's own,
 * outside none at all. A pack without a profile keeps the calibration it came with. `only` replaces the envelope:
 * profiles of the packs in it are applied, others are not.
 * @throws VidimusError profile.invalid
 */
export async function applyProfiles(
  found: { readonly observations: readonly Observation[]; readonly packs: readonly PackUse[] },
  evidence: Evidence,
  folder: string,
  only?: ReadonlySet<string>,
): Promise<Observation[]> {
  const { observations, packs } = found;
  const known = new Map<string, Stored<LabProfile> | null>();
  const out: Observation[] = [];
  for (const o of observations) {
    if (o.kind !== 'score' || o.status !== 'ok' || o.value === null || o.where !== undefined || o.pack === undefined) {
      out.push(o);
      continue;
    }
    let stored = known.get(o.pack);
    if (stored === undefined) {
      const [id = ''] = o.pack.split('@');
      stored = PackId.safeParse(id).success ? await readStored(folder, `${o.pack}.json`, LabProfile) : null;
      known.set(o.pack, stored);
    }
    if (stored === null) {
      out.push(o);
      continue;
    }
    const { document, sha256 } = stored;
    const used = packs.find((p) => `${p.id}@${p.version}` === o.pack);
    const distance = distanceOf(factsOf(evidence, document.family), document.envelope);
    const { octaves } = distance;
    const reasons = only === undefined ? [...distance.reasons] : only.has(o.pack) ? [] : ['it is left out here'];
    if (document.pack !== o.pack || document.detector !== o.detector) reasons.push('it was made for another detector');
    else if (used?.sha256 !== document.packSha256) reasons.push('it was fitted on other bytes of this pack');
    const applied = reasons.length === 0;
    const profile: ProfileUse = {
      profile: `${document.pack} of ${document.date}`,
      sha256,
      applied,
      octaves,
      temperature: applied ? document.temperature : null,
      reason: applied ? null : `the lab profile does not cover this exhibit: ${reasons.join('; ')}`,
    };
    out.push({ ...o, profile, log10Lr: applied ? log10LrOf(o.value, document.calibration) : null });
  }
  return out;
}
