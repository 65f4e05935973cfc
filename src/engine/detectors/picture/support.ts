/** What all picture detectors share: choice of frames, bounded regions, and the form of what they say. */

import { throwIfCancelled } from '../../../contract/errors.ts';
import type { Anomaly, Box, Observation, Where } from '../../../contract/result.ts';
import type { Direction, Family, MediaType, Parameters, Severity } from '../../../contract/words.ts';
import type {
  AnalysedFrame,
  ArtifactPng,
  Detector,
  DetectorContext,
  DetectorOutput,
  DetectorRun,
  RgbImage,
} from '../../types.ts';
import { analyseAside } from './thread/run.ts';
import type { ReadyAnalysis } from './thread/task.ts';

/** One number a method found. */
export interface Finding {
  readonly quantity: string;
  /** `null` is "not assessed" and needs a reason. */
  readonly value: number | null;
  readonly reason?: string;
  readonly unit: string;
  readonly direction: Direction;
  /** Working threshold of the anomaly that goes with the quantity, printed beside it. */
  readonly threshold?: number;
  readonly where?: Where;
  readonly parameters?: Parameters;
}

/** An anomaly before the detector's name is put to it. */
export interface Conspicuous {
  readonly type: string;
  readonly severity: Severity;
  readonly description: string;
  readonly where?: Where;
}

export interface Analysis {
  readonly findings: readonly Finding[];
  readonly anomalies?: readonly (Conspicuous | null)[];
  /** Called only where the plan wants artifacts: encoding a map takes longer than many a method. */
  readonly artifacts?: () => readonly (ArtifactPng | null)[];
  readonly series?: DetectorOutput['series'];
}

export interface PictureMethod {
  readonly id: string;
  readonly version: string;
  readonly family: Family;
  /** Page of the method below docs/methods. */
  readonly page: string;
  readonly mediaTypes: readonly MediaType[];
  readonly faces?: boolean;
  /** Frames of a video that are looked at; a still picture has one. */
  readonly videoFrames?: number;
  /** Quantity named when nothing could be assessed. */
  readonly quantity: string;
  readonly unit: string;
  readonly parameters: Parameters;
  analyse(input: AnalysedFrame, context: DetectorContext): Analysis | Promise<Analysis>;
}

/**
 * Severity of a value by rising thresholds, each inclusive; null below the first. The thresholds are constants of
 * the detector and printed on its method page.
 */
export function severity(value: number, low: number, medium: number, high: number): Severity | null {
  if (!(value >= low)) return null;
  return value >= high ? 'high' : value >= medium ? 'medium' : 'low';
}

/** The part of a picture that a method works on, with its place in the picture. */
interface Region {
  readonly image: RgbImage;
  readonly box: Box;
  /** For the parameters of an observation. */
  readonly parameters: { readonly region: number[]; readonly wholePicture: boolean };
}

/**
 * The picture itself, or its central part of about `maxPixels` and the same shape where it is larger. The corner
 * lies on a multiple of 16 pixels, so block grids keep their phase.
 */
export function boundedRegion(image: RgbImage, maxPixels: number): Region {
  const { width, height } = image;
  const done = (region: RgbImage, box: Box): Region => ({
    image: region,
    box,
    parameters: { region: [box.x, box.y, box.width, box.height], wholePicture: region === image },
  });
  if (width * height <= maxPixels) return done(image, { x: 0, y: 0, width, height });
  const scale = Math.sqrt(maxPixels / (width * height));
  const w = Math.min(width, Math.max(16, Math.floor((width * scale) / 16) * 16));
  const h = Math.min(height, Math.max(16, Math.floor(maxPixels / w / 16) * 16));
  const x = Math.floor((width - w) / 32) * 16;
  const y = Math.floor((height - h) / 32) * 16;
  const data = new Uint8Array(w * h * 3);
  for (let row = 0; row < h; row++) {
    const from = ((y + row) * width + x) * 3;
    data.set(image.data.subarray(from, from + w * 3), row * w * 3);
  }
  return done({ width: w, height: h, data }, { x, y, width: w, height: h });
}

/** Box in the region moved into the picture. */
export const inPicture = (region: Region, box: Box): Box => ({
  x: region.box.x + box.x,
  y: region.box.y + box.y,
  width: box.width,
  height: box.height,
});

/** Makes the pictures of an analysis, where they are wanted, so that it can leave its thread. */
export function ready({ artifacts, ...rest }: Analysis, wanted: boolean): ReadyAnalysis {
  return { ...rest, artifacts: (wanted ? artifacts?.() : undefined) ?? [] };
}

/** Makes a detector of a method. A still is analysed as it comes; of a video some frames spread over its length. */
export function pictureDetector(method: PictureMethod): Detector {
  const { id, version, family, page } = method;
  const observation = (finding: Finding, frame: AnalysedFrame | null, still: boolean): Observation => {
    const where: Where | undefined =
      frame === null || still ? finding.where : { ...finding.where, frames: [frame.frame.index, frame.frame.index] };
    const base = {
      detector: id,
      version,
      family,
      kind: 'measurement' as const,
      quantity: finding.quantity,
      unit: finding.unit,
      direction: finding.direction,
      parameters: { ...method.parameters, ...finding.parameters },
      method: `docs/methods/${page}.md`,
      ...(finding.threshold === undefined ? {} : { threshold: finding.threshold }),
      ...(where === undefined ? {} : { where }),
    };
    const usable = finding.value !== null && Number.isFinite(finding.value);
    return usable
      ? { ...base, status: 'ok', value: finding.value }
      : { ...base, status: 'not-assessed', value: null, reason: finding.reason ?? 'the value is not a finite number' };
  };
  return {
    id,
    version,
    family,
    mediaTypes: method.mediaTypes,
    needs: { frames: true, faces: method.faces ?? false, pcm: false },
    start(context): DetectorRun {
      const still = context.exhibit.mediaType === 'image';
      const begin = (frame: AnalysedFrame): Promise<ReadyAnalysis> =>
        still
          ? Promise.resolve(method.analyse(frame, context)).then((found) => ready(found, context.plan.artifacts))
          : analyseAside(id, frame, context);
      const most = still ? 1 : (method.videoFrames ?? 3);
      const duration = context.exhibit.evidence.duration ?? 0;
      const observations: Observation[] = [];
      const anomalies: Anomaly[] = [];
      const artifacts: ArtifactPng[] = [];
      const series: NonNullable<DetectorOutput['series']>[number][] = [];
      const begun: { readonly frame: AnalysedFrame; readonly analysis: Promise<ReadyAnalysis> }[] = [];
      let taken = 0;
      const collect = (frame: AnalysedFrame, found: ReadyAnalysis): void => {
        for (const f of found.findings) observations.push(observation(f, frame, still));
        for (const a of found.anomalies ?? []) {
          if (a === null) continue;
          const at: Where = { ...a.where, ...(still ? {} : { frames: [frame.frame.index, frame.frame.index] }) };
          const { where: _, ...rest } = a;
          anomalies.push({ ...rest, detector: id, ...(Object.keys(at).length > 0 ? { where: at } : {}) });
        }
        for (const s of found.series ?? []) series.push(still ? s : { ...s, id: `${s.id}-${frame.frame.index}` });
        for (const a of found.artifacts) {
          if (a === null) continue;
          const meta = still ? a.meta : { ...a.meta, id: `${a.meta.id}-${frame.frame.index}` };
          artifacts.push({ ...a, meta });
        }
      };
      return {
        async frame(frame) {
          if (taken >= most) return;
          // The middle of each of `most` equal parts; without a duration the first frames are taken.
          if (!still && frame.frame.time < (duration * (taken + 0.5)) / most) return;
          throwIfCancelled(context.signal);
          taken++;
          const analysis = begin(frame);
          // A rejection is awaited when its turn comes; until then it must not count as unhandled.
          analysis.catch(() => undefined);
          begun.push({ frame, analysis });
          if (still) await analysis;
        },
        async finish() {
          if (taken === 0) {
            const nothing: Finding = {
              quantity: method.quantity,
              value: null,
              reason: 'no picture could be decoded',
              unit: method.unit,
              direction: 'none',
            };
            return { observations: [observation(nothing, null, still)] };
          }
          for (const { frame, analysis } of begun) {
            collect(frame, await analysis);
            throwIfCancelled(context.signal);
          }
          return { observations, anomalies, artifacts, series };
        },
      };
    },
  };
}
