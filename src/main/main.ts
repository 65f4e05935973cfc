/**
 * Entry of the desktop application. Supervises the engine, opens the window, and never touches evidence itself.
 */
import { app, BrowserWindow } from 'electron';
import { openWorkbench } from '../workbench/workbench.ts';
import { launchEngineProcess } from './engineProcess.ts';
import { serveCalls } from './ipc.ts';
import { registerAppScheme, serveApp } from './protocol.ts';
import { hardenSession, hardenWebContents } from './security.ts';
import { openWindow } from './window.ts';

if (!app.requestSingleInstanceLock()) app.quit();
else start();

function start(): void {
  // Before "ready": afterwards sandbox and schemes can no longer be changed.
  app.enableSandbox();
  registerAppScheme();
  app.on('web-contents-created', (_event, contents) => hardenWebContents(contents));
  app.on('second-instance', () => {
    const [window] = BrowserWindow.getAllWindows();
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });

  const workbench = openWorkbench({ launch: launchEngineProcess, onLog: (line) => console.error(line) });
  let closing = false;
  app.on('before-quit', (event) => {
    if (closing) return;
    closing = true;
    event.preventDefault();
    void workbench.close().finally(() => app.quit());
  });

  void app.whenReady().then(async () => {
    hardenSession();
    serveApp();
    serveCalls(workbench);
    await openWindow();
    app.on('activate', () => {
      if (BrowserWindow.getAllWindows().length === 0) void openWindow();
    });
  });
}
