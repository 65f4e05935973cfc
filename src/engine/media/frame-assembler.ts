/** Puts raw frames from a pipe and time stamps from the log together. Memory is one frame plus what is waiting. */
import { VidimusError } from '../../contract/errors.ts';
import type { Frame } from '../types.ts';
import type { DecodeCommand } from './decode-command.ts';
import { type FrameIndex, rank } from './frame-index.ts';
import { type LogLine, printable } from './log.ts';

/** Converts ticks of a container to seconds from its start, exactly where the start is a whole number of ticks. */
export function secondsFrom(start: number, timeBase: readonly [number, number]): (ticks: number) => number {
  const [numerator, denominator] = timeBase;
  const ticks = Math.round((start * denominator) / numerator);
  // ffmpeg prints the start to the microsecond.
  const whole = Math.abs((ticks * numerator) / denominator - start) <= 1e-6;
  return whole ? (pts) => ((pts - ticks) * numerator) / denominator : (pts) => (pts * numerator) / denominator - start;
}

interface Stamp {
  /** Number in the source; -1 until it is known. */
  readonly index: number;
  readonly pts: number | null;
  readonly key: boolean;
}

const INFO = /^n: *(\d+) pts: *(-?\d+|NOPTS) .*? s:(\d+)x(\d+) .*?iskey:(\d)/;
const CONFIG = /^config in time_base: (\d+)\/(\d+)/;

/** Receives bytes and log lines in any order and hands out whole frames, in order. */
export class FrameAssembler {
  readonly #plan: NonNullable<DecodeCommand['video']>;
  readonly #index: FrameIndex | null;
  readonly #start: number;
  readonly #bytes: number;
  readonly #emit: (frame: Frame) => void;
  readonly #spare: Uint8Array[] = [];
  readonly #decoded: Stamp[] = [];
  readonly #picked: Stamp[] = [];
  readonly #raw: Uint8Array[] = [];
  #buffer: Uint8Array | null = null;
  #filled = 0;
  #toSeconds: (ticks: number) => number;
  #lastTime = Number.NEGATIVE_INFINITY;
  #size = '';
  /** Frames that left the decoder, picked or not. */
  decodedCount = 0;
  /** Frames handed out. */
  emittedCount = 0;
  readonly warnings: string[] = [];

  constructor(
    plan: NonNullable<DecodeCommand['video']>,
    index: FrameIndex | null,
    start: number,
    emit: (frame: Frame) => void,
  ) {
    this.#plan = plan;
    this.#index = index;
    this.#start = start;
    this.#emit = emit;
    this.#bytes = plan.geometry.width * plan.geometry.height * 3;
    this.#toSeconds = secondsFrom(start, index?.timeBase ?? [1, 1000]);
  }

  /** Gives a frame's memory back for the next one. */
  recycle(data: Uint8Array): void {
    if (data.length === this.#bytes && this.#spare.length < 16) this.#spare.push(data);
  }

  data(chunk: Uint8Array): void {
    let from = 0;
    while (from < chunk.length) {
      // Fresh memory is not cleared: every byte is overwritten before a frame is handed out.
      this.#buffer ??= this.#spare.pop() ?? new Uint8Array(Buffer.allocUnsafeSlow(this.#bytes).buffer);
      const take = Math.min(chunk.length - from, this.#bytes - this.#filled);
      this.#buffer.set(take === chunk.length ? chunk : chunk.subarray(from, from + take), this.#filled);
      this.#filled += take;
      from += take;
      if (this.#filled === this.#bytes) {
        this.#raw.push(this.#buffer);
        this.#buffer = null;
        this.#filled = 0;
        this.#match();
      }
    }
  }

  /** Takes a line that one of our two filters wrote; false where it is another's. */
  line(line: LogLine): boolean {
    if (line.context !== this.#plan.all && line.context !== this.#plan.picked) return false;
    const info = INFO.exec(line.text);
    if (info !== null) {
      const pts = info[2] === 'NOPTS' ? null : Number(info[2]);
      if (line.context === this.#plan.all) this.#sawDecoded(pts, info[5] === '1', `${info[3]}x${info[4]}`);
      else this.#sawPicked(pts);
      return true;
    }
    const base = CONFIG.exec(line.text);
    if (base !== null) this.#toSeconds = secondsFrom(this.#start, [Number(base[1]), Number(base[2])]);
    return true;
  }

  #sawDecoded(pts: number | null, key: boolean, size: string): void {
    const index = this.#plan.keyOnly ? this.#indexOf(pts) : this.decodedCount;
    this.decodedCount++;
    if (this.#size !== '' && size !== this.#size && this.warnings.length < 16) {
      this.warnings.push(
        `The size of the picture changes from ${this.#size} to ${printable(size)} at frame ${index}; ` +
          'later frames were scaled to the first size.',
      );
    }
    this.#size = size;
    (this.#plan.picked === null ? this.#picked : this.#decoded).push({ index, pts, key });
    if (this.#plan.picked === null) this.#match();
  }

  /** The picked frame is the oldest decoded one with its time stamp; those before it were passed over. */
  #sawPicked(pts: number | null): void {
    for (let stamp = this.#decoded.shift(); stamp !== undefined; stamp = this.#decoded.shift()) {
      if (stamp.pts !== pts) continue;
      this.#picked.push(stamp);
      this.#match();
      return;
    }
    throw new VidimusError('bug', `A frame with the time stamp ${pts} was picked but never decoded.`);
  }

  #indexOf(pts: number | null): number {
    const times = this.#index?.times ?? null;
    return times === null || pts === null ? this.decodedCount : rank(times, pts);
  }

  #match(): void {
    while (this.#raw.length > 0 && this.#picked.length > 0) {
      const data = this.#raw.shift();
      const stamp = this.#picked.shift();
      if (data === undefined || stamp === undefined) return;
      const { width, height } = this.#plan.geometry;
      this.emittedCount++;
      this.#emit({ width, height, data, index: stamp.index, time: this.#time(stamp), key: stamp.key });
    }
  }

  /** A frame without a time stamp is placed after its predecessor by the frame rate, and that is said. */
  #time(stamp: Stamp): number {
    let time = stamp.pts === null ? Number.NaN : this.#toSeconds(stamp.pts);
    if (Number.isNaN(time)) {
      const rate = this.#plan.stream.frameRate ?? 25;
      time = Number.isFinite(this.#lastTime) ? this.#lastTime + 1 / rate : stamp.index / rate;
      this.#once('Frames carry no time stamp; their times were derived from the frame rate.');
    }
    if (time < this.#lastTime) this.#once(`Time stamps run backwards at frame ${stamp.index}.`);
    this.#lastTime = time;
    return time;
  }

  #once(warning: string): void {
    if (!this.warnings.some((known) => known.slice(0, 24) === warning.slice(0, 24))) this.warnings.push(warning);
  }

  /** Call when the process has ended: what is left over is told. */
  finish(): void {
    if (this.#filled > 0) this.warnings.push('The last frame is incomplete and was left out.');
    if (this.#raw.length !== this.#picked.length && this.#raw.length > 0) {
      throw new VidimusError('bug', `${this.#raw.length} frames arrived without their time stamps.`);
    }
    const expected = this.#plan.keyOnly ? null : (this.#index?.count ?? null);
    if (expected !== null && expected !== this.decodedCount) {
      this.warnings.push(`The container announces ${expected} frames; ${this.decodedCount} could be decoded.`);
    }
  }
}
