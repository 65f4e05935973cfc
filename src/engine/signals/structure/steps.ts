/** Drives long walks that are written as generators: each `yield` is a place where work may pause or be cancelled. */
import { throwIfCancelled } from '../../../contract/errors.ts';

/** A walk in steps with a result at the end. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Runs a walk in one go. */
export function finishSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * Runs a walk and lets the process breathe between its steps.
 *
 * @throws VidimusError cancelled
 */
export async function runSteps<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    throwIfCancelled(signal);
    const step = steps.next();
    if (step.done === true) return step.value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
