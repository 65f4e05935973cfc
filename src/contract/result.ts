/**
 * The result of one analysis: `vidimus/analysis/1` (one JSON document per exhibit).
 *
 * The first block keeps the field names that deepfake pipelines already use, so their clients work unchanged.
 */
import * as z from 'zod';
import { OpinionSettings } from './opinionSettings.ts';
import { StressReport } from './stress.ts';
import { VerbalSupport } from './verbalScale.ts';
import {
  Direction,
  Family,
  FusionMethod,
  Label,
  Md5,
  Parameters,
  Provider,
  ProviderChoice,
  Severity,
  Sha256,
  Sha512,
  Status,
} from './words.ts';

/** Pixels from the upper left corner of the upright picture (orientation applied). */
export const Box = z.strictObject({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });
export type Box = z.infer<typeof Box>;

/** Where in the exhibit something was found. Frames are source frame numbers from 0, times are seconds. */
export const Where = z.strictObject({
  box: Box.optional(),
  track: z.int().nonnegative().optional(),
  frames: z.tuple([z.int().nonnegative(), z.int().nonnegative()]).optional(),
  seconds: z.tuple([z.number(), z.number()]).optional(),
  bytes: z.tuple([z.int().nonnegative(), z.int().nonnegative()]).optional(),
  channel: z.int().nonnegative().optional(),
});
export type Where = z.infer<typeof Where>;

/**
 * The lab profile behind a score. `applied` is false outside the profile's envelope, or for a pack of another hash; the
 * reason says why and `octaves` how far outside (0 inside). `temperature` is the one to use where scores are averaged.
 */
export const ProfileUse = z
  .strictObject({
    profile: z.string(),
    sha256: Sha256,
    applied: z.boolean(),
    octaves: z.number().nonnegative(),
    temperature: z.number().positive().nullable(),
    reason: z.string().nullable(),
  })
  .refine((use) => use.applied === (use.reason === null), 'a profile that was not applied says why');
export type ProfileUse = z.infer<typeof ProfileUse>;

export const Anomaly = z.strictObject({
  type: z.string(),
  severity: Severity,
  description: z.string(),
  detector: z.string(),
  where: Where.optional(),
});
export type Anomaly = z.infer<typeof Anomaly>;

/**
 * What one detector found: a score (0..1, higher = more likely manipulated) or a measurement with its unit.
 * `threshold` is the working threshold a label would use. `value` is null exactly when status is not `ok`.
 */
export const Observation = z
  .strictObject({
    detector: z.string(),
    version: z.string(),
    family: Family,
    kind: z.enum(['score', 'measurement']),
    quantity: z.string(),
    status: Status,
    value: z.number().nullable(),
    unit: z.string(),
    direction: Direction,
    reason: z.string().optional(),
    threshold: z.number().optional(),
    uncertainBand: z.tuple([z.number(), z.number()]).optional(),
    log10Lr: z.number().nullable().optional(),
    profile: ProfileUse.optional(),
    pack: z.string().optional(),
    where: Where.optional(),
    parameters: Parameters,
    method: z.string().optional(),
  })
  .refine((o) => (o.status === 'ok') === (o.value !== null), 'a value is present exactly when the status is ok')
  .refine((o) => o.status === 'ok' || (o.reason ?? '') !== '', 'what was not assessed or failed names its reason')
  .refine(
    (o) => o.kind !== 'score' || o.value === null || (o.value >= 0 && o.value <= 1),
    'a score lies between 0 and 1',
  );
export type Observation = z.infer<typeof Observation>;

/** Numbers over time. `x` are seconds or frame numbers, rising; `y` has the same length; null marks a gap. */
export const Series = z
  .strictObject({
    id: z.string(),
    detector: z.string(),
    quantity: z.string(),
    unit: z.string(),
    direction: Direction,
    axis: z.enum(['seconds', 'frame', 'hertz', 'index']),
    track: z.int().nonnegative().optional(),
    x: z.array(z.number()),
    y: z.array(z.number().nullable()),
  })
  .refine((s) => s.x.length === s.y.length, 'x and y have the same length');
export type Series = z.infer<typeof Series>;

/**
 * The quantity of a series of moments instead of a curve: each `x` is the time of the first examined frame of a new
 * scene, its `y` how many seconds before that the last examined frame of the old one was. The cut lies between the two.
 */
export const SCENE_CUT = 'scene-cut';

/** A picture the analysis made (heat map, spectrogram, plot). `file` is relative to the result's folder. */
export const Artifact = z.strictObject({
  id: z.string(),
  detector: z.string(),
  title: z.string(),
  kind: z.enum(['heat-map', 'spectrogram', 'plot', 'crop']),
  mime: z.literal('image/png'),
  width: z.int().positive(),
  height: z.int().positive(),
  sha256: Sha256,
  file: z.string().nullable(),
  parameters: Parameters,
  where: Where.optional(),
});
export type Artifact = z.infer<typeof Artifact>;

/** One named value of a node, as text ready for display (control characters escaped). */
export const StructureField = z.strictObject({ name: z.string(), value: z.string() });
export type StructureField = z.infer<typeof StructureField>;

/**
 * One element of a file's structure: a box, marker, chunk, element or group of tags. `offset` and `size` are bytes
 * from the start of the file (size includes the header), null where the element has no place of its own.
 */
export const StructureNode = z.strictObject({
  name: z.string(),
  offset: z.int().nonnegative().nullable(),
  size: z.int().nonnegative().nullable(),
  fields: z.array(StructureField),
  get children() {
    return z.array(StructureNode);
  },
});
export type StructureNode = z.infer<typeof StructureNode>;

/** What a file says of itself, as a tree for the screens. `truncated` says that a limit cut the listing short. */
export const Structure = z.strictObject({
  id: z.string(),
  detector: z.string(),
  kind: z.enum(['exif', 'jpeg-markers', 'boxes', 'chunks', 'mediainfo', 'c2pa']),
  title: z.string(),
  truncated: z.boolean(),
  tree: StructureNode,
});
export type Structure = z.infer<typeof Structure>;

/** Five points of a face in the order left eye, right eye, nose, left and right corner of the mouth, as seen. */
export const FacePoints = z.tuple([
  z.tuple([z.number(), z.number()]),
  z.tuple([z.number(), z.number()]),
  z.tuple([z.number(), z.number()]),
  z.tuple([z.number(), z.number()]),
  z.tuple([z.number(), z.number()]),
]);
export type FacePoints = z.infer<typeof FacePoints>;

/** One face followed through the frames. `detected` is false where the box was carried between detections. */
export const Track = z.strictObject({
  id: z.int().nonnegative(),
  firstFrame: z.int().nonnegative(),
  lastFrame: z.int().nonnegative(),
  boxes: z.array(
    z.strictObject({
      frame: z.int().nonnegative(),
      time: z.number(),
      box: Box,
      points: FacePoints.nullable(),
      probability: z.number(),
      detected: z.boolean(),
    }),
  ),
});
export type Track = z.infer<typeof Track>;

export const VideoStream = z.strictObject({
  kind: z.literal('video'),
  index: z.int().nonnegative(),
  codec: z.string(),
  profile: z.string().nullable(),
  width: z.int().positive(),
  height: z.int().positive(),
  pixelFormat: z.string().nullable(),
  frameRate: z.number().nullable(),
  variableFrameRate: z.boolean().nullable(),
  rotation: z.number(),
  duration: z.number().nullable(),
  bitRate: z.number().nullable(),
  colorSpace: z.string().nullable(),
  colorRange: z.string().nullable(),
  attachedPicture: z.boolean(),
});
export type VideoStream = z.infer<typeof VideoStream>;

export const AudioStream = z.strictObject({
  kind: z.literal('audio'),
  index: z.int().nonnegative(),
  codec: z.string(),
  sampleRate: z.number().positive(),
  channels: z.int().positive(),
  layout: z.string().nullable(),
  sampleFormat: z.string().nullable(),
  duration: z.number().nullable(),
  bitRate: z.number().nullable(),
});
export type AudioStream = z.infer<typeof AudioStream>;

export const ImageStream = z.strictObject({
  kind: z.literal('image'),
  index: z.int().nonnegative(),
  codec: z.string(),
  width: z.int().positive(),
  height: z.int().positive(),
  channels: z.int().positive(),
  bitDepth: z.string(),
  pages: z.int().positive(),
  orientation: z.int().min(1).max(8),
  colorSpace: z.string().nullable(),
  hasAlpha: z.boolean(),
  hasProfile: z.boolean(),
});
export type ImageStream = z.infer<typeof ImageStream>;

export const Stream = z.discriminatedUnion('kind', [VideoStream, AudioStream, ImageStream]);
export type Stream = z.infer<typeof Stream>;

/** The exhibit as it was read: identity first, then what the container says of itself. */
export const Evidence = z.strictObject({
  name: z.string(),
  bytes: z.int().nonnegative(),
  sha256: Sha256,
  sha512: Sha512,
  md5: Md5,
  modified: z.string(),
  container: z.string(),
  mime: z.string(),
  extensionMatches: z.boolean(),
  duration: z.number().nullable(),
  streams: z.array(Stream),
  warnings: z.array(z.string()),
});
export type Evidence = z.infer<typeof Evidence>;

export const NotAssessed = z.strictObject({ detector: z.string(), family: Family, reason: z.string() });
export type NotAssessed = z.infer<typeof NotAssessed>;

/** The opinion of the machine. `score` is null when no detector gave a score; the label is then `uncertain`. */
export const Opinion = z.strictObject({
  label: Label,
  score: z.number().min(0).max(1).nullable(),
  uncertainty: z.number().min(0).max(1),
  log10Lr: z.number().nullable(),
  propositions: z.strictObject({ h1: z.string(), h2: z.string() }),
  threshold: z.number().nullable(),
  uncertainBand: z.tuple([z.number(), z.number()]).nullable(),
  fusion: z.strictObject({
    method: FusionMethod,
    weights: z.array(z.strictObject({ detector: z.string(), weight: z.number(), score: z.number() })),
  }),
  agreement: z.array(
    z.strictObject({ family: Family, score: z.number().nullable(), detectors: z.int().nonnegative(), leaning: Label }),
  ),
  reasons: z.array(z.string()),
  notAssessed: z.array(NotAssessed),
  /** Words of the plan's verbal scale; null without a calibrated ratio, absent in documents of early versions. */
  support: VerbalSupport.nullable().optional(),
});
export type Opinion = z.infer<typeof Opinion>;

export const PackUse = z.strictObject({
  id: z.string(),
  version: z.string(),
  sha256: Sha256,
  provider: Provider,
  note: z.string().nullable(),
});
export type PackUse = z.infer<typeof PackUse>;

/** Everything needed to repeat the run. `planHash` is the SHA-256 of the RFC 8785 form of `plan`. */
export const Run = z.strictObject({
  plan: z.lazy(() => Plan),
  planHash: Sha256,
  packs: z.array(PackUse),
  versions: z.strictObject({
    vidimus: z.string(),
    node: z.string(),
    onnxruntime: z.string(),
    ffmpeg: z.string(),
    sharp: z.string(),
    platform: z.string(),
  }),
  decode: Parameters,
  stages: z.array(z.strictObject({ stage: z.string(), seconds: z.number(), items: z.int().nonnegative() })),
});
export type Run = z.infer<typeof Run>;

/** How video frames are chosen (see engine/media/sampling). */
export const FrameSampling = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('every'), n: z.int().positive() }),
  z.strictObject({ kind: z.literal('evenly'), n: z.int().positive() }),
  z.strictObject({ kind: z.literal('key') }),
]);
export type FrameSampling = z.infer<typeof FrameSampling>;

/** What is to be done with one exhibit; the same file, plan and packs give the same result. */
export const Plan = z.strictObject({
  schema: z.literal('vidimus/plan/1'),
  frames: FrameSampling,
  fusion: FusionMethod,
  provider: ProviderChoice,
  packs: z.array(z.string()).nullable(),
  detectors: z.array(z.string()).nullable(),
  sampleRate: z.int().positive(),
  maxPixels: z.int().positive(),
  timeLimitSeconds: z.number().positive(),
  artifacts: z.boolean(),
  face: z.strictObject({
    detector: z.string().nullable(),
    minFacePx: z.number().positive(),
    detectEverySeconds: z.number().positive(),
  }),
  /** Folder of pictures of the camera in question; absent where none is compared, so that older plans keep their hash. */
  prnuReference: z.string().min(1).optional(),
  /** Absent: the defaults of opinionSettings.ts. */
  opinion: OpinionSettings.optional(),
  /** Examine altered working copies as well, and call the opinion uncertain where one of them flips it. */
  stress: z.boolean().optional(),
});
export type Plan = z.infer<typeof Plan>;

const common = {
  schema: z.literal('vidimus/analysis/1'),
  isDeepfake: z.boolean(),
  result: Label,
  confidence: z.number().min(0).max(100),
  processingTime: z.number().nonnegative(),
  timestamp: z.iso.datetime(),
  modelUsed: z.string(),
  anomalies: z.array(Anomaly),
  evidence: Evidence,
  opinion: Opinion,
  observations: z.array(Observation),
  tracks: z.array(Track),
  series: z.array(Series),
  artifacts: z.array(Artifact),
  structures: z.array(Structure),
  stress: StressReport.optional(),
  run: Run,
};

const sound = {
  duration: z.number().nonnegative(),
  sampleRate: z.number().positive(),
  inconsistencyCount: z.int().nonnegative(),
  artifactCount: z.int().nonnegative(),
};

export const FrameAnalysis = z.strictObject({
  frame: z.int().nonnegative(),
  time: z.number(),
  confidence: z.number().min(0).max(1).nullable(),
  isDeepfake: z.boolean(),
  faces: z.int().nonnegative(),
});
export type FrameAnalysis = z.infer<typeof FrameAnalysis>;

/** The whole document. Video with sound carries the sound's fields as well. */
export const AnalysisResult = z.discriminatedUnion('mediaType', [
  z.strictObject({ ...common, mediaType: z.literal('image') }),
  z.strictObject({
    ...common,
    mediaType: z.literal('video'),
    frameAnalysis: z.array(FrameAnalysis),
    totalFrames: z.int().nonnegative(),
    analyzedFrames: z.int().nonnegative(),
    fps: z.number().nonnegative(),
    deepfakeFrameRatio: z.number().min(0).max(1).nullable(),
    duration: z.number().nonnegative(),
    sampleRate: z.number().positive().nullable(),
    inconsistencyCount: z.int().nonnegative(),
    artifactCount: z.int().nonnegative(),
  }),
  z.strictObject({ ...common, mediaType: z.literal('audio'), ...sound }),
]);
export type AnalysisResult = z.infer<typeof AnalysisResult>;

/** One step of long work; `done` and `total` count in `unit`, `total` is null while it is unknown. */
export const Progress = z.strictObject({
  stage: z.enum(['intake', 'probe', 'decode', 'models', 'analyse', 'fuse', 'write']),
  done: z.number().nonnegative(),
  total: z.number().nonnegative().nullable(),
  unit: z.enum(['bytes', 'frames', 'seconds', 'files', 'steps']),
});
export type Progress = z.infer<typeof Progress>;
