/** All detectors that need no weights, in the order in which results list them. */
import type { Detector } from '../types.ts';
import { pictureDetectors } from './picture.ts';
import { soundDetectors } from './sound.ts';
import { structureDetectors } from './structure.ts';
import { timeDetectors } from './time.ts';

function unique(list: readonly Detector[]): readonly Detector[] {
  const seen = new Set<string>();
  for (const { id } of list) {
    // Two detectors of one name would overwrite each other's findings in reports.
    if (seen.has(id)) throw new Error(`the detector "${id}" is registered twice`);
    seen.add(id);
  }
  return list;
}

export const signalDetectors: readonly Detector[] = unique([
  ...structureDetectors,
  ...pictureDetectors,
  ...timeDetectors,
  ...soundDetectors,
]);
