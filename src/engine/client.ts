/**
 * Supervisor of one engine process: sends requests, hands on progress, cancels by request id, watches the heartbeat,
 * and starts the engine again when it dies. A native abort in a decoder or a network costs one job, not the program.
 *
 * Knows no Electron: {@link EngineTransport} is a forked Node process here and a utilityProcess in the desktop host.
 */
import { cancelled, fromWire, VidimusError } from '../contract/errors.ts';
import type { Progress } from '../contract/result.ts';
import {
  type EngineArgs,
  type EngineMethod,
  type EngineResult,
  engineSchemas,
  FromEngine,
  type ToEngine,
} from './protocol.ts';

/** A running engine process as the supervisor sees it. */
export interface EngineTransport {
  readonly pid: number | undefined;
  send(message: ToEngine): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once when the process is gone, with what is known of the reason. */
  onExit(listener: (reason: string) => void): void;
  kill(): void;
}

export interface EngineClientOptions {
  /** Starts a new engine process. */
  readonly launch: () => EngineTransport;
  /** How long an engine may be silent before it counts as hung, in ms. Signal kernels block it for seconds at most. */
  readonly silenceLimitMs?: number;
  /** How long a cancelled request may take to stop before the process is killed, in ms. */
  readonly cancelGraceMs?: number;
  /** How long an engine may take from start to `ready`, in ms. */
  readonly startLimitMs?: number;
  readonly onRestart?: (reason: string) => void;
}

export interface RequestOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

interface Pending {
  readonly method: EngineMethod;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: VidimusError) => void;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  graceTimer: ReturnType<typeof setTimeout> | undefined;
  cancelled: boolean;
}

interface Process {
  readonly transport: EngineTransport;
  readonly ready: Promise<void>;
  lastSeen: number;
  /** Why we killed it ourselves, when we did. */
  verdict: VidimusError | undefined;
}

export class EngineClient {
  readonly #options: Required<Omit<EngineClientOptions, 'onRestart'>> & Pick<EngineClientOptions, 'onRestart'>;
  readonly #pending = new Map<string, Pending>();
  #process: Process | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #counter = 0;
  #starts = 0;
  #closed = false;

  constructor(options: EngineClientOptions) {
    this.#options = { silenceLimitMs: 120_000, cancelGraceMs: 10_000, startLimitMs: 60_000, ...options };
  }

  /** How often an engine process was started; 1 after the first request, more after crashes. */
  get starts(): number {
    return this.#starts;
  }

  /** Process id of the running engine, for monitoring. */
  get pid(): number | undefined {
    return this.#process?.transport.pid;
  }

  /**
   * Calls the engine. Rejects with the engine's own error, with `cancelled`, or with `engine.crashed` /
   * `engine.unresponsive` when the process died under this request; the next request gets a fresh process.
   */
  async request<M extends EngineMethod>(
    method: M,
    args: EngineArgs<M>,
    options: RequestOptions = {},
  ): Promise<EngineResult<M>> {
    if (this.#closed) throw new VidimusError('bug', 'The engine was asked to work after it was closed.');
    const { signal, onProgress } = options;
    if (signal?.aborted) throw cancelled();
    const parsed = engineSchemas[method].args.parse(args);
    const running = this.#running();
    await running.ready;
    if (signal?.aborted) throw cancelled();
    this.#counter += 1;
    const id = `r${this.#counter}`;
    let onAbort: (() => void) | undefined;
    try {
      const value = await new Promise<unknown>((resolve, reject) => {
        this.#pending.set(id, { method, resolve, reject, onProgress, graceTimer: undefined, cancelled: false });
        onAbort = () => this.#cancel(id);
        signal?.addEventListener('abort', onAbort, { once: true });
        running.transport.send({ type: 'request', id, method, args: parsed });
      });
      return engineSchemas[method].result.parse(value);
    } finally {
      if (onAbort) signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Ends the engine; pending requests are cancelled. Resolves when the process is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    const running = this.#process;
    if (!running) return;
    const gone = new Promise<void>((resolve) => running.transport.onExit(() => resolve()));
    running.verdict = cancelled('The engine was closed.');
    running.transport.send({ type: 'shutdown' });
    const timer = setTimeout(() => running.transport.kill(), 2_000);
    await gone;
    clearTimeout(timer);
  }

  #cancel(id: string): void {
    const entry = this.#pending.get(id);
    const running = this.#process;
    if (!entry || !running) return;
    entry.cancelled = true;
    running.transport.send({ type: 'cancel', id });
    entry.graceTimer = setTimeout(() => {
      running.verdict = cancelled('The work did not stop in time, so its process was ended.');
      running.transport.kill();
    }, this.#options.cancelGraceMs);
  }

  #running(): Process {
    this.#process ??= this.#start();
    return this.#process;
  }

  #start(): Process {
    this.#starts += 1;
    const transport = this.#options.launch();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Whoever awaits `ready` sees the failure; nobody awaiting must not end the program.
    promise.catch(() => undefined);
    const running: Process = { transport, ready: promise, lastSeen: performance.now(), verdict: undefined };
    const startTimer = setTimeout(() => {
      running.verdict = new VidimusError('engine.unresponsive', 'The engine did not start in time.');
      transport.kill();
    }, this.#options.startLimitMs);
    transport.onMessage((raw) => {
      running.lastSeen = performance.now();
      const message = FromEngine.safeParse(raw);
      if (!message.success) {
        running.verdict = new VidimusError('bug', 'The engine sent a message that is not part of the protocol.', {
          detail: message.error.message,
        });
        transport.kill();
        return;
      }
      if (message.data.type === 'ready') {
        clearTimeout(startTimer);
        resolve();
      } else this.#receive(message.data);
    });
    transport.onExit((reason) => {
      clearTimeout(startTimer);
      const error =
        running.verdict ??
        new VidimusError('engine.crashed', `The engine process ended while it worked (${reason}).`, { detail: reason });
      reject(error);
      if (this.#process === running) this.#process = undefined;
      clearInterval(this.#watch);
      const hit = [...this.#pending.values()];
      this.#pending.clear();
      for (const entry of hit) {
        clearTimeout(entry.graceTimer);
        entry.reject(entry.cancelled ? cancelled() : error);
      }
      if (!this.#closed) this.#options.onRestart?.(error.message);
    });
    this.#watch = setInterval(() => {
      if (this.#pending.size === 0) {
        running.lastSeen = performance.now();
      } else if (performance.now() - running.lastSeen > this.#options.silenceLimitMs) {
        const seconds = Math.round(this.#options.silenceLimitMs / 1000);
        running.verdict = new VidimusError('engine.unresponsive', `The engine gave no sign of life for ${seconds} s.`);
        transport.kill();
      }
    }, 1_000);
    this.#watch.unref();
    return running;
  }

  #receive(message: Exclude<FromEngine, { type: 'ready' }>): void {
    if (message.type === 'alive') return;
    const entry = this.#pending.get(message.id);
    if (!entry) return;
    if (message.type === 'progress') {
      entry.onProgress?.(message.progress);
      return;
    }
    this.#pending.delete(message.id);
    clearTimeout(entry.graceTimer);
    if (message.type === 'result') entry.resolve(message.value);
    else entry.reject(fromWire(message.error));
  }
}
