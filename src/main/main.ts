/**
 * Entry of the desktop application. Supervises the engine, opens the window, and never touches evidence itself.
 */
import { app, BrowserWindow } from 'electron';
import { openApplication } from '../workbench/application/application.ts';
import { makeDemoCase } from '../workbench/application/demoCase.ts';
import { installFolder } from '../workbench/folders.ts';
import { dialogs } from './dialogs.ts';
import { launchEngineProcess } from './engineProcess.ts';
import { serveCalls } from './ipc.ts';
import { setMenu } from './menu.ts';
import { registerAppScheme, serveApp, serveEvidence } from './protocol.ts';
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

  // Packs, method pages and samples lie beside the archive in an installed application.
  if (app.isPackaged) process.env['VIDIMUS_RESOURCES'] ??= process.resourcesPath;
  const application = openApplication({
    kind: 'desktop',
    launch: launchEngineProcess,
    dialogs,
    onLog: (line) => console.error(line),
  });
  let closing = false;
  app.on('before-quit', (event) => {
    if (closing) return;
    closing = true;
    event.preventDefault();
    void application.close().finally(() => app.quit());
  });

  void app.whenReady().then(async () => {
    hardenSession();
    serveApp();
    serveEvidence(application);
    serveCalls(application);
    setMenu(app.isPackaged);
    await openWindow();
    void makeDemoCase(application, installFolder()).catch((thrown: unknown) => console.error(thrown));
    app.on('activate', () => {
      if (BrowserWindow.getAllWindows().length === 0) void openWindow();
    });
  });
}
