/**
 * The words of the house: every enumerated term that crosses a boundary.
 *
 * Scores are 0..1 and higher always means "more likely synthetic or manipulated", in every modality.
 */
import * as z from 'zod';

/** What kind of medium an exhibit carries. */
export const MediaType = z.enum(['image', 'video', 'audio']);
export type MediaType = z.infer<typeof MediaType>;

/**
 * Families of evidence. Two detectors of one family are not independent of each other;
 * strong wording needs two families that agree.
 */
export const Family = z.enum([
  'spatial-neural',
  'frequency',
  'sensor-noise',
  'compression',
  'temporal',
  'acoustic-neural',
  'acoustic-signal',
  'structure',
  'provenance',
]);
export type Family = z.infer<typeof Family>;

/** Label for machines. Readers get the verbal scale, never these words alone. */
export const Label = z.enum(['fake', 'real', 'uncertain']);
export type Label = z.infer<typeof Label>;

/** Whether a detector spoke, could not speak, or broke. There is no fourth state. */
export const Status = z.enum(['ok', 'not-assessed', 'failed']);
export type Status = z.infer<typeof Status>;

/**
 * How a value relates to manipulation. `none` is a plain measurement that argues for neither side.
 */
export const Direction = z.enum(['higher-more-manipulated', 'lower-more-manipulated', 'none']);
export type Direction = z.infer<typeof Direction>;

/** Severity of an anomaly; each detector documents the thresholds that separate them. */
export const Severity = z.enum(['low', 'medium', 'high']);
export type Severity = z.infer<typeof Severity>;

/** What a model pack is for; the pipeline picks packs by task. */
export const Task = z.enum([
  'face-detection',
  'face-forgery',
  'image-forgery',
  'clip-consistency',
  'mouth-clip',
  'speech-spoof',
  'feature-forgery',
  'voice-activity',
]);
export type Task = z.infer<typeof Task>;

/** Media on which a task can be carried out; a pack can be switched on or off for each of them. */
export const TASK_MEDIA: Readonly<Record<Task, readonly MediaType[]>> = {
  'face-detection': ['image', 'video'],
  'face-forgery': ['image', 'video'],
  'image-forgery': ['image', 'video'],
  'clip-consistency': ['video'],
  'mouth-clip': ['video'],
  'speech-spoof': ['audio', 'video'],
  'feature-forgery': ['image'],
  'voice-activity': ['audio', 'video'],
};

/** Execution providers an examiner may ask for. */
export const Provider = z.enum(['cpu', 'cuda', 'webgpu', 'dml', 'coreml']);
export type Provider = z.infer<typeof Provider>;
export const ProviderChoice = z.enum(['auto', 'cpu', 'cuda', 'webgpu', 'dml', 'coreml']);
export type ProviderChoice = z.infer<typeof ProviderChoice>;

/** Ways to combine detector scores into one. */
export const FusionMethod = z.enum([
  'weighted-average',
  'majority-vote',
  'soft-vote',
  'attention',
  'max',
  'min',
  'calibrated',
]);
export type FusionMethod = z.infer<typeof FusionMethod>;

/** Lower-case hexadecimal digest of a SHA-256. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 lower-case hexadecimal digits');
export const Sha512 = z.string().regex(/^[0-9a-f]{128}$/, 'a SHA-512 is 128 lower-case hexadecimal digits');
export const Md5 = z.string().regex(/^[0-9a-f]{32}$/, 'an MD5 is 32 lower-case hexadecimal digits');

/** Parameters of a method as printed in results: names to plain values. */
export const Parameters = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.union([z.string(), z.number()]))]),
);
export type Parameters = z.infer<typeof Parameters>;
