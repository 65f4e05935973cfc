/** Faces that do not hold together over time: a network over clips of consecutive face crops of one track. */
import type { Observation, Series } from '../../../contract/result.ts';
import type { Pack } from '../../inference/pack.ts';
import { clipTensor } from '../../inference/preprocess.ts';
import { openSession, type Session, type SessionOptions } from '../../inference/session.ts';
import { packUseOf } from '../../inference/use.ts';
import type { AnalysedFrame, Detector, DetectorContext, DetectorOutput, DetectorRun, RgbImage } from '../../types.ts';
import {
  countReason,
  faceInput,
  identity,
  mainReason,
  midmean,
  notAssessed,
  scoreObservation,
  temper,
  trackSeries,
} from './common.ts';

const DEFAULT_FRAMES = 16;
/** Most clips of one track; they are taken as they come, so a long video is judged on its beginning and said so. */
const MAX_CLIPS = 64;

/** Decoders round times to milliseconds; a gap is too long only beyond that. */
const ROUNDING = 0.002;

interface Gathering {
  readonly images: RgbImage[];
  readonly firstFrame: number;
  lastTime: number;
}

interface ScoredClip {
  readonly track: number;
  readonly frame: number;
  readonly score: number;
}

/**
 * The detector for one clip pack. Clips end at scene cuts, where a face is lost or leaves the envelope, and where the
 * examined frames lie further apart than the pack was made for.
 */
export function clipConsistency(pack: Pack, opening: SessionOptions): Detector {
  return {
    ...identity(pack),
    mediaTypes: ['video'],
    needs: { frames: true, faces: true, pcm: false },
    start: async (context) => {
      if (!context.facesAssessed) {
        return { finish: () => ({ observations: [notAssessed(pack, 'no pack for face detection is installed')] }) };
      }
      return new ClipRun(pack, await openSession(pack, opening), context);
    },
  };
}

class ClipRun implements DetectorRun {
  readonly #pack: Pack;
  readonly #session: Session;
  readonly #context: DetectorContext;
  readonly #length: number;
  readonly #gathering = new Map<number, Gathering>();
  readonly #scored: ScoredClip[] = [];
  readonly #reasons = new Map<string, number>();
  #faces = 0;

  constructor(pack: Pack, session: Session, context: DetectorContext) {
    this.#pack = pack;
    this.#session = session;
    this.#context = context;
    this.#length = pack.manifest.input.frames ?? DEFAULT_FRAMES;
  }

  async frame({ frame, faces, sceneCut }: AnalysedFrame): Promise<void> {
    if (sceneCut) this.#gathering.clear();
    const here = new Set<number>();
    for (const face of faces) {
      this.#faces += 1;
      const { image, reason } = faceInput(this.#pack, frame, face);
      if (image === null) {
        countReason(this.#reasons, reason ?? 'the face could not be cut out');
        continue;
      }
      here.add(face.track);
      const gathering = this.#goingOn(face.track, frame.time) ?? {
        images: [],
        firstFrame: frame.index,
        lastTime: frame.time,
      };
      gathering.images.push(image);
      gathering.lastTime = frame.time;
      this.#gathering.set(face.track, gathering);
      if (gathering.images.length === this.#length) {
        this.#gathering.delete(face.track);
        await this.#judge(face.track, gathering);
      }
    }
    for (const track of this.#gathering.keys()) if (!here.has(track)) this.#gathering.delete(track);
  }

  finish(): DetectorOutput {
    const packs = [packUseOf(this.#session)];
    const parameters = { framesPerClip: this.#length, clips: this.#scored.length, mostClipsPerTrack: MAX_CLIPS };
    if (this.#scored.length === 0) {
      const short = `no face was followed over ${this.#length} frames in a row`;
      const reason = this.#faces === 0 ? 'no face was found' : mainReason(this.#reasons, short);
      return { observations: [notAssessed(this.#pack, reason, parameters)], packs };
    }
    const least = this.#pack.manifest.envelope.minFrames ?? 0;
    const tracks = new Map(
      [...Map.groupBy(this.#scored, (s) => s.track)].filter(([, list]) => list.length * this.#length >= least),
    );
    if (tracks.size === 0) {
      const reason = `no face was followed over ${least} frames in clips of ${this.#length}`;
      return { observations: [notAssessed(this.#pack, reason, parameters)], packs };
    }
    const observations: Observation[] = [];
    const series: Series[] = [];
    let highest = 0;
    for (const [track, list] of [...tracks].sort((a, b) => a[0] - b[0])) {
      const pooled = temper(midmean(list.map((s) => s.score)), this.#pack.manifest.calibration);
      highest = Math.max(highest, pooled);
      observations.push(scoreObservation(this.#pack, pooled, { clips: list.length, pooling: 'midmean' }, { track }));
      series.push(trackSeries(this.#pack, track, list));
    }
    return { observations: [scoreObservation(this.#pack, highest, parameters), ...observations], series, packs };
  }

  async dispose(): Promise<void> {
    await this.#session.dispose();
  }

  /** The clip that this moment continues, if there is one and the gap is not too long. */
  #goingOn(track: number, time: number): Gathering | undefined {
    const gathering = this.#gathering.get(track);
    const { maxFrameGap } = this.#pack.manifest.envelope;
    if (gathering === undefined || maxFrameGap === undefined) return gathering;
    if (time - gathering.lastTime <= maxFrameGap + ROUNDING) return gathering;
    countReason(this.#reasons, `the examined frames lie more than ${maxFrameGap} s apart: examine all frames`);
    return undefined;
  }

  async #judge(track: number, { images, firstFrame }: Gathering): Promise<void> {
    if (this.#scored.filter((s) => s.track === track).length >= MAX_CLIPS) return;
    const scores = await this.#session.scores(clipTensor([images], this.#pack.manifest.input), this.#context.signal);
    this.#scored.push({ track, frame: firstFrame, score: scores[0] });
  }
}
