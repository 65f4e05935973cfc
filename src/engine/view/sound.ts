/** Sound for the eye: kept once as samples in a file, then drawn for whatever range is in view. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import type { WindowShape } from '../../contract/apiEvidence.ts';
import { VidimusError } from '../../contract/errors.ts';
import type { EngineArgs, EngineResult } from '../protocol.ts';
import { hzToMel, melToHz } from '../signals/sound/mel.ts';
import { PowerSpectrum } from '../signals/sound/spectrum.ts';
import { openForViewing } from './opened.ts';

/** Writes the sound of an exhibit, mixed to one channel, at its own rate. @throws VidimusError evidence.*, output.failed */
export async function viewSound(
  { path, limits, out }: EngineArgs<'view.sound'>,
  signal: AbortSignal,
): Promise<EngineResult<'view.sound'>> {
  const media = await openForViewing(path, limits, signal);
  if (media.audio === null) throw new VidimusError('evidence.no-content', `“${media.evidence.name}” has no sound.`);
  const { sampleRate } = media.audio;
  const part = `${out}.part`;
  const file = createWriteStream(part);
  let samples = 0;
  try {
    for await (const item of media.decode({ frames: null, sound: { sampleRate } }, { signal })) {
      if (item.kind !== 'sound') continue;
      const { buffer, byteOffset, byteLength, length } = item.chunk.samples;
      samples += length;
      if (!file.write(Buffer.from(buffer, byteOffset, byteLength))) await once(file, 'drain');
    }
    file.end();
    await finished(file);
    await rename(part, out);
  } catch (thrown) {
    file.destroy();
    await rm(part, { force: true });
    if (thrown instanceof VidimusError) throw thrown;
    throw new VidimusError('output.failed', `Sound could not be kept in ${out}.`, { cause: thrown });
  }
  return { sampleRate, samples };
}

/** Samples `from` to `to` (exclusive) of a kept file; beyond its end there are none. */
async function readSamples(file: string, from: number, to: number): Promise<Float32Array> {
  const handle = await open(file, 'r');
  try {
    const total = Math.floor((await handle.stat()).size / 4);
    const first = Math.min(total, Math.max(0, from));
    const length = Math.max(0, Math.min(total, to) - first);
    const samples = new Float32Array(length);
    const bytes = new Uint8Array(samples.buffer);
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await handle.read(bytes, done, bytes.length - done, first * 4 + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return samples;
  } finally {
    await handle.close();
  }
}

/** Samples read at a time, so that hours of sound do not lie in memory at once. */
const BLOCK = 1 << 20;

/** Lowest and highest sample per part of the range. */
export async function viewWaveform({
  sound,
  from,
  to,
  points,
}: EngineArgs<'view.waveform'>): Promise<EngineResult<'view.waveform'>> {
  const start = Math.round(from * sound.sampleRate);
  const end = Math.max(start + 1, Math.round(to * sound.sampleRate));
  const min = new Array<number>(points).fill(0);
  const max = new Array<number>(points).fill(0);
  const seen = new Uint8Array(points);
  for (let at = start; at < end; at += BLOCK) {
    const samples = await readSamples(sound.file, at, Math.min(end, at + BLOCK));
    for (let i = 0; i < samples.length; i++) {
      const p = Math.min(points - 1, Math.floor(((at - start + i) * points) / (end - start)));
      const v = samples[i];
      if (seen[p] === 0) {
        min[p] = v;
        max[p] = v;
        seen[p] = 1;
      } else if (v < min[p]) min[p] = v;
      else if (v > max[p]) max[p] = v;
    }
    if (samples.length === 0) break;
  }
  return { from, to, min, max };
}

/** Window of `n` points, periodic, by its name (Harris, Proc. IEEE 66, 1978). */
function windowOf(shape: WindowShape, n: number): Float64Array {
  const [a, b, c] = shape === 'hann' ? [0.5, 0.5, 0] : shape === 'hamming' ? [0.54, 0.46, 0] : [0.42, 0.5, 0.08];
  return Float64Array.from(
    { length: n },
    (_, i) => a - b * Math.cos((2 * Math.PI * i) / n) + c * Math.cos((4 * Math.PI * i) / n),
  );
}

/** Lowest frequency of a logarithmic scale, Hz. */
const LOG_FROM = 20;

/** Centres of `rows` rows between 0 (or 20 Hz where logarithmic) and half the sample rate. */
function centres(scale: 'linear' | 'mel' | 'log', rows: number, sampleRate: number): number[] {
  const top = sampleRate / 2;
  return Array.from({ length: rows }, (_, r) => {
    const t = (r + 0.5) / rows;
    if (scale === 'linear') return t * top;
    if (scale === 'log') return LOG_FROM * (top / LOG_FROM) ** t;
    return melToHz(t * hzToMel(top, 'slaney'), 'slaney');
  });
}

/** Quietest level that is told apart, dB. */
const FLOOR_DB = -160;

/**
 * Short-time spectrum in dB re a full-scale sine. A row shows the mean power of the bins it covers, or the bin nearest
 * to its centre where it covers none. Columns are frames centred at equal steps of time.
 */
export async function viewSpectrogram({
  sound,
  wish,
}: EngineArgs<'view.spectrogram'>): Promise<EngineResult<'view.spectrogram'>> {
  const { sampleRate, file } = sound;
  const { scale, window: shape, size, columns, rows } = wish;
  const span = Math.max(1 / sampleRate, wish.to - wish.from);
  const count = Math.max(1, Math.min(columns, Math.ceil((span * sampleRate) / 32)));
  const step = span / count;
  const window = windowOf(shape, size);
  const spectrum = new PowerSpectrum(size, window);
  const power = new Float64Array(spectrum.bins);
  const gain = window.reduce((sum, w) => sum + w, 0) / 2;
  const frequencies = centres(scale, rows, sampleRate);
  const edges = Array.from({ length: rows + 1 }, (_, r) => {
    const below = frequencies[Math.max(0, r - 1)];
    const above = frequencies[Math.min(rows - 1, r)];
    return (r === 0 ? 0 : r === rows ? sampleRate / 2 : (below + above) / 2) * (size / sampleRate);
  });
  const db = new Float32Array(count * rows);
  const perBlock = Math.max(1, Math.floor(BLOCK / Math.max(1, step * sampleRate)));
  for (let begin = 0; begin < count; begin += perBlock) {
    const until = Math.min(count, begin + perBlock);
    const at = (column: number): number => Math.round((wish.from + (column + 0.5) * step) * sampleRate - size / 2);
    const first = at(begin);
    const samples = await readSamples(file, first, at(until - 1) + size);
    // A range that starts before the file has zeros in front, which `compute` supplies for negative offsets.
    const skipped = Math.max(0, -first);
    for (let column = begin; column < until; column++) {
      spectrum.compute(samples, at(column) - first - skipped, power);
      for (let r = 0; r < rows; r++) {
        const low = Math.ceil(edges[r]);
        const high = Math.ceil(edges[r + 1]);
        let sum = 0;
        for (let k = low; k < high && k < power.length; k++) sum += power[k];
        const mean =
          high > low
            ? sum / (high - low)
            : power[Math.min(power.length - 1, Math.round((frequencies[r] * size) / sampleRate))];
        db[column * rows + r] = Math.max(FLOOR_DB, 10 * Math.log10(mean / (gain * gain) + 1e-30));
      }
    }
  }
  return {
    from: wish.from,
    to: wish.to,
    step,
    columns: count,
    rows,
    sampleRate,
    frequencies,
    db: Buffer.from(db.buffer).toString('base64'),
  };
}
