/** What goes between the engine and the thread in which foreign WebAssembly reads evidence. */
import * as z from 'zod';

/** A task: validate Content Credentials, or summarise the streams. `settings` is JSON for c2pa-rs. */
export const ThreadTask = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('c2pa'),
    path: z.string(),
    mime: z.string(),
    wasm: z.string(),
    settings: z.string(),
  }),
  z.strictObject({ kind: z.literal('mediainfo'), path: z.string() }),
]);
export type ThreadTask = z.infer<typeof ThreadTask>;

/** `json` is the library's answer as text; `error` its own words, `Timeout`, or `Crash: …`. */
export const ThreadAnswer = z.union([z.strictObject({ json: z.string() }), z.strictObject({ error: z.string() })]);
export type ThreadAnswer = z.infer<typeof ThreadAnswer>;
