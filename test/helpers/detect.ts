/** Runs one detector on sound or frames made by a test. */
import type { AudioStream, Observation } from '../../src/contract/result.ts';
import { Anomaly, Observation as ObservationSchema, Series } from '../../src/contract/result.ts';
import type { AnalysedFrame, Detector, DetectorContext, DetectorOutput } from '../../src/engine/types.ts';

/** A context as the pipeline gives it; `stream` is the declared audio stream. */
export function context(
  stream: Partial<AudioStream> = {},
  size: { width: number; height: number } | null = null,
  signal: AbortSignal = new AbortController().signal,
): DetectorContext {
  return {
    exhibit: {
      path: 'made-by-rule',
      mediaType: size === null ? 'audio' : 'video',
      evidence: {
        name: 'made-by-rule',
        bytes: 0,
        sha256: '0'.repeat(64),
        sha512: '0'.repeat(128),
        md5: '0'.repeat(32),
        modified: '2026-01-01T00:00:00.000Z',
        container: 'wav',
        mime: 'audio/wav',
        extensionMatches: true,
        duration: null,
        streams: [
          {
            kind: 'audio',
            index: 0,
            codec: 'pcm_s16le',
            sampleRate: 16_000,
            channels: 1,
            layout: 'mono',
            sampleFormat: 's16',
            duration: null,
            bitRate: null,
            ...stream,
          },
        ],
        warnings: [],
      },
    },
    plan: {
      schema: 'vidimus/plan/1',
      frames: { kind: 'all' },
      fusion: 'weighted-average',
      provider: 'cpu',
      packs: null,
      detectors: null,
      sampleRate: 16_000,
      maxPixels: 1e8,
      timeLimitSeconds: 600,
      artifacts: true,
      face: { detector: null, minFacePx: 40, detectEverySeconds: 0.5 },
    },
    signal,
    size,
    facesAssessed: true,
  };
}

/** Chunk sizes as a decoder might give them: odd, small, large. */
const CHUNKS = [1, 4096, 1023, 16_000, 7, 8192];

/** Feeds sound (and frames, by time) to a detector, checks what it says against the contract and returns it. */
export async function detect(
  detector: Detector,
  input: {
    samples?: Float32Array;
    sampleRate?: number;
    stream?: Partial<AudioStream>;
    frames?: Iterable<AnalysedFrame>;
    chunks?: readonly number[];
  },
): Promise<DetectorOutput> {
  const rate = input.sampleRate ?? 16_000;
  const size = input.frames === undefined ? null : { width: 64, height: 48 };
  const run = await detector.start(context({ sampleRate: rate, ...input.stream }, size));
  try {
    if (input.samples !== undefined && run.pcm !== undefined) {
      const chunks = input.chunks ?? CHUNKS;
      for (let at = 0, i = 0; at < input.samples.length; i++) {
        const length = chunks[i % chunks.length] ?? 4096;
        await run.pcm({ time: at / rate, sampleRate: rate, samples: input.samples.slice(at, at + length) });
        at += length;
      }
    }
    if (input.frames !== undefined && run.frame !== undefined) {
      for (const frame of input.frames) await run.frame(frame);
    }
    const output = await run.finish();
    for (const o of output.observations) ObservationSchema.parse(o);
    for (const a of output.anomalies ?? []) Anomaly.parse(a);
    for (const s of output.series ?? []) {
      Series.parse(s);
      for (let i = 1; i < s.x.length; i++) {
        if (!((s.x[i] ?? 0) > (s.x[i - 1] ?? 0))) throw new Error(`${s.id}: x does not rise at ${i}`);
      }
    }
    return output;
  } finally {
    await run.dispose?.();
  }
}

/** The observation of one quantity; fails the test where it is missing. */
export function observed(output: DetectorOutput, quantity: string): Observation {
  const found = output.observations.find((o) => o.quantity === quantity);
  if (found === undefined) throw new Error(`no observation of ${quantity}`);
  return found;
}

/** Anomalies of one type. */
export const anomalies = (output: DetectorOutput, type: string): Anomaly[] =>
  (output.anomalies ?? []).filter((a) => a.type === type);
