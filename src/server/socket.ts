/** One page's calls over its socket. What runs when the page goes away is stopped. */
import type { WebSocket } from '@fastify/websocket';
import { toWire, VidimusError } from '../contract/errors.ts';
import { type FromServer, ToServer } from '../contract/socket.ts';
import type { Application } from '../workbench/application/application.ts';

/** Progress is told at most so often per call, ms. */
const PROGRESS_MS = 100;

/** Answers the messages of one socket. */
export function serveSocket(socket: WebSocket, application: Application): void {
  const running = new Map<string, AbortController>();
  const say = (message: FromServer): void => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  };
  const answer = async (request: string, name: string, args: unknown): Promise<void> => {
    const controller = new AbortController();
    running.set(request, controller);
    let last = 0;
    try {
      const value = await application.callUnchecked(name, args, {
        signal: controller.signal,
        onProgress: (progress) => {
          const now = performance.now();
          if (now - last < PROGRESS_MS && progress.done !== progress.total) return;
          last = now;
          say({ type: 'progress', request, progress });
        },
      });
      say({ type: 'value', request, value });
    } catch (thrown) {
      say({ type: 'error', request, error: toWire(thrown) });
    } finally {
      running.delete(request);
    }
  };
  socket.on('message', (data: unknown) => {
    const parsed = ToServer.safeParse(parseJson(data));
    if (!parsed.success) {
      socket.close(1007, 'not understood');
      return;
    }
    const message = parsed.data;
    if (message.type === 'cancel') running.get(message.request)?.abort();
    else if (running.has(message.request)) {
      const error = toWire(new VidimusError('bug', 'A request name was used twice.'));
      say({ type: 'error', request: message.request, error });
    } else void answer(message.request, message.name, message.args);
  });
  socket.on('close', () => {
    for (const controller of running.values()) controller.abort();
  });
}

function parseJson(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return null;
  }
}
