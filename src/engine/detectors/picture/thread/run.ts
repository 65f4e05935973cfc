/**
 * Runs picture methods of a video beside the decoding: they take seconds on a few frames, and as long as the engine's
 * own thread is busy with them ffmpeg waits. One thread keeps their order and bounds the memory.
 */
import { Piscina } from 'piscina';
import { cancelled, fromWire, throwIfCancelled } from '../../../../contract/errors.ts';
import type { AnalysedFrame, DetectorContext } from '../../../types.ts';
import type { PictureAnswer, PictureTask, ReadyAnalysis } from './task.ts';

/** The thread's file beside this one in the source; in a bundle it lies beside the bundle under its own name. */
const workerUrl = (): string =>
  (import.meta.url.endsWith('.ts')
    ? new URL('./worker.ts', import.meta.url)
    : new URL('./pictureWorker.js', import.meta.url)
  ).href;

let pool: Piscina<PictureTask, PictureAnswer> | null = null;
const thread = (): Piscina<PictureTask, PictureAnswer> => {
  pool ??= new Piscina({ filename: workerUrl(), minThreads: 0, maxThreads: 1, idleTimeout: 10_000 });
  return pool;
};

/** One copy of a frame serves every method that looks at it; the frame itself is written over by later ones. */
const copies = new WeakMap<AnalysedFrame, Pick<PictureTask, 'input' | 'frameNumber'>>();
let frames = 0;
function shared(analysed: AnalysedFrame): Pick<PictureTask, 'input' | 'frameNumber'> {
  const known = copies.get(analysed);
  if (known !== undefined) return known;
  const { frame } = analysed;
  const data = new Uint8Array(new SharedArrayBuffer(frame.data.length));
  data.set(frame.data);
  const copy = { input: { ...analysed, frame: { ...frame, data } }, frameNumber: frames++ };
  copies.set(analysed, copy);
  return copy;
}

/**
 * Runs a method on a frame, which is copied before this returns.
 * @throws VidimusError what the method throws; cancelled
 */
export async function analyseAside(
  method: string,
  analysed: AnalysedFrame,
  { signal, ...context }: DetectorContext,
): Promise<ReadyAnalysis> {
  throwIfCancelled(signal);
  const task: PictureTask = { method, ...shared(analysed), context };
  try {
    const answer = await thread().run(task, { signal });
    if (answer.ok) return answer.analysis;
    throw fromWire(answer.error);
  } catch (thrown) {
    if (signal.aborted) throw cancelled();
    throw thrown;
  }
}
