/** Waveforms, spectrograms and feature rows as tensors. */
import { VidimusError } from '../../contract/errors.ts';
import type { InputRule } from '../../contract/pack.ts';
import type { FloatTensor } from './tensor.ts';

const invalid = (sentence: string): VidimusError => new VidimusError('pack.invalid', sentence);

/** Gain that brings a window to the level the rule asks for; silence stays silence. */
function levelGain(samples: Float32Array, level: InputRule['normalizeLevel']): number {
  let peak = 0;
  let energy = 0;
  for (const x of samples) {
    peak = Math.max(peak, Math.abs(x));
    energy += x * x;
  }
  if (level === 'peak' && peak > 0) return 1 / peak;
  if (level === 'rms' && energy > 0) return 1 / Math.sqrt(energy / samples.length);
  return 1;
}

const first = (values: readonly number[], fallback: number): number => values[0] ?? fallback;

/**
 * Mono windows at the rule's rate as [N, samples] or [N, 1, samples]. Longer windows are cut after `samples`; shorter
 * ones are filled with zeros or, with `pad: repeat`, with themselves from the beginning.
 */
export function waveformTensor(windows: readonly Float32Array[], rule: InputRule): FloatTensor {
  const length = rule.samples ?? Math.max(0, ...windows.map((window) => window.length));
  if (windows.length === 0 || length === 0 || windows.some((window) => window.length === 0)) {
    throw new VidimusError('bug', 'A waveform without samples was given to make a tensor of.');
  }
  const mean = first(rule.mean, 0);
  const std = first(rule.std, 1);
  const data = new Float32Array(windows.length * length);
  windows.forEach((window, n) => {
    const gain = levelGain(window, rule.normalizeLevel) * rule.scale;
    for (let i = 0; i < length; i++) {
      const sample = i < window.length ? window[i] : rule.pad === 'repeat' ? window[i % window.length] : 0;
      data[n * length + i] = (sample * gain - mean) / std;
    }
  });
  if (rule.layout === 'NL') return { dims: [windows.length, length], data };
  if (rule.layout === 'NCL') return { dims: [windows.length, 1, length], data };
  throw invalid(`Sound cannot be laid out as ${rule.layout}.`);
}

/** A spectrogram: `bands` rows of `frames` values. */
export interface Spectrogram {
  readonly bands: number;
  readonly frames: number;
  readonly data: Float32Array | Float64Array;
}

/** Spectrograms as [N, 1, bands, frames] (`NCHL` or `NCHW`); cut or padded along time to the rule's `frames`. */
export function spectrogramTensor(items: readonly Spectrogram[], rule: InputRule): FloatTensor {
  const head = items[0];
  if (head === undefined) throw new VidimusError('bug', 'No spectrograms were given to make a tensor of.');
  if (rule.layout !== 'NCHL' && rule.layout !== 'NCHW')
    throw invalid(`Spectrograms cannot be laid out as ${rule.layout}.`);
  const frames = rule.frames ?? rule.width ?? head.frames;
  const { bands } = head;
  const mean = first(rule.mean, 0);
  const std = first(rule.std, 1);
  const data = new Float32Array(items.length * bands * frames);
  items.forEach((item, n) => {
    if (item.bands !== bands || item.frames === 0)
      throw new VidimusError('bug', 'Spectrograms of one batch differ in bands.');
    for (let b = 0; b < bands; b++) {
      const to = (n * bands + b) * frames;
      for (let t = 0; t < frames; t++) {
        const inside = t < item.frames;
        const value = inside || rule.pad === 'repeat' ? item.data[b * item.frames + (t % item.frames)] : 0;
        data[to + t] = inside || rule.pad === 'repeat' ? (value * rule.scale - mean) / std : 0;
      }
    }
  });
  return { dims: [items.length, 1, bands, frames], data };
}

/** Feature rows as [N, F]; mean and std per feature, or one for all. */
export function featureTensor(rows: readonly ArrayLike<number>[], rule: InputRule): FloatTensor {
  const width = rule.features?.length ?? rows[0]?.length ?? 0;
  if (rows.length === 0 || width === 0 || rows.some((row) => row.length !== width)) {
    throw new VidimusError('bug', `Feature rows must have ${width} values.`);
  }
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, n) => {
    for (let f = 0; f < width; f++) data[n * width + f] = normalise(row[f], f, rule);
  });
  return { dims: [rows.length, width], data };
}

/** Sequences of feature rows (landmarks over time) as [N, T, F]. */
export function sequenceTensor(items: readonly (readonly ArrayLike<number>[])[], rule: InputRule): FloatTensor {
  const frames = rule.frames ?? items[0]?.length ?? 0;
  if (items.length === 0 || items.some((rows) => rows.length !== frames)) {
    throw new VidimusError('bug', `A sequence must have ${frames} rows.`);
  }
  const flat = featureTensor(items.flat(), rule);
  return { dims: [items.length, frames, flat.dims[1]], data: flat.data };
}

function normalise(value: number, index: number, rule: InputRule): number {
  const mean = rule.mean.length === 1 ? rule.mean[0] : rule.mean[index];
  const std = rule.std.length === 1 ? rule.std[0] : rule.std[index];
  if (mean === undefined || std === undefined) throw invalid(`The manifest has no mean or std for feature ${index}.`);
  return (value * rule.scale - mean) / std;
}
