/**
 * Entry of the engine process. Parses every message, runs one request after another, reports progress, obeys cancel
 * by request id and sends a heartbeat. Works under `child_process.fork` and under Electron's utilityProcess.
 */
import { cancelled, toWire, VidimusError } from '../contract/errors.ts';
import { createEngine } from './engine.ts';
import {
  type EngineHandlers,
  type EngineMethod,
  engineSchemas,
  type FromEngine,
  HEARTBEAT_SECONDS,
  isEngineMethod,
  PROTOCOL_VERSION,
  ToEngine,
} from './protocol.ts';

/** The side of the wire that we hold, whichever host started us. */
interface Port {
  send(message: FromEngine): void;
  listen(onMessage: (message: unknown) => void, onClosed: () => void): void;
}

/** Electron gives utility processes a parentPort on `process`; its type is not part of Node's. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
  start?(): void;
}

const hasParentPort = (value: object): value is { parentPort: ParentPort } =>
  'parentPort' in value && typeof value.parentPort === 'object' && value.parentPort !== null;

function openPort(): Port {
  if (hasParentPort(process)) {
    const { parentPort } = process;
    return {
      send: (message) => parentPort.postMessage(message),
      listen: (onMessage) => {
        parentPort.on('message', (event) => onMessage(event.data));
        parentPort.start?.();
      },
    };
  }
  if (!process.send) {
    console.error('The engine is started by Vidimus itself, not by hand.');
    process.exit(70);
  }
  return {
    send: (message) => {
      if (process.connected) process.send?.(message, undefined, {}, () => undefined);
    },
    listen: (onMessage, onClosed) => {
      process.on('message', onMessage);
      // The supervisor is gone: stop at once, leaving no ffmpeg behind.
      process.on('disconnect', onClosed);
    },
  };
}

const port = openPort();
const engine = createEngine();
const handlers: EngineHandlers = engine.handlers;
const running = new Map<string, AbortController>();
let queue: Promise<void> = Promise.resolve();

async function call<M extends EngineMethod>(id: string, method: M, args: unknown, signal: AbortSignal): Promise<void> {
  try {
    if (signal.aborted) throw cancelled();
    const parsed = engineSchemas[method].args.parse(args);
    const value = await handlers[method](parsed, {
      signal,
      progress: (progress) => port.send({ type: 'progress', id, progress }),
    });
    port.send({ type: 'result', id, value });
  } catch (thrown) {
    port.send({ type: 'error', id, error: toWire(signal.aborted ? cancelled() : thrown) });
  } finally {
    running.delete(id);
  }
}

async function shutDown(): Promise<never> {
  for (const controller of running.values()) controller.abort();
  await queue;
  process.exit(0);
}

port.listen(
  (raw) => {
    const message = ToEngine.parse(raw);
    if (message.type === 'cancel') running.get(message.id)?.abort();
    else if (message.type === 'shutdown') void shutDown();
    else {
      const { id, method, args } = message;
      if (!isEngineMethod(method)) {
        port.send({
          type: 'error',
          id,
          error: toWire(new VidimusError('bug', `The engine knows no call "${method}".`)),
        });
        return;
      }
      const controller = new AbortController();
      running.set(id, controller);
      // One job at a time: memory stays bounded and the order of results is the order of requests.
      queue = queue.then(() => call(id, method, args, controller.signal));
    }
  },
  () => void shutDown(),
);

setInterval(() => port.send({ type: 'alive' }), HEARTBEAT_SECONDS * 1000);
port.send({ type: 'ready', protocol: PROTOCOL_VERSION, pid: process.pid });
