/** The thread of the picture methods: one task at a time, so that three methods that share a computation share it here too. */
import { toWire, VidimusError } from '../../../../contract/errors.ts';
import type { Frame } from '../../../types.ts';
import { pictureMethods } from '../../picture.ts';
import { ready } from '../support.ts';
import type { PictureAnswer, PictureTask } from './task.ts';

const methods = new Map(pictureMethods.map((method) => [method.id, method]));

/** The frame of the task before: methods keep what they share under the identity of the object. */
let last: { readonly number: number; readonly frame: Frame } | null = null;

/** Runs one method. Stopping it means ending the thread, so it gets no signal of its own. */
export default async function perform({ method, frameNumber, input, context }: PictureTask): Promise<PictureAnswer> {
  try {
    const found = methods.get(method);
    if (found === undefined) throw new VidimusError('bug', `There is no picture method "${method}".`);
    if (last?.number !== frameNumber) last = { number: frameNumber, frame: input.frame };
    const { frame } = last;
    const whole = { ...context, signal: new AbortController().signal };
    const analysis = await found.analyse({ ...input, frame }, whole);
    return { ok: true, analysis: ready(analysis, context.plan.artifacts) };
  } catch (thrown) {
    return { ok: false, error: toWire(thrown) };
  }
}
