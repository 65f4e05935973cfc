/** Calls of the engine for looking at an exhibit: evidence is decoded in the engine's process and nowhere else. */
import * as z from 'zod';
import { EvidenceView, Spectrogram, SpectrogramWish, Waveform } from './apiEvidence.ts';
import { Plan } from './result.ts';

const Limits = Plan.pick({ maxPixels: true, timeLimitSeconds: true });
const File = z.string().min(1);
/** Mono sound of an exhibit at its own rate, as 32-bit floats of this machine in a file of ours. */
const Sound = z.strictObject({ file: File, sampleRate: z.int().positive() });

export const VIEW_METHODS = {
  'view.open': {
    args: z.strictObject({ path: File, limits: Limits }),
    result: EvidenceView.omit({ id: true }),
  },
  /** Writes frames `from` to `from + count - 1` as `<index>.png` into `out`; answers those that exist. */
  'view.frames': {
    args: z.strictObject({
      path: File,
      limits: Limits,
      from: z.int().nonnegative(),
      count: z.int().positive().max(64),
      /** Longer side at most; null: the exhibit's own size. */
      maxSide: z.int().min(16).max(8192).nullable(),
      out: File,
    }),
    result: z.array(z.strictObject({ index: z.int().nonnegative(), time: z.number() })),
  },
  'view.sound': {
    args: z.strictObject({ path: File, limits: Limits, out: File }),
    result: z.strictObject({ sampleRate: z.int().positive(), samples: z.int().nonnegative() }),
  },
  'view.waveform': {
    args: z.strictObject({
      sound: Sound,
      from: z.number().nonnegative(),
      to: z.number().positive(),
      points: z.int().positive().max(20_000),
    }),
    result: Waveform,
  },
  'view.spectrogram': { args: z.strictObject({ sound: Sound, wish: SpectrogramWish }), result: Spectrogram },
} as const;
