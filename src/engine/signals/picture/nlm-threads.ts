/**
 * Threads for the non-local means kernel. They hold nothing but the WebAssembly module, so ending one can hurt
 * nobody; where no thread can be started the kernel runs here.
 */
/// <reference path="../dsp/webassembly.d.ts" />
import { availableParallelism } from 'node:os';
import { isMainThread, Worker } from 'node:worker_threads';
import * as z from 'zod';
import { MEMORY, nlmModule, TABLES, TILE } from './nlm-kernel.ts';

/** Lab planes of one tile with border, rows of `TILE.stride`; `coloured` is false where a and b are constant. */
export interface TileJob {
  readonly l: Uint8Array<ArrayBuffer>;
  readonly a: Uint8Array<ArrayBuffer>;
  readonly b: Uint8Array<ArrayBuffer>;
  /** A multiple of 8. */
  readonly width: number;
  readonly height: number;
  readonly coloured: boolean;
}

/** Denoised planes in rows of `TILE.outStride`. */
export interface TilePlanes {
  readonly l: Uint8Array;
  readonly a: Uint8Array;
  readonly b: Uint8Array;
}

/** Beyond this the host thread, which cuts and pastes the tiles, is the limit. */
const MOST_THREADS = 8;

const Exports = z.object({
  memory: z.instanceof(WebAssembly.Memory),
  grey: z.function({ input: [z.number(), z.number()], output: z.void() }),
  colour: z.function({ input: [z.number(), z.number()], output: z.void() }),
});

/**
 * What a thread runs. It is text because a bundler would lose a file that only a thread reads; it does no more than
 * copy planes in, call the kernel and copy planes out.
 */
const THREAD = `
'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const { module: compiled, tables, input, output } = workerData;
const { memory, grey, colour } = new WebAssembly.Instance(compiled).exports;
const bytes = new Uint8Array(memory.buffer);
tables.forEach((t, i) => bytes.set(t, input.tables[i]));
parentPort.on('message', (job) => {
  bytes.set(job.l, input.planes[0]);
  bytes.set(job.a, input.planes[1]);
  bytes.set(job.b, input.planes[2]);
  grey(job.width, job.height);
  if (job.coloured) colour(job.width, job.height);
  const size = output.stride * job.height;
  const [l, a, b] = output.planes.map((at) => bytes.slice(at, at + size));
  parentPort.postMessage({ l, a, b }, [l.buffer, a.buffer, b.buffer]);
});
`;

const Planes = z.object({ l: z.instanceof(Uint8Array), a: z.instanceof(Uint8Array), b: z.instanceof(Uint8Array) });

interface Waiting {
  /** Makes the job only when a thread is free: at most one tile per thread is in memory. */
  readonly make: () => TileJob;
  readonly resolve: (planes: TilePlanes) => void;
  readonly reject: (error: unknown) => void;
}

let compiled: WebAssembly.Module | null = null;
const idle: Worker[] = [];
const waiting: Waiting[] = [];
let alive = 0;
let broken = false;
let local: ((job: TileJob) => TilePlanes) | null = null;

function kernel(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(nlmModule());
  return compiled;
}

/** Where colour is constant its average is the constant. */
function constant(value: number, height: number): Uint8Array {
  return new Uint8Array(TILE.outStride * height).fill(value);
}

function withConstantColour(job: { a: number; b: number; height: number } | null, planes: TilePlanes): TilePlanes {
  return job === null ? planes : { l: planes.l, a: constant(job.a, job.height), b: constant(job.b, job.height) };
}

function constantsOf(job: TileJob): { a: number; b: number; height: number } | null {
  const at = TILE.left;
  return job.coloured ? null : { a: job.a[at], b: job.b[at], height: job.height };
}

/** Runs a tile on this thread. */
function here(job: TileJob): TilePlanes {
  if (local === null) {
    const { memory, grey, colour } = Exports.parse(new WebAssembly.Instance(kernel()).exports);
    const bytes = new Uint8Array(memory.buffer);
    TABLES.forEach((t, i) => {
      bytes.set(new Uint8Array(t.buffer), MEMORY.tables[i]);
    });
    local = ({ l, a, b, width, height, coloured }) => {
      bytes.set(l, MEMORY.input[0]);
      bytes.set(a, MEMORY.input[1]);
      bytes.set(b, MEMORY.input[2]);
      grey(width, height);
      if (coloured) colour(width, height);
      const plane = (i: number): Uint8Array =>
        bytes.slice(MEMORY.output[i], MEMORY.output[i] + TILE.outStride * height);
      return { l: plane(0), a: plane(1), b: plane(2) };
    };
  }
  return withConstantColour(constantsOf(job), local(job));
}

function start(): Worker | null {
  // A thread that asks is itself one of several at work: more below it would cost memory and gain nothing.
  if (!isMainThread || broken || alive >= Math.min(MOST_THREADS, availableParallelism())) return null;
  try {
    const worker = new Worker(THREAD, {
      eval: true,
      workerData: {
        module: kernel(),
        tables: TABLES.map((t) => new Uint8Array(t.buffer)),
        input: { tables: MEMORY.tables, planes: MEMORY.input },
        output: { planes: MEMORY.output, stride: TILE.outStride },
      },
    });
    worker.setMaxListeners(0);
    worker.unref();
    alive++;
    return worker;
  } catch {
    broken = true;
    return null;
  }
}

function pump(): void {
  for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
    const worker = idle.pop() ?? start();
    if (worker === null) {
      if (alive > 0) return;
      waiting.shift();
      attempt(next, () => next.resolve(here(next.make())));
      continue;
    }
    waiting.shift();
    give(worker, next);
  }
}

function attempt(task: Waiting, work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    task.reject(error);
    return false;
  }
}

function give(worker: Worker, task: Waiting): void {
  let job: TileJob | null = null;
  attempt(task, () => {
    job = task.make();
  });
  if (job === null) {
    idle.push(worker);
    return;
  }
  send(worker, task, job);
}

function send(worker: Worker, task: Waiting, job: TileJob): void {
  const done = (): void => {
    worker.off('message', onMessage);
    worker.off('error', onError);
    worker.unref();
  };
  const onMessage = (message: unknown): void => {
    done();
    idle.push(worker);
    attempt(task, () => task.resolve(withConstantColour(constantsOf(job), Planes.parse(message))));
    pump();
  };
  // A thread that died costs time, not the tile: it is computed here, and no new thread is tried.
  const onError = (): void => {
    done();
    alive--;
    broken = true;
    attempt(task, () => task.resolve(here(job)));
    pump();
  };
  worker.on('message', onMessage);
  worker.on('error', onError);
  worker.ref();
  worker.postMessage(job);
}

/** Denoises one tile on the next free thread; `make` is called when it is its turn, and may throw to give up. */
export function denoiseTile(make: () => TileJob): Promise<TilePlanes> {
  return new Promise((resolve, reject) => {
    waiting.push({ make, resolve, reject });
    pump();
  });
}
