import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collect } from '../helpers/collect.ts';
import { GOLDEN } from '../helpers/shared.ts';

/** Samples of a 16 bit mono WAV with a plain header, scaled as librosa and soundfile do. */
function wav16(path: string): Float32Array {
  const bytes = readFileSync(path);
  const from = bytes.indexOf('data') + 8;
  const out = new Float32Array((bytes.length - from) >> 1);
  for (let i = 0; i < out.length; i++) out[i] = bytes.readInt16LE(from + i * 2) / 32768;
  return out;
}

describe('sound at its own rate', () => {
  it.each(['espeak-en-gb', 'espeak-de', 'espeak-fr'])('%s at 16 kHz comes out sample by sample', async (name) => {
    const path = join(GOLDEN, 'audio', `${name}-16k.wav`);
    const { samples, chunks } = await collect(path, { sound: { sampleRate: 16000 } });
    expect(Buffer.from(samples.buffer).equals(Buffer.from(wav16(path).buffer))).toBe(true);
    // Chunks are half a second each and say where they lie.
    expect(chunks[1]).toMatchObject({ time: 0.5, sampleRate: 16000 });
    expect(chunks.slice(0, -1).every((chunk) => chunk.samples.length === 8000)).toBe(true);
  });
});

describe('resampling', () => {
  it('gives the length and level of the reference (soxr at high quality)', async () => {
    const { samples, pass } = await collect(join(GOLDEN, 'audio/espeak-de.wav'), { sound: { sampleRate: 16000 } });
    const reference = wav16(join(GOLDEN, 'audio/espeak-de-16k.wav'));
    expect(Math.abs(samples.length - reference.length)).toBeLessThanOrEqual(1);
    let worst = 0;
    for (let i = 0; i < Math.min(samples.length, reference.length); i++) {
      worst = Math.max(worst, Math.abs(samples[i] - reference[i]));
    }
    expect(pass.parameters['resampler']).toContain('from 22050 Hz');
    // soxr in ffmpeg and in librosa are the same numbers, so only the rounding of the reference to 16 bits is left.
    // ffmpeg's own resampler, where a build lacks soxr, cuts off elsewhere.
    expect(worst).toBeLessThan(String(pass.parameters['resampler']).startsWith('soxr') ? 1.01 / 32768 : 0.01);
  });
});
