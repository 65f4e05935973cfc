/**
 * Answers the renderer's calls. The only place that uses ipcMain: every message is checked for its sender (our
 * window, its main frame, our own origin), and arguments and results are parsed by the contract.
 */
import { BrowserWindow, type IpcMainEvent, type IpcMainInvokeEvent, ipcMain } from 'electron';
import * as z from 'zod';
import { type Answer, CHANNELS } from '../contract/bridge.ts';
import { toWire, VidimusError } from '../contract/errors.ts';
import type { Application } from '../workbench/application/application.ts';
import { isOwnPage } from './protocol.ts';

const Call = z.tuple([z.string(), z.unknown(), z.string().min(1).max(64)]);

function checkSender(event: IpcMainInvokeEvent | IpcMainEvent): void {
  const frame = event.senderFrame;
  const known = BrowserWindow.getAllWindows().some((window) => window.webContents === event.sender);
  if (!frame || !known || frame !== event.sender.mainFrame || !isOwnPage(frame.url)) {
    throw new VidimusError('bug', 'A message came from a sender that may not call the application.');
  }
}

/** Registers the handlers. Calls that run are cancelled when their window goes away. */
export function serveCalls(application: Pick<Application, 'callUnchecked'>): void {
  const running = new Map<string, AbortController>();
  const keyOf = (event: IpcMainInvokeEvent | IpcMainEvent, request: string) => `${event.sender.id}:${request}`;

  ipcMain.handle(CHANNELS.call, async (event, ...raw): Promise<Answer<unknown>> => {
    try {
      checkSender(event);
      const [name, args, request] = Call.parse(raw);
      const key = keyOf(event, request);
      const controller = new AbortController();
      running.set(key, controller);
      const gone = () => controller.abort();
      event.sender.once('destroyed', gone);
      try {
        const value = await application.callUnchecked(name, args, {
          signal: controller.signal,
          onProgress: (progress) => {
            if (!event.sender.isDestroyed()) event.sender.send(CHANNELS.progress, request, progress);
          },
        });
        return { ok: true, value };
      } finally {
        running.delete(key);
        event.sender.removeListener('destroyed', gone);
      }
    } catch (thrown) {
      return { ok: false, error: toWire(thrown) };
    }
  });

  ipcMain.on(CHANNELS.cancel, (event, request: unknown) => {
    checkSender(event);
    if (typeof request === 'string') running.get(keyOf(event, request))?.abort();
  });
}
