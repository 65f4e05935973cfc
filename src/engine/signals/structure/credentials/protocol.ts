/** What goes between the validator and the thread it runs in. */
import * as z from 'zod';

export const WorkerInput = z.strictObject({
  path: z.string(),
  mime: z.string(),
  wasm: z.string(),
  /** Settings of c2pa-rs as JSON. */
  settings: z.string(),
});
export type WorkerInput = z.infer<typeof WorkerInput>;

/** `store` is the manifest store with the validation results, as JSON; `error` is the validator's own text. */
export const WorkerOutput = z.union([z.strictObject({ store: z.string() }), z.strictObject({ error: z.string() })]);
export type WorkerOutput = z.infer<typeof WorkerOutput>;
