/** Puts the result document together from what the stages found. */
import type {
  AnalysisResult,
  Anomaly,
  Artifact,
  Evidence,
  FrameAnalysis,
  Observation,
  Opinion,
  Run,
  Series,
  Structure,
  Track,
} from '../../contract/result.ts';
import type { MediaType } from '../../contract/words.ts';
import { toCommonScale } from '../fusion/voices.ts';

/** Everything a result is made of. */
export interface Parts {
  readonly mediaType: MediaType;
  readonly evidence: Evidence;
  readonly opinion: Opinion;
  readonly observations: Observation[];
  readonly anomalies: Anomaly[];
  readonly series: Series[];
  readonly structures: Structure[];
  readonly tracks: Track[];
  readonly artifacts: Artifact[];
  readonly run: Run;
  readonly seconds: number;
  readonly timestamp: Date;
  readonly soundCounts: { readonly inconsistencyCount: number; readonly artifactCount: number };
  readonly soundSeconds: number;
  readonly sampleRate: number | null;
  readonly frames: {
    readonly total: number;
    readonly fps: number;
    readonly seen: readonly { readonly frame: number; readonly time: number; readonly faces: number }[];
  };
}

/**
 * Confidence of the label in per cent, 0..100: how far the combined score lies on the label's side. For `uncertain`
 * it says how sure we are that nothing can be said: 100 where no detector spoke.
 */
export function confidenceOf({ label, score }: Opinion): number {
  if (score === null) return 100;
  const side = label === 'fake' ? score : label === 'real' ? 1 - score : 1 - Math.abs(2 * score - 1);
  return Math.round(side * 1e4) / 100;
}

/** Names of what decided, for clients that show one model name. */
function modelUsed(opinion: Opinion): string {
  const names = opinion.fusion.weights.filter((w) => w.weight > 0).map((w) => w.detector);
  return names.length === 0 ? 'none' : `${opinion.fusion.method}(${names.join(', ')})`;
}

/**
 * Per-frame scores: the mean over detectors and faces of the score series at that frame, each on the common scale where
 * its own working threshold is 0.5; null where none spoke.
 */
function frameAnalysis(parts: Parts): FrameAnalysis[] {
  const thresholds = new Map(parts.observations.map((o) => [o.detector, o.threshold]));
  const sums = new Map<number, { sum: number; n: number }>();
  for (const series of parts.series) {
    if (series.axis !== 'frame' || series.quantity !== 'score' || series.direction !== 'higher-more-manipulated')
      continue;
    const threshold = thresholds.get(series.detector) ?? 0.5;
    series.x.forEach((frame, i) => {
      const y = series.y[i];
      if (y === null || y === undefined) return;
      const entry = sums.get(frame) ?? { sum: 0, n: 0 };
      sums.set(frame, { sum: entry.sum + toCommonScale(y, threshold), n: entry.n + 1 });
    });
  }
  return parts.frames.seen.map(({ frame, time, faces }) => {
    const entry = sums.get(frame);
    const confidence = entry ? Math.min(1, Math.max(0, entry.sum / entry.n)) : null;
    return { frame, time, confidence, isDeepfake: confidence !== null && confidence > 0.5, faces };
  });
}

/** The document, ready for the contract's parser. */
export function resultDocument(parts: Parts): AnalysisResult {
  const { opinion } = parts;
  const common = {
    schema: 'vidimus/analysis/1' as const,
    isDeepfake: opinion.label === 'fake',
    result: opinion.label,
    confidence: confidenceOf(opinion),
    processingTime: Math.round(parts.seconds * 1000) / 1000,
    timestamp: parts.timestamp.toISOString(),
    modelUsed: modelUsed(opinion),
    anomalies: parts.anomalies,
    evidence: parts.evidence,
    opinion,
    observations: parts.observations,
    tracks: parts.tracks,
    series: parts.series,
    artifacts: parts.artifacts,
    structures: parts.structures,
    run: parts.run,
  };
  switch (parts.mediaType) {
    case 'image':
      return { ...common, mediaType: 'image' };
    case 'audio':
      return {
        ...common,
        mediaType: 'audio',
        duration: parts.soundSeconds,
        sampleRate: parts.sampleRate ?? 1,
        ...parts.soundCounts,
      };
    case 'video': {
      const frames = frameAnalysis(parts);
      const scored = frames.filter((f) => f.confidence !== null);
      return {
        ...common,
        mediaType: 'video',
        frameAnalysis: frames,
        totalFrames: parts.frames.total,
        analyzedFrames: frames.length,
        fps: parts.frames.fps,
        deepfakeFrameRatio: scored.length === 0 ? null : scored.filter((f) => f.isDeepfake).length / scored.length,
        duration: parts.evidence.duration ?? parts.soundSeconds,
        sampleRate: parts.sampleRate,
        ...parts.soundCounts,
      };
    }
  }
}
