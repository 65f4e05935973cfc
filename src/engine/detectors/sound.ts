/** The detectors of sound. */
import type { Detector } from '../types.ts';
import { soundBand } from './sound-band.ts';
import { enf } from './sound-enf.ts';
import { soundLevel } from './sound-level.ts';
import { soundSpectrum } from './sound-spectrum.ts';
import { soundSplice } from './sound-splice.ts';
import { synthesisArtefacts } from './sound-synthesis.ts';
import { voiceConsistency } from './sound-voice.ts';

export const soundDetectors: readonly Detector[] = [
  soundLevel,
  soundBand,
  soundSpectrum,
  soundSplice,
  enf,
  voiceConsistency,
  synthesisArtefacts,
];
