/** Optical flow inside and outside faces. Method page: docs/methods/optical-flow.md. */
import { throwIfCancelled } from '../../contract/errors.ts';
import { mean, median } from '../signals/sound/stats.ts';
import { FARNEBACK, Farneback, type RegionFlow, regionFlow, summariseFlow } from '../signals/time/flow.ts';
import { GreySampler } from '../signals/time/grey.ts';
import type { AnalysedFrame, Detector, DetectorContext, DetectorOutput, DetectorRun } from '../types.ts';
import { measurement, NO_FACE_DETECTOR } from './sound-kit.ts';
import { perSecond } from './time-kit.ts';

const identity = { id: 'optical-flow', version: '1.0.0', family: 'temporal' } as const;
/** Longer side of the pictures the flow is computed on. */
const LONGEST = 320;
/** A pair of frames is taken at most this often, and its frames lie at most so far apart. */
const PAIR_SECONDS = 0.2;
const LONGEST_STEP = 0.12;
const LEAST_PAIRS = 5;

export const opticalFlow: Detector = {
  ...identity,
  mediaTypes: ['video'],
  needs: { frames: true, faces: true, pcm: false },
  start: (context) => new FlowRun(context),
};

class FlowRun implements DetectorRun {
  private readonly context: DetectorContext;
  private sampler: GreySampler | null = null;
  private flow: Farneback | null = null;
  private readonly times: number[] = [];
  private readonly magnitudes: number[] = [];
  private readonly regions: { time: number; flow: RegionFlow }[] = [];
  /** First frame of a pair, with the time it was shown. */
  private first = new Uint8Array(0);
  private waiting: number | null = null;
  private last = Number.NEGATIVE_INFINITY;

  constructor(context: DetectorContext) {
    this.context = context;
  }

  async frame(analysed: AnalysedFrame): Promise<void> {
    throwIfCancelled(this.context.signal);
    const { frame, sceneCut } = analysed;
    if (this.sampler === null || !this.sampler.fits(frame)) {
      this.release();
      this.sampler = new GreySampler(frame, LONGEST);
      this.first = new Uint8Array(this.sampler.grey.length);
      this.waiting = null;
    }
    const since = this.waiting === null ? Number.NaN : frame.time - this.waiting;
    if (!sceneCut && since > 0 && since <= LONGEST_STEP) {
      this.sampler.sample(frame);
      await this.pair(analysed, this.sampler);
      this.waiting = null;
      this.last = frame.time;
    }
    if (this.waiting !== null || frame.time - this.last >= PAIR_SECONDS - LONGEST_STEP / 4 || sceneCut) {
      this.sampler.sample(frame);
      this.first.set(this.sampler.grey);
      this.waiting = frame.time;
    }
  }

  private async pair({ frame, faces }: AnalysedFrame, sampler: GreySampler): Promise<void> {
    const { width, height } = sampler;
    if (width < 32 || height < 32) return;
    this.flow ??= await Farneback.create(width, height);
    const field = this.flow.compute(this.first, sampler.grey);
    const summary = summariseFlow(field, width, height);
    this.times.push(frame.time);
    this.magnitudes.push(summary.meanMagnitude);
    const scale = width / frame.width;
    for (const face of faces) {
      const box = {
        x: face.box.x * scale,
        y: face.box.y * scale,
        width: face.box.width * scale,
        height: face.box.height * scale,
      };
      const region = regionFlow(field, this.first, sampler.grey, sampler, box, summary.camera);
      if (region !== null) this.regions.push({ time: frame.time, flow: region });
    }
  }

  finish(): DetectorOutput {
    const parameters = {
      longestSide: LONGEST,
      width: this.sampler?.width ?? null,
      height: this.sampler?.height ?? null,
      pairEverySeconds: PAIR_SECONDS,
      longestStepSeconds: LONGEST_STEP,
      pairs: this.magnitudes.length,
      farneback: [...FARNEBACK],
    };
    const few = `${this.magnitudes.length} pairs of frames at most ${LONGEST_STEP} s apart were examined, ${LEAST_PAIRS} are needed`;
    const faceless = this.context.facesAssessed
      ? `${this.regions.length} faces in such pairs were large enough, ${LEAST_PAIRS} are needed`
      : NO_FACE_DETECTOR;
    const faces = this.regions.length >= LEAST_PAIRS ? this.regions.map((r) => r.flow) : null;
    const of = (pick: (r: RegionFlow) => number): number | null => (faces === null ? null : median(faces.map(pick)));
    const pixels = 'px/frame';
    return {
      observations: [
        measurement(
          identity,
          this.magnitudes.length < LEAST_PAIRS ? null : mean(this.magnitudes),
          { quantity: 'flow-magnitude', unit: pixels, parameters },
          few,
        ),
        measurement(
          identity,
          of((r) => r.inside),
          { quantity: 'flow-in-face', unit: pixels, parameters },
          faceless,
        ),
        measurement(
          identity,
          of((r) => r.around),
          { quantity: 'flow-around-face', unit: pixels, parameters },
          faceless,
        ),
        measurement(
          identity,
          of((r) => r.residualInside / Math.max(0.25, r.residualAround)),
          { quantity: 'flow-residual-ratio', unit: '1', direction: 'higher-more-manipulated', parameters },
          faceless,
        ),
      ],
      series: [
        {
          id: 'optical-flow.magnitude',
          detector: identity.id,
          quantity: 'flow-magnitude',
          unit: pixels,
          direction: 'none',
          axis: 'seconds',
          ...perSecond(this.times, this.magnitudes),
        },
        {
          id: 'optical-flow.residual-ratio',
          detector: identity.id,
          quantity: 'flow-residual-ratio',
          unit: '1',
          direction: 'higher-more-manipulated',
          axis: 'seconds',
          ...perSecond(
            this.regions.map((r) => r.time),
            this.regions.map((r) => r.flow.residualInside / Math.max(0.25, r.flow.residualAround)),
          ),
        },
      ],
    };
  }

  dispose(): void {
    this.release();
  }

  private release(): void {
    this.flow?.dispose();
    this.flow = null;
  }
}
