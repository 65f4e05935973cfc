/** Plans: what is to be done with an exhibit, from an examiner's wishes and stated defaults. */
import { DEFAULT_OPINION_SETTINGS, type OpinionSettings } from '../contract/opinionSettings.ts';
import { type FrameSampling, Plan } from '../contract/result.ts';
import type { FusionMethod, ProviderChoice } from '../contract/words.ts';

/** What an examiner may choose; everything left out takes the default. */
export interface PlanWishes {
  readonly frames?: FrameSampling | undefined;
  readonly packs?: readonly string[] | undefined;
  readonly fusion?: FusionMethod | undefined;
  readonly provider?: ProviderChoice | undefined;
  readonly artifacts?: boolean | undefined;
  readonly maxMegapixels?: number | undefined;
  readonly timeLimitSeconds?: number | undefined;
  readonly minFacePx?: number | undefined;
  /** Absolute path of a folder with pictures of the camera in question. */
  readonly cameraReference?: string | undefined;
  /** The laboratory's settings (see opinionSettings.ts); the plan always states them in full. */
  readonly opinion?: OpinionSettings | undefined;
  readonly stress?: boolean | undefined;
}

/** Frames looked at by default: enough for a per-frame chart, bounded for long video. */
export const DEFAULT_FRAMES: FrameSampling = { kind: 'evenly', n: 120 };

/** The plan for these wishes. The same wishes give the same plan, and so the same plan hash. */
export function makePlan(wishes: PlanWishes = {}): Plan {
  return Plan.parse({
    schema: 'vidimus/plan/1',
    frames: wishes.frames ?? DEFAULT_FRAMES,
    fusion: wishes.fusion ?? 'calibrated',
    provider: wishes.provider ?? 'auto',
    packs: wishes.packs ? [...wishes.packs] : null,
    detectors: null,
    sampleRate: 16_000,
    maxPixels: Math.round((wishes.maxMegapixels ?? 100) * 1e6),
    timeLimitSeconds: wishes.timeLimitSeconds ?? 4 * 3600,
    artifacts: wishes.artifacts ?? false,
    face: { detector: null, minFacePx: wishes.minFacePx ?? 40, detectEverySeconds: 0.5 },
    ...(wishes.cameraReference === undefined ? {} : { prnuReference: wishes.cameraReference }),
    opinion: wishes.opinion ?? DEFAULT_OPINION_SETTINGS,
    ...(wishes.stress === true ? { stress: true } : {}),
  });
}
