/** Speech made or converted by a machine: a network over windows of speech, pooled to a score of the file. */
import { MelRule } from '../../../contract/pack.ts';
import type { Pack } from '../../inference/pack.ts';
import { spectrogramTensor, waveformTensor } from '../../inference/preprocess-sound.ts';
import { openSession, type Session, type SessionOptions } from '../../inference/session.ts';
import type { Tensor } from '../../inference/tensor.ts';
import { packUseOf } from '../../inference/use.ts';
import { melSpectrogram } from '../../signals/sound/mel.ts';
import { joinSpeech, sourceOf, tile, windowStarts } from '../../signals/sound/speechBlocks.ts';
import type { Detector, DetectorContext, DetectorOutput, DetectorRun, PcmChunk } from '../../types.ts';
import { identity, notAssessed, scoreObservation, temper } from './common.ts';

/**
 * Sound is listened to in segments of this length, so that memory does not grow with the file. Silence is judged
 * within a segment; shorter files are one segment, exactly as in training.
 */
const SEGMENT_SECONDS = 60;
const BATCH = 8;
/** A last segment with less speech than this says nothing that the others did not. */
const LEAST_SPEECH_SECONDS = 1;

/** The detector for one speech pack. */
export function speechSpoof(pack: Pack, opening: SessionOptions): Detector {
  return {
    ...identity(pack),
    mediaTypes: ['audio', 'video'],
    needs: { frames: false, faces: false, pcm: true },
    start: (context) => startSpeech(pack, opening, context),
  };
}

async function startSpeech(pack: Pack, opening: SessionOptions, context: DetectorContext): Promise<DetectorRun> {
  const { input, envelope } = pack.manifest;
  const rate = input.sampleRate ?? 16_000;
  const source = context.exhibit.evidence.streams.find((s) => s.kind === 'audio')?.sampleRate ?? rate;
  const outside =
    rate !== context.plan.sampleRate
      ? `the network wants ${rate} Hz, the plan decodes ${context.plan.sampleRate} Hz`
      : envelope.minSampleRate !== undefined && source < envelope.minSampleRate
        ? `sample rate ${source} Hz is below ${envelope.minSampleRate} Hz, the lowest this pack was validated on`
        : null;
  if (outside !== null) return { finish: () => ({ observations: [notAssessed(pack, outside)] }) };
  return new SpeechRun(pack, await openSession(pack, opening), context, rate);
}

class SpeechRun implements DetectorRun {
  readonly #pack: Pack;
  readonly #session: Session;
  readonly #context: DetectorContext;
  readonly #rate: number;
  readonly #segment: Float32Array;
  readonly #length: number;
  readonly #hop: number;
  #filled = 0;
  #segmentStart = 0;
  #speechSeconds = 0;
  readonly #times: number[] = [];
  readonly #scores: number[] = [];

  constructor(pack: Pack, session: Session, context: DetectorContext, rate: number) {
    this.#pack = pack;
    this.#session = session;
    this.#context = context;
    this.#rate = rate;
    this.#segment = new Float32Array(SEGMENT_SECONDS * rate);
    this.#length = pack.manifest.input.samples ?? 4 * rate;
    this.#hop = Math.floor(this.#length / 2);
  }

  async pcm({ samples, time }: PcmChunk): Promise<void> {
    if (this.#filled === 0) this.#segmentStart = time;
    for (let at = 0; at < samples.length; ) {
      const n = Math.min(samples.length - at, this.#segment.length - this.#filled);
      this.#segment.set(samples.subarray(at, at + n), this.#filled);
      this.#filled += n;
      at += n;
      if (this.#filled === this.#segment.length) {
        await this.#listen();
        this.#segmentStart = time + at / this.#rate;
      }
    }
  }

  async finish(): Promise<DetectorOutput> {
    if (this.#filled > 0) await this.#listen();
    const { manifest } = this.#pack;
    const least = manifest.envelope.minSeconds ?? LEAST_SPEECH_SECONDS;
    const parameters = {
      windowSeconds: this.#length / this.#rate,
      hopSeconds: this.#hop / this.#rate,
      silenceRemoved: manifest.input.trimSilence ?? false,
      segmentSeconds: SEGMENT_SECONDS,
      pooling: 'mean over windows',
      windows: this.#scores.length,
      speechSeconds: Math.round(this.#speechSeconds * 1000) / 1000,
    };
    const packs = [packUseOf(this.#session)];
    if (this.#scores.length === 0 || this.#speechSeconds < least) {
      const reason = `${this.#speechSeconds.toFixed(2)} s of speech remain without pauses; ${least} s are needed`;
      return { observations: [notAssessed(this.#pack, reason, parameters)], packs };
    }
    const pooled = this.#scores.reduce((a, b) => a + b, 0) / this.#scores.length;
    return {
      observations: [scoreObservation(this.#pack, temper(pooled, manifest.calibration), parameters)],
      series: [
        {
          id: `${identity(this.#pack).id}:score`,
          detector: identity(this.#pack).id,
          quantity: 'score',
          unit: '1',
          direction: 'higher-more-manipulated',
          axis: 'seconds',
          x: this.#times,
          y: this.#scores,
        },
      ],
      packs,
    };
  }

  async dispose(): Promise<void> {
    await this.#session.dispose();
  }

  async #listen(): Promise<void> {
    const samples = this.#segment.subarray(0, this.#filled);
    this.#filled = 0;
    const whole = { samples, runs: [{ at: 0, source: 0, length: samples.length }] };
    const joined = this.#pack.manifest.input.trimSilence === true ? joinSpeech(samples) : whole;
    const seconds = joined.samples.length / this.#rate;
    if (this.#scores.length > 0 && seconds < LEAST_SPEECH_SECONDS) return;
    this.#speechSeconds += seconds;
    const starts = windowStarts(joined.samples.length, this.#length, this.#hop);
    for (let at = 0; at < starts.length; at += BATCH) {
      const part = starts.slice(at, at + BATCH);
      const windows = part.map((s) => tile(joined.samples.subarray(s, s + this.#length), this.#length));
      const scores = await this.#session.scores(this.#tensor(windows), this.#context.signal);
      for (const [i, start] of part.entries()) {
        const middle = Math.min(joined.samples.length - 1, start + this.#length / 2);
        this.#times.push(this.#segmentStart + sourceOf(joined, middle) / this.#rate);
        this.#scores.push(scores[i]);
      }
    }
  }

  #tensor(windows: readonly Float32Array[]): Tensor {
    const { input } = this.#pack.manifest;
    if (input.kind === 'waveform') return waveformTensor(windows, input);
    const rule = MelRule.parse(input.mel);
    return spectrogramTensor(
      windows.map((window) => {
        const { nMels, frames, data } = melSpectrogram(window, rule, this.#rate);
        return { bands: nMels, frames, data };
      }),
      input,
    );
  }
}
