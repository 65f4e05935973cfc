/** Which anomalies of sound are inconsistencies and which are artefacts, for the counts in the result. */
import type { Anomaly } from '../../contract/result.ts';

/** One part of the recording does not fit another, or the content does not fit the container. */
export const INCONSISTENCY_TYPES = [
  'noise-floor-jump',
  'waveform-step',
  'hum-phase-jump',
  'voice-change',
  'band-limit',
  'sync-offset',
] as const;

/** A trace that processing, a defect or synthesis leaves in the signal itself. */
export const ARTIFACT_TYPES = [
  'clipping',
  'digital-silence',
  'dc-offset',
  'non-finite-samples',
  'over-regular-pitch',
  'missing-room-noise',
  'missing-breath',
  'spectral-comb',
] as const;

const inconsistencies = new Set<string>(INCONSISTENCY_TYPES);
const artifacts = new Set<string>(ARTIFACT_TYPES);

/** Counts the listed anomalies of sound; other types (picture, time, structure) count as neither. */
export function countSoundAnomalies(anomalies: readonly Anomaly[]): {
  inconsistencyCount: number;
  artifactCount: number;
} {
  let inconsistencyCount = 0;
  let artifactCount = 0;
  for (const { type } of anomalies) {
    if (inconsistencies.has(type)) inconsistencyCount++;
    else if (artifacts.has(type)) artifactCount++;
  }
  return { inconsistencyCount, artifactCount };
}
