/** The bridge for a page that the loopback server serves: the same calls over one socket. */
import { type ApiArgs, type ApiName, type ApiResult, apiSchemas } from '../contract/api.ts';
import type { Answer, Bridge } from '../contract/bridge.ts';
import { toWire, VidimusError } from '../contract/errors.ts';
import type { Progress } from '../contract/result.ts';
import { FromServer, type ToServer } from '../contract/socket.ts';

const lost = () =>
  toWire(
    new VidimusError('engine.crashed', 'The connection to Vidimus was lost.', {
      advice: 'Look whether the program still runs, and reload this page.',
    }),
  );

/** Opens the socket with the first call, and again after it was lost. */
export function browserBridge(): Bridge<File> {
  const listeners = new Set<(request: string, progress: Progress) => void>();
  // The server parsed the answer by the contract; here only its envelope is looked at.
  const waiting = new Map<string, (answer: Answer<unknown>) => void>();
  let socket: Promise<WebSocket> | null = null;

  const settle = (request: string, answer: Answer<unknown>): void => {
    waiting.get(request)?.(answer);
    waiting.delete(request);
  };
  const hear = (text: unknown): void => {
    const message = FromServer.parse(JSON.parse(String(text)));
    if (message.type === 'progress') for (const listener of listeners) listener(message.request, message.progress);
    else if (message.type === 'error') settle(message.request, { ok: false, error: message.error });
    else settle(message.request, { ok: true, value: message.value });
  };
  const connect = (): Promise<WebSocket> =>
    new Promise((resolve, reject) => {
      const opened = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`);
      opened.addEventListener('open', () => resolve(opened), { once: true });
      opened.addEventListener('message', ({ data }) => hear(data));
      opened.addEventListener('close', () => {
        socket = null;
        for (const request of [...waiting.keys()]) settle(request, { ok: false, error: lost() });
        reject(new Error('closed'));
      });
    });
  const send = async (message: ToServer): Promise<void> => {
    socket ??= connect();
    (await socket).send(JSON.stringify(message));
  };
  return {
    call: <N extends ApiName>(name: N, args: ApiArgs<N>, request: string) =>
      new Promise<Answer<ApiResult<N>>>((resolve) => {
        waiting.set(request, (answer) =>
          resolve(answer.ok ? { ok: true, value: apiSchemas[name].result.parse(answer.value) } : answer),
        );
        send({ type: 'call', request, name, args }).catch(() => settle(request, { ok: false, error: lost() }));
      }),
    cancel: (request) => {
      send({ type: 'cancel', request }).catch(() => undefined);
    },
    onProgress: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    pathOf: () => '',
  };
}
