/** The application's window. */
import { join } from 'node:path';
import { BrowserWindow } from 'electron';
import { APP_ORIGIN } from './protocol.ts';
import { keepWindowState, readWindowState } from './windowState.ts';

/** Opens a window on the renderer, shown once its first picture is ready. */
export async function openWindow(): Promise<BrowserWindow> {
  const state = readWindowState();
  const { maximized = false, ...place } = state ?? {};
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    ...place,
    minWidth: 960,
    minHeight: 600,
    show: false,
    title: 'Vidimus',
    webPreferences: {
      preload: join(import.meta.dirname, '../preload/preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  keepWindowState(window);
  window.once('ready-to-show', () => {
    if (maximized) window.maximize();
    window.show();
  });
  await window.loadURL(`${APP_ORIGIN}/`);
  return window;
}
