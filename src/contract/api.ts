/**
 * The API as one schema object. Main handlers, preload, renderer client, server routes, command line and test
 * doubles all derive from it, so a method exists once or not at all.
 */
import * as z from 'zod';
import { PackManifest } from './pack.ts';
import { AnalysisResult, Plan, Progress } from './result.ts';
import { ProviderChoice } from './words.ts';

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

/** An installed pack as lists show it; `problem` is set when its files do not match the manifest. */
export const PackListing = z.strictObject({
  manifest: PackManifest,
  folder: z.string(),
  origin: z.enum(['built-in', 'user']),
  enabled: z.boolean(),
  problem: z.string().nullable(),
});
export type PackListing = z.infer<typeof PackListing>;

/** Calls that any host offers. */
export const API = {
  'analysis.run': {
    args: z.strictObject({ path: z.string().min(1), plan: Plan, artifactsDir: z.string().nullable() }),
    result: AnalysisResult,
  },
  'models.list': { args: z.strictObject({}), result: z.array(PackListing) },
  'models.verify': { args: z.strictObject({ id: z.string().nullable() }), result: z.array(PackListing) },
  doctor: { args: z.strictObject({}), result: z.array(DoctorItem) },
} as const satisfies Record<string, Method>;

export type Api = typeof API;
export type ApiName = keyof Api;
export type ApiArgs<N extends ApiName> = z.input<Api[N]['args']>;
export type ApiResult<N extends ApiName> = z.output<Api[N]['result']>;

/** Messages that flow without being asked for; all carry the id of the request they belong to. */
export const EVENTS = {
  progress: z.strictObject({ request: RequestId, progress: Progress }),
} as const satisfies Record<string, z.ZodType>;
export type EventName = keyof typeof EVENTS;
