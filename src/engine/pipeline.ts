/**
 * One analysis from file to result: intake, probe, plan, one forward decode, faces, detectors, opinion.
 *
 * Memory is bounded by the frames in flight, not by the length of the file: the decoder waits for the detectors. The
 * same file, plan and packs give the same observations; time stamps and durations are the only things that differ.
 */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { throwIfCancelled, VidimusError } from '../contract/errors.ts';
import type { AnalysisResult, Plan, Progress } from '../contract/result.ts';
import { countSoundAnomalies } from './detectors/sound-counts.ts';
import type { FaceDetector } from './faces/detector.ts';
import { DetectionSchedule, FaceTimeline } from './faces/timeline.ts';
import { formOpinion } from './fusion/opinion.ts';
import type { ModelRoots } from './inference/registry.ts';
import type { Tensor } from './inference/tensor.ts';
import type { Decoding } from './media/decode.ts';
import { type Media, openMedia } from './media/media.ts';
import { SceneCutDetector } from './signals/time/scene-cut.ts';
import { writeArtifacts } from './stages/artifacts.ts';
import { chooseDetectors } from './stages/choose.ts';
import { DetectorSet, type PcmRate } from './stages/detectorSet.ts';
import { resultDocument } from './stages/document.ts';
import { type FaceFinder, openFaceFinder } from './stages/faceFinder.ts';
import { applyProfiles, readEnsemble } from './stages/profiles.ts';
import { versions } from './stages/versions.ts';
import type { AnalysedFrame, Detector, Face, Frame, PcmChunk } from './types.ts';

export interface AnalyseRequest {
  readonly path: string;
  /** Name of the exhibit where the file at `path` has another. */
  readonly name?: string;
  readonly plan: Plan;
  /** Folder for pictures of the analysis; null writes none. */
  readonly artifactsDir: string | null;
  readonly roots: ModelRoots;
  /** Folder of lab profiles; null applies none. */
  readonly profiles: string | null;
  /**
   * Packs whose lab profile is applied whatever the envelope says, and no others: altered copies are compared with
   * their original on one scale. Absent: the envelope decides.
   */
  readonly profiledPacks?: ReadonlySet<string>;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Sees every batch that goes into a network. */
  readonly onBatch?: (batch: Tensor) => void;
}

/** SHA-256 of the plan's canonical form (RFC 8785). */
export function planHash(plan: Plan): string {
  const text = canonicalize(plan);
  if (text === undefined) throw new VidimusError('bug', 'A plan could not be written canonically.');
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Analyses one file.
 * @throws VidimusError evidence.*, pack.*, tool.missing, output.failed, cancelled
 */
export async function analyse(request: AnalyseRequest): Promise<AnalysisResult> {
  const { plan, signal, roots, onProgress } = request;
  const clock = new StageClock();
  const media = await clock.time('intake', () =>
    openMedia(request.path, { plan, signal, onProgress, name: request.name }),
  );
  const { mediaType } = media;
  const has = { video: media.size !== null, sound: media.audio !== null };
  onProgress({ stage: 'models', done: 0, total: 1, unit: 'steps' });
  const { detectors, missing } = await chooseDetectors(
    plan,
    mediaType,
    has,
    roots,
    request.onBatch === undefined ? {} : { onBatch: request.onBatch },
  );
  const needsFaces = has.video && detectors.some((d) => d.needs.faces);
  const finder: FaceFinder = needsFaces
    ? await openFaceFinder(plan, mediaType, roots)
    : { detector: null, uses: [], reason: 'no detector asks for faces' };
  const set = await clock.time('models', () =>
    DetectorSet.start(detectors, {
      exhibit: { path: request.path, mediaType, evidence: media.evidence },
      plan,
      signal,
      size: media.size,
      facesAssessed: finder.detector !== null,
    }),
  );
  const watch = new Watch(media, set, finder.detector, request);
  try {
    const passes = await clock.time('decode', () => decodeAll(media, detectors, set, watch, request));
    const found = await clock.time('analyse', () =>
      set.finish((done, total) => onProgress({ stage: 'analyse', done, total, unit: 'steps' })),
    );
    onProgress({ stage: 'fuse', done: 0, total: 1, unit: 'steps' });
    await media.verifyUnchanged({ signal });
    const noFaces =
      needsFaces && finder.reason !== null
        ? [{ detector: 'face-detection', family: 'spatial-neural' as const, reason: finder.reason }]
        : [];
    const { profiles } = request;
    const observations =
      profiles === null
        ? found.observations
        : await applyProfiles(found, media.evidenceAfter(...passes), profiles, request.profiledPacks);
    const opinion = formOpinion(observations, plan.fusion, [...missing, ...noFaces], {
      settings: plan.opinion,
      learned: profiles === null ? null : await readEnsemble(profiles),
    });
    const artifacts = await writeArtifacts(plan.artifacts ? found.artifacts : [], request.artifactsDir);
    return resultDocument({
      mediaType,
      evidence: media.evidenceAfter(...passes),
      opinion,
      observations,
      anomalies: found.anomalies,
      series: found.series,
      structures: found.structures,
      tracks: watch.tracks(),
      artifacts,
      run: {
        plan,
        planHash: planHash(plan),
        packs: [...finder.uses, ...found.packs],
        versions: await versions(),
        decode: Object.assign({}, ...passes.map((pass) => pass.parameters).reverse()),
        stages: [...clock.stages(), ...[...found.seconds].map(([stage, seconds]) => ({ stage, seconds, items: 1 }))],
      },
      seconds: clock.total(),
      timestamp: new Date(),
      soundCounts: countSoundAnomalies(found.anomalies),
      soundSeconds: watch.soundSeconds(),
      sampleRate: media.audio?.sampleRate ?? null,
      frames: { total: media.totalFrames ?? watch.seen.length, fps: media.frameRate ?? 0, seen: watch.seen },
    });
  } finally {
    await watch.abandon();
    await set.dispose();
    await finder.detector?.dispose();
  }
}

/**
 * One forward pass for frames and sound. Detectors that need sound as the stream carries it get a second pass over the
 * sound alone, which costs little beside the pictures, unless both rates are the same.
 */
async function decodeAll(
  media: Media,
  detectors: readonly Detector[],
  set: DetectorSet,
  watch: Watch,
  { plan, signal }: AnalyseRequest,
): Promise<Decoding[]> {
  const frames = media.size !== null && detectors.some((d) => d.needs.frames) ? { sampling: plan.frames } : null;
  const wants = (rate: PcmRate) =>
    media.audio !== null && detectors.some((d) => d.needs.pcm && (d.needs.pcmRate ?? 'plan') === rate);
  const native = media.audio?.sampleRate ?? plan.sampleRate;
  const together = native === plan.sampleRate && (wants('plan') || wants('native'));
  const passes: Decoding[] = [];
  const run = async (
    sampleRate: number | null,
    rates: readonly PcmRate[],
    withFrames: typeof frames,
  ): Promise<void> => {
    if (sampleRate === null && withFrames === null) return;
    const pass = media.decode({ frames: withFrames, sound: sampleRate === null ? null : { sampleRate } }, { signal });
    const heard = new Set(rates);
    for await (const item of pass) {
      throwIfCancelled(signal);
      if (item.kind === 'frame') await watch.frame(item.frame, pass);
      else {
        if (heard.has('plan')) watch.sound(item.chunk);
        await set.pcm(item.chunk, heard);
      }
    }
    passes.push(pass);
  };
  if (together) await run(native, ['plan', 'native'], frames);
  else {
    await run(wants('plan') ? plan.sampleRate : null, ['plan'], frames);
    await run(wants('native') ? native : null, ['native'], null);
  }
  await watch.end();
  return passes;
}

/** Frames held back between two detections: 15 of 1080p, so that a video at full rate stays within 700 MB in all. */
const MAX_HELD_BYTES = 96 * 2 ** 20;

/** Shows frames and sound to the detectors and keeps count for progress. */
class Watch {
  readonly seen: { frame: number; time: number; faces: number }[] = [];
  readonly #media: Media;
  readonly #set: DetectorSet;
  readonly #faces: FaceDetector | null;
  readonly #request: AnalyseRequest;
  readonly #timeline = new FaceTimeline();
  readonly #schedule: DetectionSchedule;
  readonly #cuts = new SceneCutDetector();
  readonly #ahead: { frame: Frame; sceneCut: boolean; detection: Promise<Face[]> | null }[] = [];
  #source: Pick<Decoding, 'recycle'> | null = null;
  #samples = 0;
  #lastReport = 0;

  constructor(media: Media, set: DetectorSet, faces: FaceDetector | null, request: AnalyseRequest) {
    this.#media = media;
    this.#set = set;
    this.#faces = faces;
    this.#request = request;
    const { detectEverySeconds } = request.plan.face;
    this.#schedule = new DetectionSchedule({ detectEverySeconds, maxDelayBytes: MAX_HELD_BYTES });
  }

  /** Takes a frame of `source`, which gets its memory back when every detector has seen it. */
  async frame(frame: Frame, source: Pick<Decoding, 'recycle'>): Promise<void> {
    this.#source = source;
    const sceneCut = this.#media.mediaType === 'video' && this.#cuts.next(frame);
    if (this.#faces === null) {
      await this.#show({ frame, faces: [], sceneCut });
    } else {
      const detection = this.#schedule.wants(frame, sceneCut)
        ? this.#faces.detect([frame], this.#request.signal).then(([faces]) => faces ?? [])
        : null;
      // A rejection is awaited when the frame's turn comes; until then it must not count as unhandled.
      detection?.catch(() => undefined);
      this.#ahead.push({ frame, sceneCut, detection });
      // Faces of this frame are looked for on the runtime's threads while the detectors see the one before.
      if (this.#ahead.length > 1) await this.#settle();
    }
    this.#report(frame.time);
  }

  /** Takes the oldest frame that waits for its faces, and shows whatever the timeline has settled. */
  async #settle(): Promise<void> {
    const next = this.#ahead.shift();
    if (next === undefined) return;
    const faces = next.detection === null ? null : await next.detection;
    for (const settled of this.#timeline.push(next.frame, faces, next.sceneCut)) await this.#show(settled);
  }

  /** Counts sound at the plan's rate. */
  sound({ samples }: PcmChunk): void {
    this.#samples += samples.length;
    if (this.#media.mediaType === 'audio') this.#report(this.soundSeconds());
  }

  async end(): Promise<void> {
    while (this.#ahead.length > 0) await this.#settle();
    for (const settled of this.#timeline.flush()) await this.#show(settled);
  }

  /** Waits for detections that nobody will ask for any more, so that their sessions can be closed safely. */
  async abandon(): Promise<void> {
    await Promise.allSettled(this.#ahead.map(({ detection }) => detection));
    this.#ahead.length = 0;
  }

  soundSeconds(): number {
    return this.#samples / this.#request.plan.sampleRate;
  }

  tracks() {
    return this.#faces === null ? [] : this.#timeline.tracker.toTracks();
  }

  async #show(analysed: AnalysedFrame): Promise<void> {
    const { frame, faces } = analysed;
    this.seen.push({ frame: frame.index, time: frame.time, faces: faces.length });
    await this.#set.frame(analysed);
    this.#source?.recycle(frame);
  }

  /** Progress by position in the file, at most 200 times. */
  #report(seconds: number): void {
    const total = this.#media.evidence.duration;
    const step = (total ?? 0) / 200;
    if (seconds - this.#lastReport < step) return;
    this.#lastReport = seconds;
    this.#request.onProgress({ stage: 'decode', done: Math.min(seconds, total ?? seconds), total, unit: 'seconds' });
  }
}

/** Wall time of the stages, for the record and for monitoring; never part of a score. */
class StageClock {
  readonly #started = performance.now();
  readonly #stages: { stage: string; seconds: number; items: number }[] = [];

  async time<T>(stage: string, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await work();
    } finally {
      this.#stages.push({ stage, seconds: (performance.now() - started) / 1000, items: 1 });
    }
  }

  stages() {
    return this.#stages;
  }

  total(): number {
    return (performance.now() - this.#started) / 1000;
  }
}
