/**
 * A double of the `electron` module for tests of the compiled main and preload under plain Node. It knows exactly what
 * the program uses; anything else throws, so that a new use of Electron is a new line here and a decision.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';

const calls: { readonly what: string; readonly args: readonly unknown[] }[] = [];
const note = (what: string, ...args: readonly unknown[]): void => {
  calls.push({ what, args });
};

/** Fails on everything that is not listed. */
function strict<T extends object>(name: string, known: T): T {
  return new Proxy(known, {
    get(target, key, receiver) {
      if (
        typeof key === 'string' &&
        !(key in target) &&
        key !== 'then' &&
        key !== 'toJSON' &&
        key !== 'asymmetricMatch'
      )
        throw new Error(`electron.${name}.${key} is not known to the double`);
      return Reflect.get(target, key, receiver);
    },
  });
}

type Handler = (request: Request) => Response | Promise<Response>;
type Listener = (event: object, ...args: unknown[]) => unknown;
const protocols = new Map<string, Handler>();
const invocable = new Map<string, Listener>();
const mainEvents = new EventEmitter();
const appEvents = new EventEmitter();
const rendererEvents = new EventEmitter();
const exposed = new Map<string, unknown>();
const windows: FakeWindow[] = [];
let openHandler: (() => { action: string }) | null = null;
let permissionRequest: ((c: unknown, p: string, answer: (ok: boolean) => void) => void) | null = null;
let permissionCheck: (() => boolean) | null = null;
let devicePermission: (() => boolean) | null = null;
let beforeRequest: ((d: { url: string }, answer: (a: { cancel: boolean }) => void) => void) | null = null;
let ready = false;

class FakeContents extends EventEmitter {
  readonly id = 1;
  readonly mainFrame = { url: 'app://vidimus/' };
  destroyed = false;
  isDestroyed(): boolean {
    return this.destroyed;
  }
  send(channel: string, ...args: unknown[]): void {
    rendererEvents.emit(channel, {}, ...structuredClone(args));
  }
  setWindowOpenHandler(handler: () => { action: string }): void {
    openHandler = handler;
  }
}

class FakeWindow extends EventEmitter {
  readonly options: unknown;
  readonly webContents = new FakeContents();
  url = '';
  constructor(options: unknown) {
    super();
    this.options = options;
    windows.push(this);
    appEvents.emit('web-contents-created', {}, this.webContents);
  }
  static getAllWindows(): FakeWindow[] {
    return windows;
  }
  static getFocusedWindow(): FakeWindow | null {
    return null;
  }
  loadURL(url: string): Promise<void> {
    this.url = url;
    setImmediate(() => this.emit('ready-to-show'));
    return Promise.resolve();
  }
  show(): void {
    note('window.show');
  }
  maximize(): void {
    note('window.maximize');
  }
  isMinimized(): boolean {
    return false;
  }
  isMaximized(): boolean {
    return false;
  }
  focus(): void {
    note('window.focus');
  }
  getNormalBounds() {
    return { x: 0, y: 0, width: 1440, height: 900 };
  }
}

export const app = strict('app', {
  isPackaged: false,
  requestSingleInstanceLock: () => true,
  enableSandbox: () => note('app.enableSandbox', ready),
  on: (event: string, listener: (...args: unknown[]) => void) => appEvents.on(event, listener),
  whenReady: async () => {
    ready = true;
  },
  quit: () => note('app.quit'),
});

export const BrowserWindow = FakeWindow;

export const ipcMain = strict('ipcMain', {
  handle: (channel: string, listener: Listener) => invocable.set(channel, listener),
  on: (channel: string, listener: (...args: unknown[]) => void) => mainEvents.on(channel, listener),
});

export const protocol = strict('protocol', {
  registerSchemesAsPrivileged: (schemes: unknown) => note('protocol.registerSchemesAsPrivileged', schemes, ready),
  handle: (scheme: string, handler: Handler) => protocols.set(scheme, handler),
});

export const session = strict('session', {
  defaultSession: strict('session.defaultSession', {
    setPermissionRequestHandler: (handler: typeof permissionRequest) => {
      permissionRequest = handler;
    },
    setPermissionCheckHandler: (handler: typeof permissionCheck) => {
      permissionCheck = handler;
    },
    setDevicePermissionHandler: (handler: typeof devicePermission) => {
      devicePermission = handler;
    },
    webRequest: strict('webRequest', {
      onBeforeRequest: (handler: typeof beforeRequest) => {
        beforeRequest = handler;
      },
    }),
  }),
});

export const dialog = strict('dialog', {
  showOpenDialog: async (options: unknown) => {
    note('dialog.showOpenDialog', options);
    return { canceled: false, filePaths: ['/chosen'] };
  },
  showSaveDialog: async (options: unknown) => {
    note('dialog.showSaveDialog', options);
    return { canceled: true, filePath: '' };
  },
});

export const Menu = strict('Menu', {
  buildFromTemplate: (template: unknown) => template,
  setApplicationMenu: (menu: unknown) => note('Menu.setApplicationMenu', menu),
});

export const screen = strict('screen', {
  getDisplayMatching: () => ({ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }),
});

/** The real engine, in a real process, with Electron's message words. */
export const utilityProcess = strict('utilityProcess', {
  fork: (path: string, args: readonly string[], options: { env: NodeJS.ProcessEnv }) => {
    note('utilityProcess.fork', path);
    const child: ChildProcess = fork(path, [...args], {
      env: options.env,
      execArgv: ['--disable-warning=ExperimentalWarning'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    return {
      pid: child.pid,
      postMessage: (message: object) => child.connected && child.send(message, () => undefined),
      on: (event: string, listener: (...args: unknown[]) => void) => child.on(event, listener),
      kill: () => child.kill('SIGKILL'),
    };
  },
});

export const contextBridge = strict('contextBridge', {
  exposeInMainWorld: (name: string, api: unknown) => exposed.set(name, api),
});

export const webUtils = strict('webUtils', { getPathForFile: () => '/dropped/file.png' });

const frame = { url: 'app://vidimus/' };
const eventOf = (senderFrame: object | null = windows[0]?.webContents.mainFrame ?? frame) => ({
  sender: windows[0]?.webContents,
  senderFrame,
});

export const ipcRenderer = strict('ipcRenderer', {
  invoke: async (channel: string, ...args: unknown[]) =>
    structuredClone(await invocable.get(channel)?.(eventOf(), ...structuredClone(args))),
  send: (channel: string, ...args: unknown[]) => mainEvents.emit(channel, eventOf(), ...structuredClone(args)),
  on: (channel: string, listener: (...args: unknown[]) => void) => rendererEvents.on(channel, listener),
  removeListener: (channel: string, listener: (...args: unknown[]) => void) =>
    rendererEvents.removeListener(channel, listener),
});

/** For tests: what the program did, and the ways in. */
export const double = {
  calls,
  protocols,
  exposed,
  windows,
  emit: (event: string, ...args: unknown[]) => appEvents.emit(event, ...args),
  openHandler: () => openHandler,
  permissionRequest: () => permissionRequest,
  permissionCheck: () => permissionCheck,
  devicePermission: () => devicePermission,
  beforeRequest: () => beforeRequest,
  /** A call as it would come from another frame or page. */
  invokeFrom: (senderFrame: object | null, channel: string, ...args: unknown[]) =>
    invocable.get(channel)?.(eventOf(senderFrame), ...args),
};
