/** Cuts the sound from a pipe into chunks of one length and places them in time by the log. */
import type { PcmChunk } from '../types.ts';
import { secondsFrom } from './frame-assembler.ts';
import type { LogLine } from './log.ts';

const INFO = /^n:(\d+) pts:(-?\d+|NOPTS) .*? rate:(\d+) nb_samples:(\d+)/;

/** Shorter gaps are rounding of the container (Matroska and FLV count milliseconds) or jitter of a muxer. */
const GAP_SECONDS = 0.05;

interface Anchor {
  /** Seconds of sound, counted in samples of the source, that came before. */
  readonly heard: number;
  /** Presentation time of that sample. */
  readonly time: number;
}

/** Receives bytes and log lines in any order and hands out chunks, in order. */
export class SoundAssembler {
  readonly #rate: number;
  readonly #log: string;
  readonly #start: number;
  readonly #length: number;
  readonly #emit: (chunk: PcmChunk) => void;
  readonly #anchors: Anchor[] = [];
  readonly #waiting: Float32Array[] = [];
  #heard = 0;
  #bytes: Uint8Array;
  #filled = 0;
  /** Samples handed out. */
  emittedCount = 0;
  readonly warnings: string[] = [];

  constructor(
    options: { readonly sampleRate: number; readonly log: string; readonly start: number; readonly length: number },
    emit: (chunk: PcmChunk) => void,
  ) {
    this.#rate = options.sampleRate;
    this.#log = options.log;
    this.#start = options.start;
    this.#length = options.length;
    this.#emit = emit;
    this.#bytes = new Uint8Array(options.length * 4);
  }

  data(chunk: Uint8Array): void {
    let from = 0;
    while (from < chunk.length) {
      const take = Math.min(chunk.length - from, this.#bytes.length - this.#filled);
      this.#bytes.set(chunk.subarray(from, from + take), this.#filled);
      this.#filled += take;
      from += take;
      if (this.#filled === this.#bytes.length) this.#cut(this.#length);
    }
  }

  #cut(samples: number): void {
    this.#waiting.push(new Float32Array(this.#bytes.buffer, 0, samples));
    this.#bytes = new Uint8Array(this.#length * 4);
    this.#filled = 0;
    this.#release(false);
  }

  line(line: LogLine): boolean {
    if (line.context !== this.#log) return false;
    const info = INFO.exec(line.text);
    if (info === null) return true;
    const rate = Number(info[3]);
    if (info[2] !== 'NOPTS') this.#anchor(secondsFrom(this.#start, [1, rate])(Number(info[2])));
    this.#heard += Number(info[4]) / rate;
    this.#release(false);
    return true;
  }

  /** A new anchor is set where the container's clock leaves the count of samples. */
  #anchor(time: number): void {
    const last = this.#anchors.at(-1);
    const expected = last === undefined ? null : last.time + this.#heard - last.heard;
    if (expected !== null && Math.abs(time - expected) < GAP_SECONDS) return;
    this.#anchors.push({ heard: this.#heard, time });
    if (expected === null || this.warnings.length >= 16) return;
    const jump = time - expected;
    this.warnings.push(
      jump > 0
        ? `The sound has a gap of ${jump.toFixed(3)} s at ${expected.toFixed(3)} s.`
        : `The sound overlaps itself by ${(-jump).toFixed(3)} s at ${expected.toFixed(3)} s.`,
    );
  }

  /** A chunk waits until the log has reached it, so that a gap before it is known. */
  #release(all: boolean): void {
    for (let samples = this.#waiting[0]; samples !== undefined; samples = this.#waiting[0]) {
      const at = this.emittedCount / this.#rate;
      if (!all && this.#heard <= at) return;
      this.#waiting.shift();
      this.emittedCount += samples.length;
      this.#emit({ time: this.#timeAt(at), sampleRate: this.#rate, samples });
    }
  }

  #timeAt(heard: number): number {
    let found: Anchor | undefined;
    for (const anchor of this.#anchors) if (anchor.heard <= heard + 1e-9) found = anchor;
    // The drift between anchors stays below the gap, so the earlier anchor serves until the next.
    return found === undefined ? heard : found.time + heard - found.heard;
  }

  /** Call when the process has ended: the last chunk is as long as what is left. */
  finish(): void {
    const samples = Math.floor(this.#filled / 4);
    if (samples > 0) this.#cut(samples);
    this.#release(true);
  }
}
