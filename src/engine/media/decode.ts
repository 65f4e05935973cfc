/** One forward pass over an exhibit: frames and sound from one ffmpeg, under back-pressure. */
import type { Readable } from 'node:stream';
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';
import type { Parameters } from '../../contract/words.ts';
import type { Frame, PcmChunk } from '../types.ts';
import { startFfmpeg } from './child.ts';
import type { DecodeCommand } from './decode-command.ts';
import { FrameAssembler } from './frame-assembler.ts';
import type { FrameIndex } from './frame-index.ts';
import { DamageLog, parseLogLine } from './log.ts';
import { SoundAssembler } from './sound-assembler.ts';
import type { Ffmpeg } from './tools.ts';
import { widePipe } from './wide-pipe.ts';

/** What a pass yields, in the order in which it arrives: roughly by time, and each kind in its own order. */
export type MediaItem =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'sound'; readonly chunk: PcmChunk };

/** What is known when a pass has ended. */
export interface DecodeReport {
  /** Frames that left the decoder, and how many of them were handed out. */
  readonly framesDecoded: number;
  readonly framesGiven: number;
  /** Samples of sound handed out. */
  readonly samplesGiven: number;
  /** Damage and oddities, as sentences for the examiner. */
  readonly warnings: readonly string[];
}

/**
 * A pass that is read once with `for await`. Leaving the loop, by whatever way, ends ffmpeg before the loop is left.
 *
 * Frames are the reader's own and may be kept; one that is given back with `recycle` is written over by a later
 * frame, which spares the allocation of its memory.
 *
 * The iteration rejects with evidence.no-content (nothing in it), evidence.damaged (nothing could be decoded),
 * evidence.timeout or cancelled.
 */
export interface Decoding extends AsyncIterable<MediaItem> {
  /** For `run.decode` of the result. */
  readonly parameters: Parameters;
  recycle(frame: Frame): void;
  /** Complete when the iteration has ended. */
  report(): DecodeReport;
}

export interface DecodeOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeLimitSeconds: number;
}

/** So much may wait for the reader before a pipe is held: a few frames, and some seconds of sound. */
const FRAMES_AHEAD = 4;
const CHUNKS_AHEAD = 16;

/** Runs a command made by decodeCommand. `start` is the container's start time in seconds. */
export function decodeMedia(
  tool: Ffmpeg,
  command: DecodeCommand,
  index: FrameIndex | null,
  start: number,
  options: DecodeOptions,
): Decoding {
  const pass = new Pass(tool, command, index, start, options);
  return {
    parameters: command.parameters,
    recycle: (frame) => pass.frames?.recycle(frame.data),
    report: () => pass.report(),
    [Symbol.asyncIterator]: () => pass.run(),
  };
}

class Pass {
  readonly #tool: Ffmpeg;
  readonly #command: DecodeCommand;
  readonly #options: DecodeOptions;
  readonly #damage: DamageLog;
  readonly #queue: MediaItem[] = [];
  readonly #extra: string[] = [];
  readonly frames: FrameAssembler | null;
  readonly #sound: SoundAssembler | null;
  #framesWaiting = 0;
  #chunksWaiting = 0;
  #framePipe: Readable | null = null;
  #soundPipe: Readable | null = null;
  #wake: (() => void) | null = null;
  #failure: unknown = null;
  #started = false;
  #closed = false;

  constructor(tool: Ffmpeg, command: DecodeCommand, index: FrameIndex | null, start: number, options: DecodeOptions) {
    this.#tool = tool;
    this.#command = command;
    this.#options = options;
    this.#damage = new DamageLog(command.path);
    const { video, sound } = command;
    this.frames =
      video === null
        ? null
        : new FrameAssembler(video, index, start, (frame) => {
            this.#framesWaiting++;
            this.#put({ kind: 'frame', frame });
          });
    this.#sound =
      sound === null
        ? null
        : new SoundAssembler({ sampleRate: sound.sampleRate, log: sound.log, start, length: sound.chunk }, (chunk) => {
            this.#chunksWaiting++;
            this.#put({ kind: 'sound', chunk });
          });
  }

  #put(item: MediaItem): void {
    this.#queue.push(item);
    if (this.#framesWaiting >= FRAMES_AHEAD) this.#framePipe?.pause();
    if (this.#chunksWaiting >= CHUNKS_AHEAD) this.#soundPipe?.pause();
    this.#wake?.();
  }

  #take(): MediaItem | undefined {
    const item = this.#queue.shift();
    if (item?.kind === 'frame' && --this.#framesWaiting < FRAMES_AHEAD) this.#framePipe?.resume();
    if (item?.kind === 'sound' && --this.#chunksWaiting < CHUNKS_AHEAD) this.#soundPipe?.resume();
    return item;
  }

  async *run(): AsyncGenerator<MediaItem, void, undefined> {
    if (this.#started) throw new VidimusError('bug', 'A decoding pass was read twice.');
    this.#started = true;
    throwIfCancelled(this.#options.signal);
    const both = this.frames !== null && this.#sound !== null;
    let kill = () => {};
    const takeFrames = (chunk: Uint8Array) => {
      if (!this.#closed) this.#guard(() => this.frames?.data(chunk), kill);
    };
    const wide = this.frames === null ? null : await widePipe(takeFrames);
    const child = startFfmpeg(this.#tool, this.#command.args, {
      ...this.#options,
      stdout: wide,
      pipes: both ? 1 : 0,
      onLine: (line) => this.#guard(() => this.#line(line), kill),
    });
    kill = child.kill;
    const [first, second] = child.outputs;
    this.#framePipe = this.frames === null ? null : (first ?? null);
    this.#soundPipe = this.#sound === null ? null : ((both ? second : first) ?? null);
    if (wide === null) this.#framePipe?.on('data', takeFrames);
    this.#soundPipe?.on('data', (chunk: Uint8Array) => this.#guard(() => this.#sound?.data(chunk), child.kill));
    let ended = false;
    let code: number | null = null;
    const exit = child.exit
      .then(
        (status) => {
          code = status;
        },
        (thrown: unknown) => {
          this.#failure ??= thrown;
        },
      )
      .then(() => {
        ended = true;
        this.#wake?.();
      });
    try {
      for (;;) {
        throwIfCancelled(this.#options.signal);
        if (this.#failure !== null) throw this.#failure;
        const item = this.#take();
        if (item !== undefined) yield item;
        else if (ended) break;
        else
          await new Promise<void>((wake) => {
            this.#wake = wake;
            if (ended || this.#queue.length > 0 || this.#failure !== null) wake();
          });
      }
      this.#finish(code);
      for (let item = this.#take(); item !== undefined; item = this.#take()) yield item;
      this.#judge();
    } finally {
      this.#closed = true;
      child.kill();
      // A paused pipe would keep the process from being closed.
      this.#framePipe?.removeAllListeners('data').resume();
      this.#soundPipe?.removeAllListeners('data').resume();
      await exit;
    }
  }

  /** What is thrown inside an event would end the whole engine; it belongs to the reader. */
  #guard(work: () => void, kill: () => void): void {
    try {
      work();
    } catch (thrown) {
      this.#failure ??= thrown;
      kill();
      this.#wake?.();
    }
  }

  #line(text: string): void {
    const line = parseLogLine(text);
    if (line === null) return;
    if (this.frames?.line(line) === true || this.#sound?.line(line) === true) return;
    this.#damage.add(line);
  }

  #finish(code: number | null): void {
    this.frames?.finish();
    this.#sound?.finish();
    if (code !== 0 && this.#damage.sentences().length === 0) {
      this.#extra.push(`The decoder stopped early (status ${code}): “${this.#damage.lastError}”.`);
    }
  }

  #judge(): void {
    const { framesGiven, samplesGiven } = this.report();
    if (framesGiven > 0 || samplesGiven > 0) {
      if (this.frames !== null && framesGiven === 0) this.#extra.push('No frame of the video could be decoded.');
      if (this.#sound !== null && samplesGiven === 0) this.#extra.push('The sound track holds no sound.');
      return;
    }
    const said = this.#damage.sentences();
    if (said.length === 0) {
      throw new VidimusError('evidence.no-content', 'The file holds no frame and no sound.');
    }
    throw new VidimusError('evidence.damaged', 'Nothing in the file could be decoded.', { detail: said.join('\n') });
  }

  report(): DecodeReport {
    return {
      framesDecoded: this.frames?.decodedCount ?? 0,
      framesGiven: this.frames?.emittedCount ?? 0,
      samplesGiven: this.#sound?.emittedCount ?? 0,
      warnings: [
        ...this.#damage.sentences(),
        ...(this.frames?.warnings ?? []),
        ...(this.#sound?.warnings ?? []),
        ...this.#extra,
      ],
    };
  }
}
