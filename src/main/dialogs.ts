/** The system's own dialogs, for the calls of the contract that ask for them. */
import { BrowserWindow, dialog } from 'electron';
import type { HostParts } from '../workbench/application/application.ts';

/** Handlers of `dialog.*`; the dialog belongs to the window that has the focus. */
export const dialogs: NonNullable<HostParts['dialogs']> = {
  'dialog.open': async ({ kind, title }) => {
    const properties: ('openFile' | 'multiSelections' | 'openDirectory')[] =
      kind === 'files' ? ['openFile', 'multiSelections'] : ['openDirectory'];
    const window = BrowserWindow.getFocusedWindow();
    const options = { title, properties };
    const answer = await (window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options));
    return { supported: true, paths: answer.filePaths };
  },
  'dialog.save': async ({ name, title }) => {
    const window = BrowserWindow.getFocusedWindow();
    const options = { title, defaultPath: name };
    const answer = await (window ? dialog.showSaveDialog(window, options) : dialog.showSaveDialog(options));
    return { supported: true, path: answer.canceled ? null : answer.filePath };
  },
};
