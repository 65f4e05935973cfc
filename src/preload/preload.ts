/** The bridge between the sandboxed renderer and main: four functions, no Electron object ever crosses. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { type Bridge, CHANNELS } from '../contract/bridge.ts';

const bridge: Bridge<File> = {
  call: (name, args, request) => ipcRenderer.invoke(CHANNELS.call, name, args, request),
  cancel: (request) => ipcRenderer.send(CHANNELS.cancel, request),
  onProgress: (listener) => {
    const heard = (_event: unknown, request: string, progress: Parameters<typeof listener>[1]) =>
      listener(request, progress);
    ipcRenderer.on(CHANNELS.progress, heard);
    return () => ipcRenderer.removeListener(CHANNELS.progress, heard);
  },
  pathOf: (file) => webUtils.getPathForFile(file),
};

contextBridge.exposeInMainWorld('vidimus', bridge);
