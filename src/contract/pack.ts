/**
 * Model packs and architectures: the manifests `pack.json` and `architecture.json`.
 *
 * Every object is strict: an unknown field is an error, because a manifest that says more than we understand
 * may change what a score means.
 */
import * as z from 'zod';
import { Family, Sha256, Task } from './words.ts';

/** Lower-case identifier that is also a safe folder name on every system. */
export const PackId = z
  .string()
  .max(64)
  .regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/, 'an id uses a-z, 0-9, dot and dash');
const SemVer = z.string().regex(/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/, 'a version looks like 1.2.3');

/** A file beside the manifest: plain name, no folders, so it can never leave the pack. */
export const PackFileName = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a file name without folders');

export const ResizeKernel = z.enum(['opencv-linear', 'pil-bilinear', 'pil-bicubic', 'nearest', 'area']);
export type ResizeKernel = z.infer<typeof ResizeKernel>;

/** How a face is cut out: box grown by `margin` of its size, made square, eyes levelled. */
export const CropRule = z.strictObject({
  margin: z.number().min(0).max(4),
  square: z.boolean(),
  align: z.enum(['none', 'eyes', 'mouth']),
});
export type CropRule = z.infer<typeof CropRule>;

/** Mel spectrogram parameters (librosa's names). */
export const MelRule = z.strictObject({
  nFft: z.int().positive(),
  hop: z.int().positive(),
  nMels: z.int().positive(),
  fMin: z.number().nonnegative(),
  fMax: z.number().positive().nullable(),
  power: z.number().positive(),
  norm: z.enum(['slaney', 'none']),
  scale: z.enum(['slaney', 'htk']),
  db: z.strictObject({ ref: z.enum(['max', 'one']), topDb: z.number().positive().nullable() }).nullable(),
});
export type MelRule = z.infer<typeof MelRule>;

/**
 * How evidence becomes the network's input tensor. Sizes are the network's; `scale` multiplies before mean and std.
 * For `features`, width and height are the pixels in the middle of the picture that are measured (the whole without).
 */
export const InputRule = z.strictObject({
  tensor: z.string().optional(),
  kind: z.enum(['face-crop', 'image', 'clip', 'mouth-clip', 'mel', 'waveform', 'features', 'landmarks']),
  width: z.int().positive().optional(),
  height: z.int().positive().optional(),
  frames: z.int().positive().optional(),
  sampleRate: z.int().positive().optional(),
  samples: z.int().positive().optional(),
  layout: z.enum(['NCHW', 'NHWC', 'NTCHW', 'NCTHW', 'NTHWC', 'NL', 'NCL', 'NCHL', 'NTF']),
  color: z.enum(['rgb', 'bgr', 'gray']).optional(),
  resize: ResizeKernel.optional(),
  resizeShorter: z.int().positive().optional(),
  scale: z.number(),
  mean: z.array(z.number()),
  std: z.array(z.number().positive()),
  crop: CropRule.optional(),
  mel: MelRule.optional(),
  trimSilence: z.boolean().optional(),
  normalizeLevel: z.enum(['none', 'peak', 'rms']).optional(),
  features: z.array(z.string()).optional(),
  pad: z.enum(['zero', 'repeat']).optional(),
});
export type InputRule = z.infer<typeof InputRule>;

/**
 * How the network's answer becomes a score. `fakeIndex` names the class that means manipulated;
 * with one sigmoid unit that means "real", fakeIndex is absent and realIndex is 0.
 */
export const OutputRule = z.strictObject({
  tensor: z.string(),
  kind: z.enum(['logits', 'sigmoid', 'softmax', 'map', 'boxes']),
  fakeIndex: z.int().nonnegative().optional(),
  realIndex: z.int().nonnegative().optional(),
});
export type OutputRule = z.infer<typeof OutputRule>;

export const Calibration = z.strictObject({
  kind: z.enum(['temperature', 'logistic-llr', 'none']),
  params: z.array(z.number()),
  set: z.string(),
  n: z.int().nonnegative(),
  bounds: z.tuple([z.number(), z.number()]).nullable(),
});
export type Calibration = z.infer<typeof Calibration>;

/** The inputs a pack was validated on; outside it the detector is not assessed. */
export const Envelope = z.strictObject({
  minFacePx: z.number().nonnegative().optional(),
  maxYawDegrees: z.number().positive().optional(),
  minSharpness: z.number().nonnegative().optional(),
  minBrightness: z.number().nonnegative().optional(),
  minWidth: z.int().positive().optional(),
  minHeight: z.int().positive().optional(),
  minSeconds: z.number().nonnegative().optional(),
  minFrames: z.int().positive().optional(),
  /** Seconds from one examined frame of a clip to the next, at most; absent in packs that see single frames. */
  maxFrameGap: z.number().positive().optional(),
  sampleRates: z.array(z.number().positive()).optional(),
  minSampleRate: z.number().positive().optional(),
  notes: z.array(z.string()).optional(),
});
export type Envelope = z.infer<typeof Envelope>;

const Validation = z.strictObject({
  set: z.string(),
  n: z.int().positive(),
  auc: z.number().min(0).max(1),
  eer: z.number().min(0).max(1),
  ci95: z.tuple([z.number(), z.number()]).nullable(),
  date: z.string(),
  commit: z.string(),
});

const Published = z.strictObject({ set: z.string(), metric: z.string(), value: z.string(), reference: z.string() });

/**
 * Where weights came from: one checkpoint, or one for each graph of an architecture that has several.
 * `derivedFrom` names the pack a quantised variant was made of.
 */
const Source = z.strictObject({
  name: z.string(),
  url: z.string(),
  checkpointSha256: Sha256.optional(),
  checkpointName: z.string().optional(),
  checkpoints: z.array(z.strictObject({ role: z.string(), name: z.string(), sha256: Sha256 })).optional(),
  derivedFrom: z.string().optional(),
});

export const PackFile = z.strictObject({ path: PackFileName, sha256: Sha256, bytes: z.int().positive() });
export type PackFile = z.infer<typeof PackFile>;

/** `pack.json`. */
export const PackManifest = z.strictObject({
  schema: z.literal('vidimus/pack/1'),
  id: PackId,
  version: SemVer,
  name: z.string().min(1),
  task: Task,
  family: Family,
  architecture: z.string(),
  licence: z.string(),
  source: Source,
  files: z.array(PackFile).min(1),
  input: InputRule,
  output: OutputRule,
  thresholds: z.strictObject({
    decision: z.number().min(0).max(1),
    uncertainBand: z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]),
    /** Least probabilities after each network of a face detector of three; absent: those of the paper's weights. */
    stages: z.tuple([z.number().min(0).max(1), z.number().min(0).max(1), z.number().min(0).max(1)]).optional(),
  }),
  calibration: Calibration.nullable(),
  envelope: Envelope,
  validation: z.array(Validation),
  published: z.array(Published),
});
export type PackManifest = z.infer<typeof PackManifest>;

/**
 * How checkpoint keys become initialiser names of the graph, applied in order: prefixes are stripped once each,
 * then the renames (JavaScript regular expressions, whole key) run.
 */
export const KeyRules = z.strictObject({
  strip: z.array(z.string()),
  rename: z.array(z.strictObject({ from: z.string(), to: z.string() })),
  nested: z.array(z.string()),
  ignore: z.array(z.string()),
  transpose: z.array(z.strictObject({ match: z.string(), permutation: z.array(z.int().nonnegative()) })),
});
export type KeyRules = z.infer<typeof KeyRules>;

/** One graph of an architecture; MTCNN has three. */
const ArchitectureGraph = z.strictObject({
  file: PackFileName,
  sha256: Sha256,
  bytes: z.int().positive(),
  role: z.string(),
});

/** `models/architectures/<name>/architecture.json`. */
export const ArchitectureManifest = z.strictObject({
  schema: z.literal('vidimus/architecture/1'),
  name: z.string(),
  title: z.string(),
  task: Task,
  family: Family,
  reference: z.string(),
  graphs: z.array(ArchitectureGraph).min(1),
  opset: z.int().min(13),
  input: InputRule,
  output: OutputRule,
  thresholds: PackManifest.shape.thresholds,
  envelope: Envelope,
  keys: KeyRules,
  licence: z.string(),
  source: z.strictObject({ name: z.string(), url: z.string() }),
  known: z.array(
    z.strictObject({
      sha256: Sha256,
      name: z.string(),
      url: z.string(),
      licence: z.string(),
      role: z.string().optional(),
      published: z.array(Published),
    }),
  ),
});
export type ArchitectureManifest = z.infer<typeof ArchitectureManifest>;
