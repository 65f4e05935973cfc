/**
 * The packets of a video stream, read without decoding: how many frames there are, when each is shown, which are
 * key frames. Costs about one read of the file.
 */
import { throwIfCancelled } from '../../contract/errors.ts';
import { runFfmpeg } from './child.ts';
import { DamageLog, parseLogLine } from './log.ts';
import { type Ffmpeg, inputArguments } from './tools.ts';

/** Frames in the order in which they are shown. Times are ticks of `timeBase` seconds, as the container has them. */
export interface FrameIndex {
  /** Number of frames that will be shown. */
  readonly count: number;
  readonly timeBase: readonly [number, number];
  /** Presentation times, rising, length `count`; null where the container gives none (AVI with B-frames). */
  readonly times: Float64Array | null;
  /** Numbers of the key frames, rising; without times in the order of decoding. */
  readonly keyFrames: readonly number[];
  /** Mean rate in frames per second; null below two frames. */
  readonly frameRate: number | null;
  /** Whether frames leave a constant rate by more than the container's rounding to ticks and 1 % of a frame. */
  readonly variable: boolean;
  readonly warnings: readonly string[];
}

const AV_PKT_FLAG_KEY = 1;
const AV_PKT_FLAG_DISCARD = 4;

/**
 * @returns null where no packet could be read.
 * @throws VidimusError cancelled, evidence.timeout
 */
export async function readFrameIndex(
  tool: Ffmpeg,
  path: string,
  demuxer: string,
  stream: number,
  options: { readonly signal?: AbortSignal | undefined; readonly timeLimitSeconds: number },
): Promise<FrameIndex | null> {
  const damage = new DamageLog(path);
  const packets = new Packets();
  const args = [
    ['-copyts', ...inputArguments(path, demuxer, null)],
    ['-map', `0:${stream}`, '-c', 'copy', '-copyinkf', '-avoid_negative_ts', 'disabled'],
    ['-f', 'framecrc', 'pipe:1'],
  ].flat();
  await runFfmpeg(tool, args, {
    ...options,
    onLine: (line) => {
      const parsed = parseLogLine(line);
      if (parsed !== null) damage.add(parsed);
    },
    onData: (chunk) => packets.feed(chunk),
  });
  throwIfCancelled(options.signal);
  return packets.finish(damage.sentences());
}

/** Reads the text of ffmpeg's framecrc muxer: `stream, dts, pts, duration, size, crc[, F=0x…]`. */
class Packets {
  #rest = '';
  #timeBase: [number, number] | null = null;
  #times = new Float64Array(1024);
  readonly #keys: number[] = [];
  readonly #keyPositions: number[] = [];
  #count = 0;
  #unset = false;

  feed(chunk: Uint8Array): void {
    const text = this.#rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.#line(text.slice(from, end));
      from = end + 1;
    }
    this.#rest = text.slice(from);
  }

  #line(line: string): void {
    if (line.startsWith('#')) {
      const base = /^#tb 0: (\d+)\/(\d+)/.exec(line);
      if (base !== null) this.#timeBase = [Number(base[1]), Number(base[2])];
      return;
    }
    const parts = line.split(',');
    if (parts.length < 6) return;
    const pts = Number(parts[2]);
    const flags = /F=0x([0-9A-Fa-f]+)/.exec(line);
    const flag = flags === null ? AV_PKT_FLAG_KEY : Number.parseInt(flags[1] ?? '0', 16);
    if ((flag & AV_PKT_FLAG_DISCARD) !== 0) return;
    if ((flag & AV_PKT_FLAG_KEY) !== 0) {
      this.#keys.push(pts);
      this.#keyPositions.push(this.#count);
    }
    // framecrc prints an unset time as the smallest 64 bit number, later releases as NOPTS.
    if (!Number.isFinite(pts) || pts < -9e18) this.#unset = true;
    if (this.#count === this.#times.length) {
      const larger = new Float64Array(this.#times.length * 2);
      larger.set(this.#times);
      this.#times = larger;
    }
    this.#times[this.#count++] = pts;
  }

  finish(warnings: string[]): FrameIndex | null {
    if (this.#rest !== '') this.#line(this.#rest);
    const timeBase = this.#timeBase;
    if (this.#count === 0 || timeBase === null) return null;
    if (this.#unset) {
      return {
        count: this.#count,
        timeBase,
        times: null,
        keyFrames: this.#keyPositions,
        frameRate: null,
        variable: false,
        warnings,
      };
    }
    const times = this.#times.slice(0, this.#count).sort();
    const ticks = (times[times.length - 1] ?? 0) - (times[0] ?? 0);
    return {
      count: times.length,
      timeBase,
      times,
      keyFrames: this.#keys.map((pts) => rank(times, pts)).sort((a, b) => a - b),
      frameRate: ticks > 0 ? ((times.length - 1) * timeBase[1]) / (ticks * timeBase[0]) : null,
      variable: isVariable(times),
      warnings,
    };
  }
}

/** Position of the first time that is not below `value` in a rising array. */
export function rank(times: Float64Array, value: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Containers round to their ticks (Matroska: 1 ms), so a constant rate is a straight line to within a tick. Where a
 * tick is about a frame (AVI) nothing is rounded, and a step of one tick is a frame left out.
 */
function isVariable(times: Float64Array): boolean {
  if (times.length < 3) return false;
  const mean = (times[times.length - 1] - times[0]) / (times.length - 1);
  const tolerance = Math.max(mean >= 4 ? 1 : 0.5, mean * 0.01);
  for (let i = 1; i < times.length; i++) {
    if (Math.abs(times[i] - times[0] - i * mean) > tolerance) return true;
  }
  return false;
}
