/**
 * The API as one schema object. Main handlers, preload, renderer client, server routes, command line and test
 * doubles all derive from it, so a method exists once or not at all.
 */
import * as z from 'zod';
import { CASE_API } from './apiCases.ts';
import { EVIDENCE_API } from './apiEvidence.ts';
import { LAB_API } from './apiLab.ts';
import { REPORT_API } from './apiReports.ts';
import { PackId, PackManifest } from './pack.ts';
import { AnalysisResult, Plan, Progress } from './result.ts';
import { MediaType, Provider, ProviderChoice, Sha256, Task } from './words.ts';

/** One call: what it takes and what it answers, both parsed at the boundary. */
export interface Method {
  readonly args: z.ZodType;
  readonly result: z.ZodType;
}

const RequestId = z.string().min(1).max(64);

export const ProviderReport = z.strictObject({
  provider: ProviderChoice,
  available: z.boolean(),
  note: z.string(),
});
export type ProviderReport = z.infer<typeof ProviderReport>;

/** One line of `vidimus doctor`. */
export const DoctorItem = z.strictObject({
  name: z.string(),
  state: z.enum(['ok', 'missing', 'limited']),
  found: z.string(),
  advice: z.string().nullable(),
});
export type DoctorItem = z.infer<typeof DoctorItem>;

/**
 * An installed pack as lists show it. `media` are those it is switched on for, in the order of its task's; `enabled`
 * says that there is one. `isDefault` marks the first choice of its task. `problem` is set when its files do not match
 * the manifest.
 */
export const PackListing = z.strictObject({
  manifest: PackManifest,
  folder: z.string(),
  origin: z.enum(['built-in', 'user']),
  enabled: z.boolean(),
  media: z.array(MediaType),
  isDefault: z.boolean(),
  problem: z.string().nullable(),
});
export type PackListing = z.infer<typeof PackListing>;

/** All packs of this machine; `broken` are folders that claim to be packs and cannot be read as one. */
export const PackList = z.strictObject({
  packs: z.array(PackListing),
  broken: z.array(z.strictObject({ folder: z.string(), origin: z.enum(['built-in', 'user']), problem: z.string() })),
});
export type PackList = z.infer<typeof PackList>;

/** A network that checkpoints can be imported for, with the official checkpoints that are recognised. */
export const ArchitectureListing = z.strictObject({
  name: z.string(),
  title: z.string(),
  task: Task,
  reference: z.string(),
  licence: z.string(),
  known: z.array(z.string()),
});
export type ArchitectureListing = z.infer<typeof ArchitectureListing>;

/** What an import did. `unusedKeys` are checkpoint tensors that the graph never asks for. */
export const ImportReport = z.strictObject({
  listing: PackListing,
  recognised: z.string().nullable(),
  unusedKeys: z.array(z.string()),
  notes: z.array(z.string()),
});
export type ImportReport = z.infer<typeof ImportReport>;

/** Names one installed pack; without a version the enabled one is meant. */
export const PackReference = z.strictObject({ id: PackId, version: z.string().nullable() });
/** Names one version of a pack, or without a version all of them. */
const PackVersions = z.strictObject({ id: PackId, version: z.string().nullable().default(null) });
export type PackReference = z.infer<typeof PackReference>;

/** Latency of one pack on this machine. Times in ms for a whole batch. */
export const BenchFigure = z.strictObject({
  id: z.string(),
  version: z.string(),
  provider: Provider,
  batch: z.int().positive(),
  medianMs: z.number().nonnegative(),
  itemsPerSecond: z.number().nonnegative(),
  error: z.string().nullable(),
});
export type BenchFigure = z.infer<typeof BenchFigure>;

/** What a quantised variant gained and lost. Score changes are absolute, over the calibration folder's files. */
export const QuantizeReport = z.strictObject({
  listing: PackListing,
  bytesBefore: z.int().positive(),
  bytesAfter: z.int().positive(),
  medianMsBefore: z.number().nonnegative(),
  medianMsAfter: z.number().nonnegative(),
  scores: z
    .strictObject({
      n: z.int().nonnegative(),
      meanChange: z.number(),
      maxChange: z.number(),
      flipped: z.int().nonnegative(),
    })
    .nullable(),
});
export type QuantizeReport = z.infer<typeof QuantizeReport>;

/** Calls that any host offers. */
export const API = {
  'analysis.run': {
    args: z.strictObject({
      path: z.string().min(1),
      plan: Plan,
      artifactsDir: z.string().nullable(),
      /** Name of the exhibit where the file has another, as a copy in a store has; its ending is judged by it. */
      name: z.string().min(1).max(4096).optional(),
    }),
    result: AnalysisResult,
  },
  /** One frame or picture, made small enough for print and written to `out`, which must not exist yet. */
  'media.picture': {
    args: z.strictObject({
      path: z.string().min(1),
      frame: z.int().nonnegative(),
      maxSide: z.int().min(16).max(8192),
      format: z.enum(['png', 'jpeg']),
      out: z.string().min(1),
      plan: Plan.pick({ maxPixels: true, timeLimitSeconds: true }),
    }),
    result: z.strictObject({
      sha256: Sha256,
      width: z.int().positive(),
      height: z.int().positive(),
      sourceSha256: Sha256,
      sourceWidth: z.int().positive(),
      sourceHeight: z.int().positive(),
      frame: z.int().nonnegative(),
      seconds: z.number(),
    }),
  },
  'models.list': { args: z.strictObject({}), result: PackList },
  'models.architectures': { args: z.strictObject({}), result: z.array(ArchitectureListing) },
  'models.verify': { args: z.strictObject({ id: z.string().nullable() }), result: PackList },
  'models.import': {
    args: z.strictObject({
      files: z.array(z.string().min(1)).min(1),
      architecture: z.string().nullable(),
      preset: z.string().nullable(),
      id: PackId.nullable(),
      /** Number, or label in `id2label`, of the class that means manipulated; null where the files say so. */
      fakeIndex: z.int().nonnegative().nullable().default(null),
      fakeLabel: z.string().min(1).nullable().default(null),
    }),
    result: ImportReport,
  },
  'models.remove': { args: PackReference, result: z.strictObject({ removed: z.string() }) },
  /** Switches packs on or off, for all media or for those listed. */
  'models.enable': {
    args: z.strictObject({
      ...PackVersions.shape,
      enabled: z.boolean(),
      media: z.array(MediaType).min(1).nullable().default(null),
    }),
    result: PackList,
  },
  /** Makes a pack the first choice of its task; without a version its highest enabled one, `pack: null` clears it. */
  'models.default': {
    args: z.strictObject({ task: Task, pack: PackVersions.nullable() }),
    result: PackList,
  },
  'models.bench': {
    args: z.strictObject({ id: PackId.nullable(), providers: z.array(Provider), batches: z.array(z.int().positive()) }),
    result: z.array(BenchFigure),
  },
  'models.quantize': {
    args: z.strictObject({ id: PackId, kind: z.enum(['fp16', 'int8']), calibrationDir: z.string().nullable() }),
    result: QuantizeReport,
  },
  doctor: { args: z.strictObject({}), result: z.array(DoctorItem) },
  ...CASE_API,
  ...EVIDENCE_API,
  ...LAB_API,
  ...REPORT_API,
} as const satisfies Record<string, Method>;

export type Api = typeof API;
export type ApiName = keyof Api;
export type ApiArgs<N extends ApiName> = z.input<Api[N]['args']>;
export type ApiResult<N extends ApiName> = z.output<Api[N]['result']>;

/** The contract typed so that a call's name, its arguments and its answer stay tied together. */
export const apiSchemas: {
  readonly [N in ApiName]: {
    readonly args: z.ZodType<z.output<Api[N]['args']>>;
    readonly result: z.ZodType<ApiResult<N>>;
  };
} = API;

const names = new Set<string>(Object.keys(API));
/** Whether a string names a call of the contract. */
export const isApiName = (name: string): name is ApiName => names.has(name);

/** Messages that flow without being asked for; all carry the id of the request they belong to. */
export const EVENTS = {
  progress: z.strictObject({ request: RequestId, progress: Progress }),
} as const satisfies Record<string, z.ZodType>;
export type EventName = keyof typeof EVENTS;
