/** Faces that were swapped, re-enacted or synthesised: a network over face crops, pooled per track, then per file. */
import type { Observation, Series } from '../../../contract/result.ts';
import type { Pack } from '../../inference/pack.ts';
import { imageTensor } from '../../inference/preprocess.ts';
import { openSession, type Session, type SessionOptions } from '../../inference/session.ts';
import { packUseOf } from '../../inference/use.ts';
import type { AnalysedFrame, Detector, DetectorContext, DetectorOutput, DetectorRun, RgbImage } from '../../types.ts';
import {
  countReason,
  faceInput,
  identity,
  mainReason,
  marginOf,
  midmean,
  notAssessed,
  scoreObservation,
  temper,
  trackSeries,
} from './common.ts';

const BATCH = 8;

interface Scored {
  readonly track: number;
  readonly frame: number;
  readonly time: number;
  readonly score: number;
}

/** The detector for one face pack. Needs faces; without a face detector it is not assessed. */
export function faceForgery(pack: Pack, opening: SessionOptions): Detector {
  return {
    ...identity(pack),
    mediaTypes: ['image', 'video'],
    needs: { frames: true, faces: true, pcm: false },
    start: async (context) => {
      if (!context.facesAssessed) {
        return { finish: () => ({ observations: [notAssessed(pack, 'no pack for face detection is installed')] }) };
      }
      return new FaceRun(pack, await openSession(pack, opening), context);
    },
  };
}

class FaceRun implements DetectorRun {
  readonly #pack: Pack;
  readonly #session: Session;
  readonly #context: DetectorContext;
  readonly #queue: { track: number; frame: number; time: number; image: RgbImage }[] = [];
  readonly #scored: Scored[] = [];
  readonly #reasons = new Map<string, number>();
  #faces = 0;

  constructor(pack: Pack, session: Session, context: DetectorContext) {
    this.#pack = pack;
    this.#session = session;
    this.#context = context;
  }

  async frame({ frame, faces }: AnalysedFrame): Promise<void> {
    for (const face of faces) {
      this.#faces += 1;
      const { image, reason } = faceInput(this.#pack, frame, face);
      if (image === null) {
        countReason(this.#reasons, reason ?? 'the face could not be cut out (no points, or beyond the edge)');
        continue;
      }
      this.#queue.push({ track: face.track, frame: frame.index, time: frame.time, image });
    }
    if (this.#queue.length >= BATCH) await this.#flush(false);
  }

  async finish(): Promise<DetectorOutput> {
    await this.#flush(true);
    const packs = [packUseOf(this.#session)];
    const parameters = {
      faces: this.#faces,
      scored: this.#scored.length,
      margin: marginOf(this.#pack),
      pooling: 'midmean per track, highest track decides',
    };
    if (this.#scored.length === 0) {
      const reason = this.#faces === 0 ? 'no face was found' : mainReason(this.#reasons, 'no face could be used');
      return { observations: [notAssessed(this.#pack, reason, parameters)], packs };
    }
    const tracks = new Map<number, Scored[]>();
    for (const s of this.#scored) tracks.set(s.track, [...(tracks.get(s.track) ?? []), s]);
    const observations: Observation[] = [];
    const series: Series[] = [];
    let highest = 0;
    for (const [track, list] of [...tracks].sort((a, b) => a[0] - b[0])) {
      const pooled = temper(midmean(list.map((s) => s.score)), this.#pack.manifest.calibration);
      highest = Math.max(highest, pooled);
      const first = list[0];
      const last = list[list.length - 1];
      observations.push(
        scoreObservation(
          this.#pack,
          pooled,
          { frames: list.length, pooling: 'midmean' },
          { track, frames: [first.frame, last.frame] },
        ),
      );
      series.push(trackSeries(this.#pack, track, list));
    }
    return { observations: [scoreObservation(this.#pack, highest, parameters), ...observations], series, packs };
  }

  async dispose(): Promise<void> {
    await this.#session.dispose();
  }

  async #flush(all: boolean): Promise<void> {
    while (this.#queue.length >= BATCH || (all && this.#queue.length > 0)) {
      const part = this.#queue.splice(0, BATCH);
      const batch = imageTensor(
        part.map((item) => item.image),
        this.#pack.manifest.input,
      );
      const scores = await this.#session.scores(batch, this.#context.signal);
      for (const [i, { track, frame, time }] of part.entries())
        this.#scored.push({ track, frame, time, score: scores[i] });
    }
  }
}
