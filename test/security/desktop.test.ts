/** The compiled main and preload under Node, against a double of Electron: every line of its security checklist. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bridge } from '../../src/contract/bridge.ts';
import { freshFolder } from '../helpers/cli.ts';
import { ROOT } from '../helpers/shared.ts';
import * as electron from './electronDouble.ts';

const KEY = 'electron double';

const main = join(ROOT, 'dist/main/main.js');
const preload = join(ROOT, 'dist/preload/preload.cjs');
const here = existsSync(main);
if (!here) console.warn('desktop: skipped, needs a built dist/ (npm test builds it)');

describe.skipIf(!here)('the desktop application', () => {
  let double: typeof electron.double;
  let bridge: Bridge<object>;
  const call = <N extends Parameters<Bridge<object>['call']>[0]>(name: N, args: Parameters<typeof bridge.call<N>>[1]) =>
    bridge.call(name, args, `r${performance.now()}`);

  beforeAll(async () => {
    process.env['VIDIMUS_HOME'] = freshFolder();
    process.env['VIDIMUS_RESOURCES'] = ROOT;
    ({ double } = electron);
    // The compiled files are loaded by Node itself, which finds our double where they ask for Electron.
    Reflect.set(globalThis, KEY, electron);
    const source = `export const { ${Object.keys(electron).join(', ')} } = globalThis[${JSON.stringify(KEY)}];`;
    registerHooks({
      resolve: (specifier, context, next) =>
        specifier === 'electron'
          ? { url: 'double:electron', format: 'module', shortCircuit: true }
          : next(specifier, context),
      load: (url, context, next) =>
        url === 'double:electron' ? { format: 'module', source, shortCircuit: true } : next(url, context),
    });
    const load = createRequire(import.meta.url);
    load(main);
    load(preload);
    const found: unknown = double.exposed.get('vidimus');
    if (!isBridge(found)) throw new Error('the preload script exposed no bridge');
    bridge = found;
    for (let i = 0; i < 600 && double.windows.length === 0; i++) await new Promise((r) => setTimeout(r, 50));
  }, 60_000);
  afterAll(async () => {
    double.emit('before-quit', { preventDefault: () => undefined });
    for (let i = 0; i < 100 && !double.calls.some(({ what }) => what === 'app.quit'); i++)
      await new Promise((r) => setTimeout(r, 50));
  });

  it('turns the sandbox on and registers its schemes before it is ready', () => {
    expect(double.calls.find(({ what }) => what === 'app.enableSandbox')?.args).toEqual([false]);
    const [schemes, ready] =
      double.calls.find(({ what }) => what === 'protocol.registerSchemesAsPrivileged')?.args ?? [];
    expect(ready).toBe(false);
    expect(JSON.stringify(schemes)).toContain('"scheme":"evidence"');
    expect(JSON.stringify(schemes)).not.toContain('bypassCSP');
  });

  it('opens a sandboxed, isolated window without Node on its own page', () => {
    const [window] = double.windows;
    expect(window?.url).toBe('app://vidimus/');
    expect(window?.options).toMatchObject({
      webPreferences: {
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webSecurity: true,
        allowRunningInsecureContent: false,
        experimentalFeatures: false,
        webviewTag: false,
      },
    });
    expect(JSON.stringify(window?.options)).not.toContain('enableBlinkFeatures');
  });

  it('denies permissions, devices, new windows, navigation and every request that leaves the machine', () => {
    const answers: boolean[] = [];
    double.permissionRequest()?.(null, 'media', (ok) => answers.push(ok));
    expect([answers, double.permissionCheck()?.(), double.devicePermission()?.()]).toEqual([[false], false, false]);
    expect(double.openHandler()?.()).toEqual({ action: 'deny' });
    const cancelled = (url: string): boolean | null => {
      let answer: boolean | null = null;
      double.beforeRequest()?.({ url }, ({ cancel }) => {
        answer = cancel;
      });
      return answer;
    };
    for (const url of ['https://example.org/', 'http://127.0.0.1/', 'ws://example.org/', 'file:///etc/passwd'])
      expect([url, cancelled(url)]).toEqual([url, true]);
    for (const url of ['app://vidimus/', `evidence://${'0'.repeat(32)}/media`]) expect(cancelled(url)).toBe(false);
    const contents = double.windows[0]?.webContents;
    for (const event of ['will-navigate', 'will-redirect'])
      for (const [url, stopped] of [
        ['https://example.org/', 1],
        ['app://vidimus/#/x', 0],
      ] as const) {
        let count = 0;
        contents?.emit(event, { url, preventDefault: () => count++ }, url);
        expect([event, url, count]).toEqual([event, url, stopped]);
      }
    let stopped = 0;
    contents?.emit('will-attach-webview', { preventDefault: () => stopped++ });
    expect(stopped).toBe(1);
  });

  it('serves its page with a strict policy and a fresh nonce, and nothing outside its folder', async () => {
    const get = async (url: string) => double.protocols.get('app')?.(new Request(url));
    const page = await get('app://vidimus/');
    const policy = page?.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe-|https?:/);
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
    expect(await page?.text()).toContain(`nonce="${nonce}"`);
    const again = (await get('app://vidimus/'))?.headers.get('content-security-policy');
    expect(again).not.toBe(policy);
    for (const url of ['app://vidimus/..%2f..%2fpackage.json', 'app://other/', 'app://vidimus/%00'])
      expect([url, (await get(url))?.status]).toEqual([url, 404]);
  });

  it('exposes four functions and no Electron object', () => {
    expect(Object.keys(bridge).sort()).toEqual(['call', 'cancel', 'onProgress', 'pathOf']);
    expect(readFileSync(preload, 'utf8')).not.toMatch(/exposeInMainWorld\([^,]+,\s*(electron|ipcRenderer)\s*\)/);
    expect(bridge.pathOf({})).toBe('/dropped/file.png');
  });

  it('refuses messages from other frames, other pages and unknown calls', async () => {
    const from = (frame: object | null) =>
      double.invokeFrom(frame, 'vidimus:call', 'host.info', {}, 'x') as Promise<{ ok: boolean }>;
    expect(await from({ url: 'https://example.org/' })).toMatchObject({ ok: false });
    expect(await from(null)).toMatchObject({ ok: false });
    expect(await double.invokeFrom({ url: 'app://vidimus/' }, 'vidimus:call', 'host.info', {}, 'x')).toMatchObject({
      ok: false,
    });
    expect(
      await double.invokeFrom(double.windows[0]?.webContents.mainFrame ?? null, 'vidimus:call', 'no.such', {}, 'x'),
    ).toMatchObject({ ok: false, error: { code: 'bug' } });
  });

  it('works: the first start makes the demonstration case, its exhibits are examined and shown with ranges', async () => {
    expect(await call('host.info', {})).toMatchObject({ ok: true, value: { kind: 'desktop' } });
    let handle = '';
    for (let i = 0; i < 600 && handle === ''; i++) {
      const listed = await call('cases.list', {});
      handle = listed.ok ? (listed.value[0]?.handle ?? '') : '';
      if (handle === '') await new Promise((r) => setTimeout(r, 100));
    }
    let done = 0;
    for (let i = 0; i < 2400 && done < 5; i++) {
      const view = await call('queue.list', { case: handle });
      done = view.ok ? (view.value.counts.done ?? 0) : 0;
      if (done < 5) await new Promise((r) => setTimeout(r, 100));
    }
    expect(done).toBe(5);
    const page = await call('case.exhibits', { case: handle, offset: 0, limit: 10 });
    const exhibit = page.ok
      ? (page.value.rows.find((row) => row.exhibit.originalName === 'clip.mp4')?.exhibit.id ?? '')
      : '';
    const view = await call('evidence.open', { case: handle, exhibit });
    const id = view.ok ? view.value.id : '';
    const get = (range: string) =>
      double.protocols.get('evidence')?.(new Request(`evidence://${id}/media`, { headers: { Range: range } }));
    const part = await get('bytes=0-9');
    expect([part?.status, (await part?.arrayBuffer())?.byteLength]).toEqual([206, 10]);
    expect((await get('bytes=999999999-'))?.status).toBe(416);
    expect((await double.protocols.get('evidence')?.(new Request(`evidence://${id}/..%2fcase.db`)))?.status).toBe(404);
    const frame = await double.protocols.get('evidence')?.(new Request(`evidence://${id}/frame/3.png`));
    expect([frame?.status, frame?.headers.get('content-type')]).toEqual([200, 'image/png']);
  }, 360_000);

  it('asks with the system’s dialogs', async () => {
    expect(await call('dialog.open', { kind: 'files', title: 'Files' })).toEqual({
      ok: true,
      value: { supported: true, paths: ['/chosen'] },
    });
    expect(await call('dialog.save', { name: 'a.pdf', title: 'Report' })).toEqual({
      ok: true,
      value: { supported: true, path: null },
    });
  });
});

const isBridge = (value: unknown): value is Bridge<object> =>
  typeof value === 'object' && value !== null && 'call' in value && 'onProgress' in value;
