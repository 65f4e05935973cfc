/** Starts the engine as an Electron utility process. */
import { join } from 'node:path';
import { utilityProcess } from 'electron';
import { engineEnvironment } from '../workbench/folders.ts';
import type { EngineTransport } from '../workbench/workbench.ts';

/** A utility process running the built engine host. Its log lines go to our own stderr. */
export function launchEngineProcess(): EngineTransport {
  const child = utilityProcess.fork(join(import.meta.dirname, '../engine/host.js'), [], {
    serviceName: 'Vidimus engine',
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...engineEnvironment() },
  });
  let exit: string | undefined;
  const listeners: ((reason: string) => void)[] = [];
  child.on('exit', (code) => {
    exit = `exit status ${code}`;
    for (const listener of listeners) listener(exit);
  });
  return {
    pid: child.pid,
    send: (message) => child.postMessage(message),
    onMessage: (listener) => {
      child.on('message', listener);
    },
    onExit: (listener) => {
      if (exit === undefined) listeners.push(listener);
      else listener(exit);
    },
    kill: () => {
      child.kill();
    },
  };
}
