/**
 * The words between the engine process and whoever supervises it. Both ends parse every message, so a newer or a
 * damaged peer is a named error and never half-understood. Imports the contract only.
 */
import * as z from 'zod';
import { API } from '../contract/api.ts';
import { WireError } from '../contract/errors.ts';
import { Progress } from '../contract/result.ts';
import { VIEW_METHODS } from '../contract/view.ts';

/** Raised when messages change in a way that an older peer would misread. */
export const PROTOCOL_VERSION = 1;

/** Calls that the engine process answers: a part of the contract's API, and those for looking at an exhibit. */
const ENGINE_METHODS = {
  'analysis.run': API['analysis.run'],
  'media.picture': API['media.picture'],
  'models.list': API['models.list'],
  'models.architectures': API['models.architectures'],
  'models.verify': API['models.verify'],
  'models.import': API['models.import'],
  'models.remove': API['models.remove'],
  'models.enable': API['models.enable'],
  'models.default': API['models.default'],
  'models.bench': API['models.bench'],
  'models.quantize': API['models.quantize'],
  doctor: API.doctor,
  ...VIEW_METHODS,
} as const;
export type EngineMethod = keyof typeof ENGINE_METHODS;
export type EngineArgs<M extends EngineMethod> = z.output<(typeof ENGINE_METHODS)[M]['args']>;
export type EngineResult<M extends EngineMethod> = z.output<(typeof ENGINE_METHODS)[M]['result']>;

/** {@link ENGINE_METHODS} typed so that a method's name, its arguments and its result stay tied together. */
export const engineSchemas: {
  readonly [M in EngineMethod]: {
    readonly args: z.ZodType<EngineArgs<M>>;
    readonly result: z.ZodType<EngineResult<M>>;
  };
} = ENGINE_METHODS;

/** What answers each call inside the engine process. */
export type EngineHandlers = {
  readonly [M in EngineMethod]: (
    args: EngineArgs<M>,
    context: { readonly signal: AbortSignal; readonly progress: (progress: Progress) => void },
  ) => Promise<EngineResult<M>>;
};

const methodNames = new Set<string>(Object.keys(ENGINE_METHODS));
/** Whether a string names a call of the engine. */
export const isEngineMethod = (name: string): name is EngineMethod => methodNames.has(name);

const Id = z.string().min(1).max(64);

/** Supervisor to engine. */
export const ToEngine = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('request'), id: Id, method: z.string(), args: z.unknown() }),
  z.strictObject({ type: z.literal('cancel'), id: Id }),
  z.strictObject({ type: z.literal('shutdown') }),
]);
export type ToEngine = z.infer<typeof ToEngine>;

/** Engine to supervisor. `alive` is the heartbeat. */
export const FromEngine = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready'), protocol: z.literal(PROTOCOL_VERSION), pid: z.int() }),
  z.strictObject({ type: z.literal('alive') }),
  z.strictObject({ type: z.literal('progress'), id: Id, progress: Progress }),
  z.strictObject({ type: z.literal('result'), id: Id, value: z.unknown() }),
  z.strictObject({ type: z.literal('error'), id: Id, error: WireError }),
]);
export type FromEngine = z.infer<typeof FromEngine>;

/** Seconds between heartbeats of the engine. */
export const HEARTBEAT_SECONDS = 1;
