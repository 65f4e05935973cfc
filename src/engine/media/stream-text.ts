/** Reads ffmpeg's description of an input (`ffmpeg -i`). Values it does not print are null. */
import type { AudioStream, VideoStream } from '../../contract/result.ts';
import type { LogLine } from './log.ts';

/** What ffmpeg printed about an input. */
export interface InputText {
  readonly found: boolean;
  /** Seconds; null where the container does not say. */
  readonly duration: number | null;
  /** Presentation time in seconds at which the file starts; players show it as zero. */
  readonly start: number;
  readonly streams: readonly (VideoStream | AudioStream)[];
  readonly otherStreams: readonly { readonly index: number; readonly kind: string }[];
  /** A text in the file imitates a description of a stream. */
  readonly forged: boolean;
}

const STREAM = /^ {2}Stream #0:(\d+)(?:\[0x[0-9a-f]+\])?(?:\([^)]*\))?: (\w+): (.*)$/;
const DURATION = /^ {2}Duration: ([\d:.]+|N\/A)(?:, start: (-?[\d.]+))?/;
const ROTATION = /^ {6,}displaymatrix: rotation of (-?[\d.]+) degrees/;

/** Collects lines of the log until the description is complete. */
export class InputTextReader {
  #found = false;
  #duration: number | null = null;
  #start = 0;
  #forged = false;
  readonly #streams = new Map<number, VideoStream | AudioStream>();
  readonly #others = new Map<number, string>();
  #current: number | null = null;

  add(line: LogLine): void {
    if (line.context !== null || line.level !== 'info') return;
    if (line.text.startsWith('Input #0, ')) this.#found = true;
    if (!this.#found) return;
    const duration = DURATION.exec(line.text);
    if (duration !== null) {
      this.#duration = clockSeconds(duration[1] ?? '');
      this.#start = Number(duration[2] ?? 0);
    }
    const stream = STREAM.exec(line.text);
    if (stream !== null) this.#stream(Number(stream[1]), stream[2] ?? '', stream[3] ?? '');
    const rotation = ROTATION.exec(line.text);
    if (rotation !== null) this.#rotate(Number(rotation[1]));
  }

  #stream(index: number, kind: string, text: string): void {
    // Texts of the file are printed before the streams they belong to, so of two descriptions the later is ffmpeg's.
    if (this.#streams.delete(index) || this.#others.delete(index)) this.#forged = true;
    this.#current = index;
    const parsed = kind === 'Video' ? videoStream(index, text) : kind === 'Audio' ? audioStream(index, text) : null;
    if (parsed === null) this.#others.set(index, kind.toLowerCase());
    else this.#streams.set(index, parsed);
  }

  /** ffmpeg prints the angle of the matrix, anticlockwise; shown upright the picture is turned clockwise by it. */
  #rotate(degrees: number): void {
    const stream = this.#current === null ? undefined : this.#streams.get(this.#current);
    if (stream?.kind !== 'video') return;
    const clockwise = (((-degrees % 360) + 360) % 360) + 0;
    this.#streams.set(stream.index, { ...stream, rotation: Math.round(clockwise * 100) / 100 });
  }

  result(): InputText {
    return {
      found: this.#found,
      duration: this.#duration,
      start: this.#start,
      streams: [...this.#streams.values()].sort((a, b) => a.index - b.index),
      otherStreams: [...this.#others].map(([index, kind]) => ({ index, kind })),
      forged: this.#forged,
    };
  }
}

function clockSeconds(text: string): number | null {
  const parts = text.split(':').map(Number);
  if (parts.length !== 3 || parts.some(Number.isNaN)) return null;
  return (parts[0] ?? 0) * 3600 + (parts[1] ?? 0) * 60 + (parts[2] ?? 0);
}

/** Splits at commas outside of brackets. */
function fields(text: string): string[] {
  const out: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '(' || c === '[') depth++;
    else if (c === ')' || c === ']') depth--;
    else if (c === ',' && depth === 0) {
      out.push(text.slice(from, i).trim());
      from = i + 1;
    }
  }
  out.push(text.slice(from).trim());
  return out;
}

/** `h264 (High) (avc1 / 0x31637661)` -> codec and profile; the bracket with the four-character code is no profile. */
function codecOf(field: string): { codec: string; profile: string | null } {
  const codec = /^\S+/.exec(field)?.[0] ?? 'unknown';
  const brackets = [...field.matchAll(/\(([^()]*)\)/g)].map((match) => match[1] ?? '');
  return { codec, profile: brackets.find((inner) => !inner.includes(' / 0x') && inner !== 'native') ?? null };
}

function kilobits(all: readonly string[]): number | null {
  for (const field of all) {
    const match = /^(\d+) kb\/s/.exec(field);
    if (match !== null) return Number(match[1]) * 1000;
  }
  return null;
}

function videoStream(index: number, text: string): VideoStream | null {
  const all = fields(text);
  const at = all.findIndex((field, i) => i > 0 && /^\d+x\d+(\s|$)/.test(field));
  const size = at < 0 ? null : /^(\d+)x(\d+)/.exec(all[at] ?? '');
  const width = Number(size?.[1] ?? 0);
  const height = Number(size?.[2] ?? 0);
  if (width === 0 || height === 0) return null;
  const pixel = at > 1 ? /^([\w-]+)(?:\((.*)\))?$/.exec(all[at - 1] ?? '') : null;
  const inner = (pixel?.[2] ?? '').split(',').map((part) => part.trim());
  const range = inner.includes('tv') ? 'limited' : inner.includes('pc') ? 'full' : null;
  const space = inner.find(
    (part) => !['tv', 'pc', '', 'progressive'].includes(part) && !/ first$|^\d+ bpc$/.test(part),
  );
  return {
    kind: 'video',
    index,
    ...codecOf(all[0] ?? ''),
    width,
    height,
    pixelFormat: pixel?.[1] ?? null,
    frameRate: rate(all, 'fps') ?? rate(all, 'tbr'),
    variableFrameRate: null,
    rotation: 0,
    duration: null,
    bitRate: kilobits(all),
    colorSpace: space ?? null,
    colorRange: range,
    attachedPicture: text.includes('(attached pic)'),
  };
}

function rate(all: readonly string[], unit: string): number | null {
  for (const field of all) {
    const match = new RegExp(`^([\\d.]+)(k?) ${unit}`).exec(field);
    if (match !== null) return Number(match[1]) * (match[2] === 'k' ? 1000 : 1) || null;
  }
  return null;
}

const LAYOUT_CHANNELS: Readonly<Record<string, number>> = {
  mono: 1,
  stereo: 2,
  downmix: 2,
  quad: 4,
  hexagonal: 6,
  octagonal: 8,
  hexadecagonal: 16,
  cube: 8,
};

function audioStream(index: number, text: string): AudioStream | null {
  const all = fields(text);
  const at = all.findIndex((field) => /^\d+ Hz/.test(field));
  const sampleRate = Number(/^\d+/.exec(all[at] ?? '')?.[0] ?? 0);
  const layout = at < 0 ? '' : (all[at + 1] ?? '');
  const channels = channelsOf(layout);
  if (sampleRate === 0 || channels === 0) return null;
  return {
    kind: 'audio',
    index,
    codec: codecOf(all[0] ?? '').codec,
    sampleRate,
    channels,
    layout: layout === '' ? null : layout,
    sampleFormat: /^\w+/.exec(all[at + 2] ?? '')?.[0] ?? null,
    duration: null,
    bitRate: kilobits(all),
  };
}

/** `5.1(side)`, `stereo`, `8 channels (FL+FR…)` -> number of channels; 0 where it cannot be told. */
export function channelsOf(layout: string): number {
  const counted = /^(\d+) channels?/.exec(layout);
  if (counted !== null) return Number(counted[1]);
  const dotted = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(layout);
  if (dotted !== null) return Number(dotted[1]) + Number(dotted[2]) + Number(dotted[3] ?? 0);
  const name = /^\w+/.exec(layout)?.[0] ?? '';
  if (name in LAYOUT_CHANNELS) return LAYOUT_CHANNELS[name] ?? 0;
  return layout.includes('+') ? layout.split('+').length : 0;
}
