/** Whole pictures that were synthesised or edited: a network over the picture, or over a few frames of a video. */
import type { Pack } from '../../inference/pack.ts';
import { imageTensor } from '../../inference/preprocess.ts';
import { openSession, type Session, type SessionOptions } from '../../inference/session.ts';
import { packUseOf } from '../../inference/use.ts';
import type { AnalysedFrame, Detector, DetectorContext, DetectorOutput, DetectorRun } from '../../types.ts';
import { identity, midmean, notAssessed, scoreObservation, temper } from './common.ts';

/** Frames of a video that are looked at: they come evenly spaced, and a synthetic picture is synthetic throughout. */
const MAX_FRAMES = 32;

/** The detector for one picture pack. */
export function imageForgery(pack: Pack, opening: SessionOptions): Detector {
  return {
    ...identity(pack),
    mediaTypes: ['image', 'video'],
    needs: { frames: true, faces: false, pcm: false },
    start: async (context) => {
      const { envelope } = pack.manifest;
      const { width, height } = context.size ?? { width: 0, height: 0 };
      if (width < (envelope.minWidth ?? 1) || height < (envelope.minHeight ?? 1)) {
        const reason = `${width} × ${height} pixels are fewer than the ${envelope.minWidth ?? 1} × ${envelope.minHeight ?? 1} this pack was validated on`;
        return { finish: () => ({ observations: [notAssessed(pack, reason)] }) };
      }
      return new ImageRun(pack, await openSession(pack, opening), context);
    },
  };
}

class ImageRun implements DetectorRun {
  readonly #pack: Pack;
  readonly #session: Session;
  readonly #context: DetectorContext;
  readonly #frames: number[] = [];
  readonly #scores: number[] = [];
  #nextTime = Number.NEGATIVE_INFINITY;

  constructor(pack: Pack, session: Session, context: DetectorContext) {
    this.#pack = pack;
    this.#session = session;
    this.#context = context;
  }

  async frame({ frame }: AnalysedFrame): Promise<void> {
    if (frame.time < this.#nextTime) return;
    this.#nextTime = frame.time + (this.#context.exhibit.evidence.duration ?? 0) / MAX_FRAMES;
    const scores = await this.#session.scores(imageTensor([frame], this.#pack.manifest.input), this.#context.signal);
    this.#frames.push(frame.index);
    this.#scores.push(scores[0]);
  }

  finish(): DetectorOutput {
    const packs = [packUseOf(this.#session)];
    if (this.#scores.length === 0)
      return { observations: [notAssessed(this.#pack, 'no frame could be decoded')], packs };
    const pooled = temper(midmean(this.#scores), this.#pack.manifest.calibration);
    const parameters = { frames: this.#scores.length, pooling: 'midmean' };
    return {
      observations: [scoreObservation(this.#pack, pooled, parameters)],
      series: [
        {
          id: `${identity(this.#pack).id}:score`,
          detector: identity(this.#pack).id,
          quantity: 'score',
          unit: '1',
          direction: 'higher-more-manipulated',
          axis: 'frame',
          x: this.#frames,
          y: this.#scores,
        },
      ],
      packs,
    };
  }

  async dispose(): Promise<void> {
    await this.#session.dispose();
  }
}
