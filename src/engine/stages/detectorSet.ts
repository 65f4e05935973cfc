/**
 * Runs many detectors over one stream of frames and sound. A detector that throws is recorded as `failed` with its
 * reason and fed no more; the others go on. Cancel is not a failure and ends them all.
 */
import { asVidimusError, cancelled, throwIfCancelled } from '../../contract/errors.ts';
import type { Anomaly, Observation, PackUse, Series, Structure } from '../../contract/result.ts';
import type {
  AnalysedFrame,
  ArtifactPng,
  Detector,
  DetectorContext,
  DetectorOutput,
  DetectorRun,
  PcmChunk,
} from '../types.ts';

/** What all detectors together left behind. */
export interface Findings {
  readonly observations: Observation[];
  readonly series: Series[];
  readonly anomalies: Anomaly[];
  readonly structures: Structure[];
  readonly packs: PackUse[];
  readonly artifacts: { readonly detector: string; readonly artifact: ArtifactPng }[];
  /** Seconds each detector worked, for monitoring; not part of any score. */
  readonly seconds: ReadonlyMap<string, number>;
}

/** Sound at the plan's rate, or as the stream carries it. */
export type PcmRate = NonNullable<Detector['needs']['pcmRate']>;

interface Slot {
  readonly detector: Detector;
  run: DetectorRun | null;
  failure: string | null;
  seconds: number;
}

/** The observation that stands for a detector that broke. */
export function failedObservation(detector: Pick<Detector, 'id' | 'version' | 'family'>, reason: string): Observation {
  return {
    detector: detector.id,
    version: detector.version,
    family: detector.family,
    kind: 'measurement',
    quantity: 'outcome',
    status: 'failed',
    value: null,
    unit: '1',
    direction: 'none',
    reason,
    parameters: {},
  };
}

export class DetectorSet {
  readonly #slots: Slot[];
  readonly #signal: AbortSignal;

  private constructor(slots: Slot[], signal: AbortSignal) {
    this.#slots = slots;
    this.#signal = signal;
  }

  /** Starts every detector on the exhibit. */
  static async start(detectors: readonly Detector[], context: DetectorContext): Promise<DetectorSet> {
    const slots: Slot[] = detectors.map((detector) => ({ detector, run: null, failure: null, seconds: 0 }));
    const set = new DetectorSet(slots, context.signal);
    for (const slot of slots) {
      await set.#guard(slot, async () => {
        slot.run = await slot.detector.start(context);
      });
    }
    return set;
  }

  /** Shows a frame to every detector that looks at frames. */
  async frame(frame: AnalysedFrame): Promise<void> {
    for (const slot of this.#slots) if (slot.run?.frame) await this.#guard(slot, () => slot.run?.frame?.(frame));
  }

  /** Hands sound to the detectors that listen at one of these rates. */
  async pcm(chunk: PcmChunk, rates: ReadonlySet<PcmRate>): Promise<void> {
    for (const slot of this.#slots) {
      if (!slot.run?.pcm || !rates.has(slot.detector.needs.pcmRate ?? 'plan')) continue;
      await this.#guard(slot, () => slot.run?.pcm?.(chunk));
    }
  }

  /** Collects what the detectors found, in their order. `onDone` counts them. */
  async finish(onDone: (done: number, total: number) => void): Promise<Findings> {
    const outputs: { slot: Slot; output: DetectorOutput }[] = [];
    for (const [i, slot] of this.#slots.entries()) {
      await this.#guard(slot, async () => {
        if (slot.run) outputs.push({ slot, output: await slot.run.finish() });
      });
      if (slot.failure !== null) {
        outputs.push({ slot, output: { observations: [failedObservation(slot.detector, slot.failure)] } });
      }
      onDone(i + 1, this.#slots.length);
    }
    return {
      observations: outputs.flatMap(({ output }) => output.observations),
      series: outputs.flatMap(({ output }) => output.series ?? []),
      anomalies: outputs.flatMap(({ output }) => output.anomalies ?? []),
      structures: outputs.flatMap(({ output }) => output.structures ?? []),
      packs: outputs.flatMap(({ output }) => output.packs ?? []),
      artifacts: outputs.flatMap(({ slot, output }) =>
        (output.artifacts ?? []).map((artifact) => ({ detector: slot.detector.id, artifact })),
      ),
      seconds: new Map(this.#slots.map((slot) => [slot.detector.id, slot.seconds])),
    };
  }

  /** Frees what the detectors hold; call it once, whatever happened. */
  async dispose(): Promise<void> {
    for (const slot of this.#slots) {
      const { run } = slot;
      slot.run = null;
      // What cannot be freed must not hide the error that brought us here; the process is bounded anyway.
      await Promise.resolve(run?.dispose?.()).catch(() => undefined);
    }
  }

  async #guard(slot: Slot, work: () => unknown): Promise<void> {
    throwIfCancelled(this.#signal);
    const started = performance.now();
    try {
      await work();
    } catch (thrown) {
      const error = asVidimusError(thrown);
      if (error.code === 'cancelled' || this.#signal.aborted) throw cancelled();
      slot.failure = error.family === 'bug' ? `${error.message} (a fault of the detector)` : error.message;
      const { run } = slot;
      slot.run = null;
      await Promise.resolve(run?.dispose?.()).catch(() => undefined);
    } finally {
      slot.seconds += (performance.now() - started) / 1000;
    }
  }
}
