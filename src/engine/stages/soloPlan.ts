/** The plan under which one pack is measured alone: fixed, so that figures of two packs can be compared. */
import type { Plan } from '../../contract/result.ts';

export const SOLO_PLAN: Plan = {
  schema: 'vidimus/plan/1',
  frames: { kind: 'evenly', n: 32 },
  fusion: 'weighted-average',
  provider: 'cpu',
  packs: null,
  detectors: null,
  sampleRate: 16_000,
  maxPixels: 100_000_000,
  timeLimitSeconds: 3600,
  artifacts: false,
  face: { detector: null, minFacePx: 40, detectEverySeconds: 0.5 },
};
