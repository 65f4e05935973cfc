/** What the detectors of sound and time share: observations, limits of lists, and a run over streamed sound. */
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';
import type { Anomaly, AudioStream, Observation, Where } from '../../contract/result.ts';
import type { Direction, Parameters } from '../../contract/words.ts';
import type { Detector, DetectorContext, DetectorOutput, DetectorRun } from '../types.ts';

type Identity = Pick<Detector, 'id' | 'version' | 'family'>;

/** Unit, direction and parameters of a quantity; `method` names its page in docs/methods. */
interface Quantity {
  readonly quantity: string;
  readonly unit: string;
  readonly direction?: Direction;
  readonly parameters?: Parameters;
  readonly where?: Where;
}

const common = (detector: Identity, q: Quantity): Omit<Observation, 'status' | 'value'> => ({
  detector: detector.id,
  version: detector.version,
  family: detector.family,
  kind: 'measurement',
  quantity: q.quantity,
  unit: q.unit,
  direction: q.direction ?? 'none',
  parameters: q.parameters ?? {},
  method: `docs/methods/${detector.id}.md`,
  ...(q.where === undefined ? {} : { where: q.where }),
});

/** A measurement; where the value is null or not finite, it was not assessed for the reason given. */
export function measurement(
  detector: Identity,
  value: number | null,
  q: Quantity,
  reason = 'the quantity is undefined for this recording',
): Observation {
  return value !== null && Number.isFinite(value)
    ? { ...common(detector, q), status: 'ok', value }
    : { ...common(detector, q), status: 'not-assessed', value: null, reason };
}

/** Anomalies listed per type; a recording with more gets the first and their number. */
const MAX_LISTED = 100;

/** Cuts a list of anomalies of one type and says in the last one how many there are. */
export function limited(anomalies: readonly Anomaly[]): Anomaly[] {
  if (anomalies.length <= MAX_LISTED) return [...anomalies];
  const kept = anomalies.slice(0, MAX_LISTED);
  const last = kept.at(-1);
  if (last !== undefined) {
    kept[MAX_LISTED - 1] = {
      ...last,
      description: `${last.description} In all there are ${anomalies.length} of this type; the first ${MAX_LISTED} are listed.`,
    };
  }
  return kept;
}

/** Seconds with three decimals at most, so that results stay readable and equal on every machine. */
export const milli = (seconds: number): number => Math.round(seconds * 1000) / 1000;

/** What is known of the sound when it has ended. */
export interface SoundInfo {
  /** Time of the first sample and length, seconds. */
  readonly start: number;
  readonly seconds: number;
  readonly sampleRate: number;
  /** The stream as the container declares it. */
  readonly stream: AudioStream | null;
}

/** The first audio stream of the exhibit. */
function audioStream(context: DetectorContext): AudioStream | null {
  return context.exhibit.evidence.streams.find((s): s is AudioStream => s.kind === 'audio') ?? null;
}

/** Why faces are missing when nobody looked for them. */
export const NO_FACE_DETECTOR = 'no face detector ran, so faces are not known';

/** Larger than any real sample; beyond it squares of a hostile float file would drown everything. */
const LARGEST = 1e3;

/** Samples with what is not finite as zero and magnitudes up to 1000; the chunk itself when nothing is wrong. */
export function finite(samples: Float32Array): Float32Array {
  let clean = true;
  for (let i = 0; i < samples.length && clean; i++) clean = Math.abs(samples[i]) <= LARGEST;
  if (clean) return samples;
  return samples.map((v) => (Number.isFinite(v) ? Math.max(-LARGEST, Math.min(LARGEST, v)) : 0));
}

/**
 * A run that feeds a meter, made when the first chunk tells the sample rate. Without any sound `empty` answers.
 *
 * @param raw hand samples through as they come, for a meter that counts what is not finite itself
 */
export function soundRun<M extends { push(samples: Float32Array): void }>(
  context: DetectorContext,
  create: (sampleRate: number) => M,
  finish: (meter: M, info: SoundInfo) => DetectorOutput | Promise<DetectorOutput>,
  empty: (reason: string) => DetectorOutput,
  raw = false,
): DetectorRun {
  let meter: M | null = null;
  let sampleRate = 0;
  let start = 0;
  let count = 0;
  return {
    pcm(chunk) {
      throwIfCancelled(context.signal);
      if (meter === null) {
        meter = create(chunk.sampleRate);
        sampleRate = chunk.sampleRate;
        start = chunk.time;
      } else if (chunk.sampleRate !== sampleRate) {
        throw new VidimusError('bug', 'The sample rate of the decoded sound changed in the middle of the recording.');
      }
      count += chunk.samples.length;
      meter.push(raw ? chunk.samples : finite(chunk.samples));
    },
    finish() {
      if (meter === null || count === 0) return empty('no sound could be decoded');
      return finish(meter, { start, seconds: count / sampleRate, sampleRate, stream: audioStream(context) });
    },
  };
}
