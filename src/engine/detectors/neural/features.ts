/** A small network over the twelve classical features of a whole picture (docs/methods/image-features.md). */

import { VidimusError } from '../../../contract/errors.ts';
import type { InputRule } from '../../../contract/pack.ts';
import type { Pack } from '../../inference/pack.ts';
import { featureTensor } from '../../inference/preprocess-sound.ts';
import { openSession, type Session, type SessionOptions } from '../../inference/session.ts';
import { packUseOf } from '../../inference/use.ts';
import { pictureFeatures } from '../../signals/picture/features.ts';
import type { AnalysedFrame, Detector, DetectorContext, DetectorOutput, DetectorRun, Frame } from '../../types.ts';
import { identity, notAssessed, scoreObservation, temper } from './common.ts';

/** The detector for one feature pack; looks at the first picture of a file. */
export function featureForgery(pack: Pack, opening: SessionOptions): Detector {
  return {
    ...identity(pack),
    mediaTypes: ['image'],
    needs: { frames: true, faces: false, pcm: false },
    start: async (context) => {
      const { envelope } = pack.manifest;
      const { width, height } = context.size ?? { width: 0, height: 0 };
      if (width < (envelope.minWidth ?? 1) || height < (envelope.minHeight ?? 1)) {
        return { finish: () => ({ observations: [notAssessed(pack, `${width} × ${height} pixels are too few`)] }) };
      }
      return new FeatureRun(pack, await openSession(pack, opening), context);
    },
  };
}

/**
 * The middle `width` x `height` pixels, begun on the grid of 8 x 8 blocks; the frame itself where the pack names no size.
 * Spectrum and magnitudes grow with the size of a picture, so a network can only compare pictures of one size.
 */
export function measuredPart(frame: Frame, { width = frame.width, height = frame.height }: InputRule): Frame {
  if (width >= frame.width && height >= frame.height) return frame;
  const left = (((frame.width - width) >> 1) >> 3) << 3;
  const top = (((frame.height - height) >> 1) >> 3) << 3;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * frame.width + left) * 3;
    data.set(frame.data.subarray(start, start + width * 3), y * width * 3);
  }
  return { ...frame, width, height, data };
}

class FeatureRun implements DetectorRun {
  readonly #pack: Pack;
  readonly #session: Session;
  readonly #context: DetectorContext;
  #score: number | null = null;
  #reason = 'no picture could be decoded';

  constructor(pack: Pack, session: Session, context: DetectorContext) {
    this.#pack = pack;
    this.#session = session;
    this.#context = context;
  }

  async frame({ frame }: AnalysedFrame): Promise<void> {
    if (this.#score !== null) return;
    const { signal } = this.#context;
    const features = new Map<string, number | null>(
      Object.entries(await pictureFeatures(measuredPart(frame, this.#pack.manifest.input), signal)),
    );
    const row: number[] = [];
    for (const name of this.#pack.manifest.input.features ?? []) {
      const value = features.get(name);
      if (value === undefined)
        throw new VidimusError('pack.invalid', `The pack asks for a feature "${name}" that does not exist.`);
      if (value === null) {
        this.#reason = `the feature ${name} cannot be measured on so small a picture`;
        return;
      }
      row.push(value);
    }
    const scores = await this.#session.scores(featureTensor([row], this.#pack.manifest.input), signal);
    this.#score = scores[0];
  }

  finish(): DetectorOutput {
    const packs = [packUseOf(this.#session)];
    if (this.#score === null) return { observations: [notAssessed(this.#pack, this.#reason)], packs };
    const score = temper(this.#score, this.#pack.manifest.calibration);
    return {
      observations: [scoreObservation(this.#pack, score, { features: this.#pack.manifest.input.features ?? [] })],
      packs,
    };
  }

  async dispose(): Promise<void> {
    await this.#session.dispose();
  }
}
