/** Calls that let an examiner look at an exhibit and at what an analysis found in it. */
import * as z from 'zod';
import { CaseHandle } from './apiCases.ts';
import { RecordId } from './case.ts';
import { AnalysisRecord } from './caseWork.ts';
import { AnalysisResult } from './result.ts';
import { MediaType } from './words.ts';

/** Names an exhibit that is open for viewing; opaque, and valid until its case is closed. */
export const EvidenceId = z.string().regex(/^[0-9a-f]{32}$/);

/**
 * An exhibit open for viewing. Below `evidence://<id>/` lie `media` (the bytes, with ranges), `frame/<index>.png`
 * (decoded by the engine, upright, at its own size), `thumbnail.png` and `artifact/<sha256>.png` (heat maps).
 */
export const EvidenceView = z.strictObject({
  id: EvidenceId,
  name: z.string(),
  mediaType: MediaType,
  mime: z.string(),
  width: z.int().positive().nullable(),
  height: z.int().positive().nullable(),
  /** Frames in the source, and their times in seconds where the container states them. */
  frames: z.int().nonnegative().nullable(),
  fps: z.number().positive().nullable(),
  duration: z.number().nonnegative().nullable(),
  sampleRate: z.int().positive().nullable(),
});
export type EvidenceView = z.infer<typeof EvidenceView>;

export const FrequencyScale = z.enum(['linear', 'mel', 'log']);
export type FrequencyScale = z.infer<typeof FrequencyScale>;
export const WindowShape = z.enum(['hann', 'hamming', 'blackman']);
export type WindowShape = z.infer<typeof WindowShape>;

/** What a spectrogram is made of: seconds from and to, FFT size and hop in samples, at most so many columns. */
export const SpectrogramWish = z.strictObject({
  scale: FrequencyScale,
  window: WindowShape,
  size: z.union([z.literal(256), z.literal(512), z.literal(1024), z.literal(2048), z.literal(4096)]),
  from: z.number().nonnegative(),
  to: z.number().positive(),
  columns: z.int().positive().max(4096),
  rows: z.int().positive().max(2048),
});
export type SpectrogramWish = z.infer<typeof SpectrogramWish>;

/**
 * Level in dB re full scale, column by column from low to high frequency (`db[column * rows + row]`), as base64 of
 * little-endian 32-bit floats. `frequencies` are the centres of the rows in Hz; `step` is the time between columns.
 */
export const Spectrogram = z.strictObject({
  from: z.number(),
  to: z.number(),
  step: z.number().positive(),
  columns: z.int().nonnegative(),
  rows: z.int().positive(),
  sampleRate: z.int().positive(),
  frequencies: z.array(z.number()),
  db: z.string(),
});
export type Spectrogram = z.infer<typeof Spectrogram>;

/** Lowest and highest sample of equal parts of the time asked for, -1..1. */
export const Waveform = z.strictObject({
  from: z.number(),
  to: z.number(),
  min: z.array(z.number()),
  max: z.array(z.number()),
});
export type Waveform = z.infer<typeof Waveform>;

const ofEvidence = z.strictObject({ id: EvidenceId });

export const EVIDENCE_API = {
  'analysis.list': {
    args: z.strictObject({ case: CaseHandle, exhibit: RecordId }),
    result: z.array(AnalysisRecord),
  },
  /** The stored result, exactly as it was recorded. */
  'analysis.read': { args: z.strictObject({ case: CaseHandle, analysis: RecordId }), result: AnalysisResult },
  'evidence.open': { args: z.strictObject({ case: CaseHandle, exhibit: RecordId }), result: EvidenceView },
  'evidence.spectrogram': {
    args: z.strictObject({ ...ofEvidence.shape, wish: SpectrogramWish }),
    result: Spectrogram,
  },
  'evidence.waveform': {
    args: z.strictObject({
      ...ofEvidence.shape,
      from: z.number().nonnegative(),
      to: z.number().positive(),
      points: z.int().positive().max(20_000),
    }),
    result: Waveform,
  },
} as const;
