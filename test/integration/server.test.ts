/** The loopback server: who gets in, what is served, and calls over REST and the socket. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { FromServer } from '../../src/contract/socket.ts';
import { type Serving, serve } from '../../src/server/server.ts';
import { type Application, openApplication } from '../../src/workbench/application/application.ts';
import { freshFolder } from '../helpers/cli.ts';
import { ROOT } from '../helpers/shared.ts';

const renderer = freshFolder();
let application: Application;
let serving: Serving;
let base = '';
let bearer: Record<string, string> = {};
const sample = join(ROOT, 'samples/clip.mp4');

beforeAll(async () => {
  process.env['VIDIMUS_HOME'] = freshFolder();
  mkdirSync(join(renderer, 'assets'));
  writeFileSync(join(renderer, 'index.html'), '<script nonce="__NONCE__"></script>');
  writeFileSync(join(renderer, 'assets', 'a.js'), '1');
  writeFileSync(join(renderer, '..', 'secret.js'), '2');
  application = openApplication({ kind: 'browser', onLog: () => undefined });
  serving = await serve({ application, renderer, port: 0 });
  base = `http://127.0.0.1:${serving.port}`;
  bearer = { Authorization: `Bearer ${serving.key}` };
});
afterAll(async () => {
  await serving.close();
  await application.close();
});

/** A request with headers and a path that fetch would correct. */
const raw = (path: string, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port: serving.port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

const api = async (name: string, args: unknown): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(`${base}/api/${name}`, {
    method: 'POST',
    headers: { ...bearer, 'Content-Type': 'application/json' },
    body: JSON.stringify(args),
  });
  return { status: response.status, body: await response.json() };
};

async function openSample(): Promise<string> {
  const { handle } = await application.call('case.create', {
    number: `case ${performance.now()}`,
    agency: null,
    matter: null,
    description: null,
    folder: null,
    passphrase: null,
  });
  const added = await application.call('case.addFiles', { case: handle, paths: [sample], storage: 'reference' });
  const exhibit = added.added[0]?.exhibit ?? '';
  return (await application.call('evidence.open', { case: handle, exhibit })).id;
}

describe('the entrance', () => {
  it('opens once with the token and then by the cookie', async () => {
    const address = serving.address();
    const entered = await fetch(address, { redirect: 'manual' });
    expect(entered.status).toBe(303);
    const cookie = entered.headers.get('set-cookie') ?? '';
    expect(cookie).toContain('HttpOnly; SameSite=Strict');
    const page = await fetch(`${base}/`, { headers: { Cookie: cookie.split(';')[0] ?? '' } });
    expect(page.status).toBe(200);
    const policy = page.headers.get('content-security-policy') ?? '';
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? 'none';
    expect(await page.text()).toBe(`<script nonce="${nonce}"></script>`);
    expect(policy).toContain("default-src 'none'");
    expect((await fetch(address, { redirect: 'manual' })).status).toBe(401);
  });

  it('lets nobody in without token, cookie or key', async () => {
    for (const path of ['/', '/assets/a.js', '/api/cases.list', '/ws', `/evidence/${'0'.repeat(32)}/media`])
      expect([path, await raw(path, { Host: `127.0.0.1:${serving.port}` })]).toEqual([path, 401]);
    const wrong = { Host: `127.0.0.1:${serving.port}`, Authorization: 'Bearer wrong', Cookie: 'vidimus=x' };
    expect(await raw('/', wrong)).toBe(401);
  });

  it('turns away names and pages that are not ours, key or not', async () => {
    expect(await raw('/', { ...bearer, Host: 'evil.example' })).toBe(403);
    expect(await raw('/', { ...bearer, Host: `127.0.0.1:${serving.port}`, Origin: 'http://evil.example' })).toBe(403);
  });

  it('serves nothing outside the folder of the screens', async () => {
    const headers = { ...bearer, Host: `127.0.0.1:${serving.port}` };
    expect(await raw('/assets/a.js', headers)).toBe(200);
    for (const path of ['/../secret.js', '/%2e%2e/secret.js', '/assets/..%2f..%2fsecret.js', '/%00', '/%zz'])
      expect([path, (await raw(path, headers)) === 200]).toEqual([path, false]);
  });
});

describe('exhibits', () => {
  it('come whole, in ranges, and with 416 beyond their end', async () => {
    const id = await openSample();
    const bytes = await readFile(sample);
    const get = (range?: string) =>
      fetch(`${base}/evidence/${id}/media`, {
        headers: { ...bearer, ...(range === undefined ? {} : { Range: range }) },
      });
    const whole = await get();
    expect([whole.status, whole.headers.get('accept-ranges')]).toEqual([200, 'bytes']);
    expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
    const cases: [string, number, number, number][] = [
      ['bytes=0-0', 206, 0, 1],
      ['bytes=100-199', 206, 100, 200],
      ['bytes=-10', 206, bytes.length - 10, bytes.length],
      [`bytes=${bytes.length - 5}-`, 206, bytes.length - 5, bytes.length],
      ['bytes=5-99999999999', 206, 5, bytes.length],
    ];
    for (const [range, status, from, to] of cases) {
      const part = await get(range);
      expect([range, part.status]).toEqual([range, status]);
      expect(part.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/${bytes.length}`);
      expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(from, to))).toBe(true);
    }
    const beyond = await get(`bytes=${bytes.length}-`);
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${bytes.length}`]);
    expect((await get('bytes=7-3')).status).toBe(200);
    expect((await fetch(`${base}/evidence/${'0'.repeat(32)}/media`, { headers: bearer })).status).toBe(404);
  });
});

describe('calls', () => {
  it('are answered over REST, errors with code and advice', async () => {
    expect(await api('host.info', {})).toMatchObject({ status: 200, body: { kind: 'browser' } });
    expect(await api('case.open', { folder: '/nowhere', passphrase: null })).toMatchObject({
      status: 422,
      body: { error: { code: 'case.not-found' } },
    });
    expect(await api('case.open', { folder: 1 })).toMatchObject({
      status: 422,
      body: { error: { code: 'usage.invalid' } },
    });
    expect(await api('no.such', {})).toMatchObject({ status: 500 });
  });

  it('run over the socket with progress, and stop when they are cancelled', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${serving.port}/ws`, { headers: bearer });
    await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
    const heard: FromServer[] = [];
    const end = (request: string): Promise<FromServer> =>
      new Promise((resolve) =>
        socket.addEventListener('message', ({ data }) => {
          const message = FromServer.parse(JSON.parse(String(data)));
          heard.push(message);
          if (message.request === request && message.type !== 'progress') resolve(message);
        }),
      );
    const plan = (await import('../../src/workbench/plans.ts')).makePlan();
    const done = end('a');
    const args = { path: sample, plan, artifactsDir: null };
    socket.send(JSON.stringify({ type: 'call', request: 'a', name: 'analysis.run', args }));
    expect(await done).toMatchObject({ type: 'value', value: { mediaType: 'video' } });
    expect(heard.filter((m) => m.type === 'progress').length).toBeGreaterThan(0);
    const stopped = end('b');
    socket.send(JSON.stringify({ type: 'call', request: 'b', name: 'analysis.run', args }));
    socket.send(JSON.stringify({ type: 'cancel', request: 'b' }));
    expect(await stopped).toMatchObject({ type: 'error', error: { code: 'cancelled' } });
    socket.close();
  });

  it('take uploads under their own name and refuse names that are paths', async () => {
    const send = (name: string) =>
      fetch(`${base}/upload?name=${encodeURIComponent(name)}`, {
        method: 'POST',
        headers: { ...bearer, 'Content-Type': 'application/octet-stream' },
        body: 'evidence',
      });
    const taken = z.object({ path: z.string() }).parse(await (await send('Fünf "5".bin')).json());
    expect(await readFile(taken.path, 'utf8')).toBe('evidence');
    expect(taken.path.endsWith('/Fünf "5".bin')).toBe(true);
    for (const name of ['../x', '..', 'a/b']) expect((await send(name)).status).toBe(422);
  });
});
