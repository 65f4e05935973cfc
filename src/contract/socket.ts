/** Messages between a renderer in a browser and the loopback server; the same calls as over Electron's IPC. */
import * as z from 'zod';
import { WireError } from './errors.ts';
import { Progress } from './result.ts';

const RequestId = z.string().min(1).max(64);

/** Renderer to server. */
export const ToServer = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('call'), request: RequestId, name: z.string().max(100), args: z.unknown() }),
  z.strictObject({ type: z.literal('cancel'), request: RequestId }),
]);
export type ToServer = z.infer<typeof ToServer>;

/** Server to renderer. */
export const FromServer = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('value'), request: RequestId, value: z.unknown() }),
  z.strictObject({ type: z.literal('error'), request: RequestId, error: WireError }),
  z.strictObject({ type: z.literal('progress'), request: RequestId, progress: Progress }),
]);
export type FromServer = z.infer<typeof FromServer>;
