/**
 * The workstation on 127.0.0.1, for machines where Electron cannot run: the same renderer, the same calls. Nothing is
 * answered to anybody who did not bring the one-time token or the key.
 */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import websocket from '@fastify/websocket';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import * as z from 'zod';
import { toWire, VidimusError } from '../contract/errors.ts';
import type { Application } from '../workbench/application/application.ts';
import { pageFile } from '../workbench/application/page.ts';
import { fileAnswer } from '../workbench/application/rangeFile.ts';
import { Access, isOurs } from './access.ts';
import { serveSocket } from './socket.ts';

export interface ServeOptions {
  readonly application: Application;
  /** Folder of the built renderer. */
  readonly renderer: string;
  /** 0: any free port. */
  readonly port: number;
  /** Key for programs; a random one where absent. */
  readonly key?: string;
}

export interface Serving {
  readonly port: number;
  readonly key: string;
  /** Address with a fresh one-time token. */
  readonly address: () => string;
  close(): Promise<void>;
}

const Call = z.strictObject({ name: z.string() });
const Evidence = z.strictObject({ id: z.string(), '*': z.string() });
const Entry = z.object({ token: z.string().optional() });
const Upload = z.object({ name: z.string().min(1).max(255) });

/** Starts the server. @throws VidimusError usage.invalid where the port is taken */
export async function serve({ application, renderer, port, key }: ServeOptions): Promise<Serving> {
  const access = new Access(key);
  const app = fastify({ logger: false, bodyLimit: 32 * 2 ** 20, forceCloseConnections: true });
  let spool: Promise<string> | null = null;
  let listening = port;

  await app.register(websocket, { options: { maxPayload: 32 * 2 ** 20 } });
  app.addHook('onRequest', async (request, reply) => {
    if (!isOurs(request.raw, listening)) return reply.code(403).send('not for you');
    // The entrance checks the token itself.
    if (request.method === 'GET' && request.url.startsWith('/?token=')) return;
    if (!access.allows(request.raw)) return reply.code(401).send('Open the address that "npm start" printed.');
    return;
  });
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));

  app.get('/ws', { websocket: true }, (socket) => serveSocket(socket, application));
  app.post('/api/:name', async (request, reply) => {
    const { name } = Call.parse(request.params);
    const stop = new AbortController();
    reply.raw.on('close', () => stop.abort());
    try {
      const context = { signal: stop.signal, onProgress: () => undefined };
      return await application.callUnchecked(name, request.body ?? {}, context);
    } catch (thrown) {
      const { code, message, advice } = toWire(thrown);
      return reply.code(code === 'bug' ? 500 : 422).send({ error: { code, message, advice } });
    }
  });
  app.post('/upload', async (request, reply) => {
    const { name } = Upload.parse(request.query);
    spool ??= mkdtemp(join(tmpdir(), 'vidimus-upload-'));
    return take(await spool, name, request.body, reply);
  });
  app.get('/evidence/:id/*', async (request, reply) => {
    const { id, '*': what } = Evidence.parse(request.params);
    try {
      const answer = await fileAnswer(await application.evidence(id, what), request.headers.range ?? null);
      return await reply
        .code(answer.status)
        .headers(answer.headers)
        .send(answer.body?.() ?? '');
    } catch (thrown) {
      const { code, message, advice } = toWire(thrown);
      return reply.code(404).send({ error: { code, message, advice } });
    }
  });
  app.get('/*', async (request, reply) => {
    const url = new URL(request.url, 'http://127.0.0.1');
    const { token } = Entry.parse(request.query);
    if (token !== undefined) {
      const cookie = access.enter(token);
      if (cookie === null) return reply.code(401).send('This address was used before. Start Vidimus again.');
      return reply.header('Set-Cookie', cookie).redirect('/', 303);
    }
    const file = await pageFile(renderer, url.pathname, "'self'");
    if (file === null) return reply.code(404).send('not found');
    return reply.headers(file.headers).send(typeof file.body === 'string' ? file.body : Buffer.from(file.body));
  });

  listening = await listen(app, port);
  return {
    port: listening,
    key: access.key,
    address: () => `http://127.0.0.1:${listening}/?token=${access.newToken()}`,
    close: async () => {
      await app.close();
      if (spool !== null) await rm(await spool, { recursive: true, force: true });
    },
  };
}

async function listen(app: FastifyInstance, port: number): Promise<number> {
  try {
    await app.listen({ host: '127.0.0.1', port });
  } catch (cause) {
    throw new VidimusError('usage.invalid', `Port ${port} on 127.0.0.1 cannot be used.`, {
      advice: 'Choose another with --port, or leave it out.',
      cause,
    });
  }
  const address: AddressInfo | string | null = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** Lays an uploaded file down under its own name in a folder of its own, and answers its path. */
async function take(spool: string, name: string, body: unknown, reply: FastifyReply): Promise<unknown> {
  if (/[/\\\0]/.test(name) || name === '.' || name === '..' || !isReadable(body))
    return reply.code(422).send({ error: toWire(new VidimusError('usage.invalid', 'This is no file name.')) });
  const folder = join(spool, randomUUID());
  try {
    await mkdir(folder);
    await pipeline(body, createWriteStream(join(folder, name), { flags: 'wx' }));
    return { path: join(folder, name) };
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    const error = new VidimusError('output.failed', `“${name}” could not be received.`, { cause });
    return reply.code(422).send({ error: toWire(error) });
  }
}

const isReadable = (body: unknown): body is Readable =>
  typeof body === 'object' && body !== null && 'pipe' in body && typeof body.pipe === 'function';
