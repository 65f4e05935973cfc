/** Reads WAV and NPY fixtures and makes sound by rule, for the tests of the sound methods. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A mono signal with its rate. */
export interface Sound {
  readonly sampleRate: number;
  readonly samples: Float32Array;
}

/** 16-bit PCM WAV, mixed to mono. */
export function readWav(path: string): Sound {
  const bytes = readFileSync(path);
  let at = 12;
  let channels = 1;
  let sampleRate = 0;
  while (at + 8 <= bytes.length) {
    const id = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    if (id === 'fmt ') {
      channels = bytes.readUInt16LE(at + 10);
      sampleRate = bytes.readUInt32LE(at + 12);
    } else if (id === 'data') {
      // A writer to a pipe leaves an impossible size in the header.
      const available = Math.min(size, bytes.length - at - 8);
      const samples = new Float32Array(Math.floor(available / (2 * channels)));
      for (let i = 0; i < samples.length; i++) {
        let sum = 0;
        for (let c = 0; c < channels; c++) sum += bytes.readInt16LE(at + 8 + 2 * (i * channels + c));
        samples[i] = sum / channels / 32768;
      }
      return { sampleRate, samples };
    }
    at += 8 + size + (size & 1);
  }
  throw new Error(`${path} holds no data chunk`);
}

/** Float32 array of a version 1 NPY file, C order. */
export function readNpy(path: string): { shape: number[]; data: Float32Array } {
  const bytes = readFileSync(path);
  const header = bytes.toString('latin1', 10, 10 + bytes.readUInt16LE(8));
  if (!header.includes("'<f4'") || !header.includes("'fortran_order': False")) throw new Error(`unexpected ${header}`);
  const shape = (/\(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((s) => s.trim() !== '')
    .map(Number);
  const body = bytes.subarray(10 + bytes.readUInt16LE(8));
  return { shape, data: new Float32Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.length)) };
}

/** Path of an ffmpeg that runs, or null with the reason on stderr. */
export function ffmpegPath(): string | null {
  const path = process.env['FFMPEG_BIN'] ?? 'ffmpeg';
  try {
    execFileSync(path, ['-hide_banner', '-version'], { stdio: 'ignore' });
    return path;
  } catch {
    console.warn('skipped: no ffmpeg at hand (set FFMPEG_BIN)');
    return null;
  }
}

/** Decodes a file to mono float32; with `sampleRate` it is resampled by soxr. */
export function decode(ffmpeg: string, path: string, sampleRate?: number): Float32Array {
  const rate =
    sampleRate === undefined ? [] : ['-af', 'aresample=resampler=soxr:precision=28', '-ar', String(sampleRate)];
  const out = execFileSync(
    ffmpeg,
    ['-hide_banner', '-v', 'error', '-i', path, ...rate, '-ac', '1', '-f', 'f32le', '-'],
    { maxBuffer: 1 << 28 },
  );
  return new Float32Array(out.buffer.slice(out.byteOffset, out.byteOffset + out.length));
}

/** First `length` samples, zero padded. */
export function padTo(samples: Float32Array, length: number): Float32Array {
  const out = new Float32Array(length);
  out.set(samples.subarray(0, length));
  return out;
}

/** Seeded normal noise (mulberry32 and Box-Muller). */
export function gaussian(seed: number): () => number {
  const uniform = random(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Seeded uniform numbers in [0, 1). */
export function random(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
