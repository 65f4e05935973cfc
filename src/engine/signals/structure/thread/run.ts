/** Runs one task in a thread that can be stopped: WebAssembly that hangs on a hostile file must not hang the engine. */
import { Worker } from 'node:worker_threads';
import { cancelled, throwIfCancelled } from '../../../../contract/errors.ts';
import { ThreadAnswer, type ThreadTask } from './protocol.ts';

/** The thread's file beside this one in the source; in a bundle it lies beside the bundle under its own name. */
const workerUrl = (): URL =>
  import.meta.url.endsWith('.ts')
    ? new URL('./worker.ts', import.meta.url)
    : new URL('./structureWorker.js', import.meta.url);

/**
 * Runs a task; the answer carries the library's words also on failure.
 *
 * @throws VidimusError cancelled
 */
export function runInThread(
  task: ThreadTask,
  options: { readonly signal?: AbortSignal; readonly timeoutMs: number },
): Promise<ThreadAnswer> {
  throwIfCancelled(options.signal);
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerUrl(), { workerData: task, resourceLimits: { maxOldGenerationSizeMb: 512 } });
    let over = false;
    const end = (settle: () => void): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', abort);
      worker.terminate().then(settle, settle);
    };
    const timer = setTimeout(() => end(() => resolve({ error: 'Timeout' })), options.timeoutMs);
    const abort = (): void => end(() => reject(cancelled()));
    options.signal?.addEventListener('abort', abort, { once: true });
    worker.on('message', (message: unknown) => {
      const parsed = ThreadAnswer.safeParse(message);
      end(() => resolve(parsed.success ? parsed.data : { error: 'Crash: the answer is not readable' }));
    });
    worker.on('error', (error) => end(() => resolve({ error: `Crash: ${String(error)}` })));
    worker.on('exit', () => end(() => resolve({ error: 'Crash: the thread ended without an answer' })));
  });
}
