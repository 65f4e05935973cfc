/** The engine process and its supervisor: progress, cancel, crash, silence, rubbish. */
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { VidimusError } from '../../src/contract/errors.ts';
import { Progress } from '../../src/contract/result.ts';
import { EngineClient, type EngineTransport } from '../../src/engine/client.ts';
import { forkEngine } from '../../src/engine/fork.ts';
import type { ToEngine } from '../../src/engine/protocol.ts';
import { makePlan } from '../../src/workbench/plans.ts';
import { freshFolder } from '../helpers/cli.ts';
import { makeClip } from '../helpers/clips.ts';
import { processesNaming, until } from '../helpers/processes.ts';
import { GOLDEN } from '../helpers/shared.ts';

const folder = freshFolder();
const wav = join(GOLDEN, 'audio/espeak-en-gb-16k.wav');
const plan = makePlan();
const clients: EngineClient[] = [];

function client(options: Partial<ConstructorParameters<typeof EngineClient>[0]> = {}): EngineClient {
  const made = new EngineClient({
    launch: () => forkEngine({ VIDIMUS_USER_MODELS: join(folder, 'models') }),
    ...options,
  });
  clients.push(made);
  return made;
}

afterEach(async () => {
  for (const made of clients.splice(0)) await made.close();
});

const failure = (promise: Promise<unknown>): Promise<VidimusError> =>
  promise.then(
    () => {
      throw new Error('it should have been rejected');
    },
    (error: VidimusError) => error,
  );

describe('the engine process', () => {
  let clip = '';
  const longClip = (): string => {
    clip ||= makeClip(join(folder, `clip-${process.pid}.mp4`), 60, '1280x720');
    return clip;
  };

  it('analyses a file and reports progress in stages', async () => {
    const seen: Progress[] = [];
    const result = await client().request(
      'analysis.run',
      { path: wav, plan, artifactsDir: null },
      { onProgress: (p) => seen.push(p) },
    );
    expect(result.mediaType).toBe('audio');
    expect(result.evidence.sha256).toMatch(/^[0-9a-f]{64}$/);
    const stages = [...new Set(seen.map((p) => p.stage))];
    expect(stages).toEqual(['intake', 'probe', 'models', 'decode', 'analyse', 'fuse']);
    for (const p of seen) expect(Progress.safeParse(p).success && (p.total === null || p.done <= p.total)).toBe(true);
  });

  it('gives the same result twice, clocks aside', async () => {
    const engine = client();
    const run = async () => {
      const {
        timestamp: _t,
        processingTime: _p,
        run: { stages: _s, ...rest },
        ...result
      } = await engine.request('analysis.run', { path: wav, plan, artifactsDir: null });
      return { ...result, rest };
    };
    expect(await run()).toEqual(await run());
  });

  it('obeys cancel within a batch and leaves no ffmpeg behind', async () => {
    const engine = client();
    const controller = new AbortController();
    const path = longClip();
    const all = makePlan({ frames: { kind: 'all' } });
    const outcome = failure(
      engine.request(
        'analysis.run',
        { path, plan: all, artifactsDir: null },
        {
          signal: controller.signal,
          onProgress: (p) => {
            if (p.stage === 'decode') controller.abort();
          },
        },
      ),
    );
    expect(await outcome).toMatchObject({ code: 'cancelled', family: 'cancelled' });
    expect(await until(() => processesNaming(path).length === 0, 10)).toBe(true);
    expect(engine.starts).toBe(1);
  });

  it('survives a killed engine: the job fails with its reason, the next one works', async () => {
    const engine = client();
    const path = longClip();
    const all = makePlan({ frames: { kind: 'all' } });
    const error = await failure(
      engine.request(
        'analysis.run',
        { path, plan: all, artifactsDir: null },
        {
          onProgress: (p) => {
            if (p.stage === 'decode' && engine.pid !== undefined) process.kill(engine.pid, 'SIGKILL');
          },
        },
      ),
    );
    expect(error).toMatchObject({ code: 'engine.crashed' });
    expect(error.message).toContain('SIGKILL');
    expect((await engine.request('analysis.run', { path: wav, plan, artifactsDir: null })).mediaType).toBe('audio');
    expect(engine.starts).toBe(2);
    expect(await until(() => processesNaming(path).length === 0, 10)).toBe(true);
  });

  it('hands errors across with code and advice', async () => {
    const error = await failure(
      client().request('analysis.run', { path: join(folder, 'none.jpg'), plan, artifactsDir: null }),
    );
    expect(error).toMatchObject({ code: 'evidence.not-found', exitCode: 3 });
    expect(error.advice.length).toBeGreaterThan(10);
  });

  it('names a detector and a pack that do not exist', async () => {
    const engine = client();
    const unknown = { ...plan, detectors: ['no-such-detector'] };
    expect(
      await failure(engine.request('analysis.run', { path: wav, plan: unknown, artifactsDir: null })),
    ).toMatchObject({ code: 'usage.invalid' });
    const pack = makePlan({ packs: ['no-such-pack'] });
    expect(await failure(engine.request('analysis.run', { path: wav, plan: pack, artifactsDir: null }))).toMatchObject({
      code: 'pack.missing',
    });
  });
});

/** A transport whose other end we play ourselves. */
function puppet(react: (message: ToEngine, say: (message: unknown) => void) => void) {
  const state: { killed: boolean } = { killed: false };
  const launch = (): EngineTransport => {
    let hear: (message: unknown) => void = () => undefined;
    let exit: (reason: string) => void = () => undefined;
    return {
      pid: 1,
      send: (message) => {
        if (message.type === 'shutdown') exit('done');
        else react(message, (m) => hear(m));
      },
      onMessage: (listener) => {
        hear = listener;
        queueMicrotask(() => listener({ type: 'ready', protocol: 1, pid: 1 }));
      },
      onExit: (listener) => {
        const before = exit;
        exit = (reason) => {
          before(reason);
          listener(reason);
        };
      },
      kill: () => {
        state.killed = true;
        exit('signal SIGKILL');
      },
    };
  };
  return { launch, state };
}

describe('the supervisor', () => {
  it('ends an engine that gives no sign of life', async () => {
    const { launch, state } = puppet(() => undefined);
    const error = await failure(client({ launch, silenceLimitMs: 500 }).request('doctor', {}));
    expect(error).toMatchObject({ code: 'engine.unresponsive' });
    expect(state.killed).toBe(true);
  });

  it('keeps an engine that is busy but alive', async () => {
    const { launch } = puppet((message, say) => {
      if (message.type !== 'request') return;
      const beat = setInterval(() => say({ type: 'alive' }), 100);
      setTimeout(() => {
        clearInterval(beat);
        say({ type: 'result', id: message.id, value: [] });
      }, 2_500);
    });
    expect(await client({ launch, silenceLimitMs: 600 }).request('doctor', {})).toEqual([]);
  });

  it('ends an engine that talks another protocol', async () => {
    const { launch, state } = puppet((_message, say) => say({ type: 'nonsense' }));
    expect(await failure(client({ launch }).request('doctor', {}))).toMatchObject({ code: 'bug' });
    expect(state.killed).toBe(true);
  });

  it('kills an engine that ignores cancel, and calls it cancelled', async () => {
    const { launch, state } = puppet(() => undefined);
    const controller = new AbortController();
    const outcome = failure(
      client({ launch, cancelGraceMs: 200 }).request('doctor', {}, { signal: controller.signal }),
    );
    setTimeout(() => controller.abort(), 50);
    expect(await outcome).toMatchObject({ code: 'cancelled' });
    expect(state.killed).toBe(true);
  });

  it('refuses results that do not fit the contract', async () => {
    const { launch } = puppet((message, say) => {
      if (message.type === 'request') say({ type: 'result', id: message.id, value: [{ made: 'up' }] });
    });
    await expect(client({ launch }).request('doctor', {})).rejects.toThrow();
  });
});
