/**
 * Envelope of a laboratory's own data: plain facts of a file, the range they had in the files a profile was fitted on,
 * and how far outside it a new exhibit lies. Fitting and applying read the same facts through the same function.
 */
import * as z from 'zod';
import type { Evidence } from './result.ts';
import type { Family } from './words.ts';

const Quantity = z.enum(['shortSide', 'bitsPerPixel', 'seconds', 'sampleRate', 'bitRate']);
export type Quantity = z.infer<typeof Quantity>;

const UNITS: Record<Quantity, string> = {
  shortSide: 'px',
  bitsPerPixel: 'bit/px',
  seconds: 's',
  sampleRate: 'Hz',
  bitRate: 'bit/s',
};

const TITLES: Record<Quantity, string> = {
  shortSide: 'shorter side',
  bitsPerPixel: 'compression',
  seconds: 'duration',
  sampleRate: 'sample rate',
  bitRate: 'bit rate',
};

/** What the files of a calibration had in common: codecs that occurred, and the range of each quantity. */
export const DataEnvelope = z.strictObject({
  codecs: z.array(z.string()).min(1),
  ranges: z.partialRecord(Quantity, z.tuple([z.number().positive(), z.number().positive()])),
});
export type DataEnvelope = z.infer<typeof DataEnvelope>;

/** Facts of one file; a quantity is absent where the container does not tell. All are above 0. */
export interface Facts {
  readonly codec: string;
  readonly quantities: Partial<Record<Quantity, number>>;
}

/** Detectors of these families hear; all others see. */
const HEARING: readonly Family[] = ['acoustic-neural', 'acoustic-signal'];

/** The facts that matter to a detector of this family: of the sound, or of the picture. */
export function factsOf(evidence: Evidence, family: Family): Facts {
  const quantities: Partial<Record<Quantity, number>> = {};
  const put = (name: Quantity, value: number | null | undefined): void => {
    if (value !== null && value !== undefined && Number.isFinite(value) && value > 0) quantities[name] = value;
  };
  put('seconds', evidence.duration);
  if (HEARING.includes(family)) {
    const sound = evidence.streams.find((s) => s.kind === 'audio');
    put('sampleRate', sound?.sampleRate);
    const alone = evidence.streams.length === 1 && evidence.duration ? (8 * evidence.bytes) / evidence.duration : null;
    put('bitRate', sound?.bitRate ?? alone);
    return { codec: sound?.codec ?? 'none', quantities };
  }
  const picture = evidence.streams.find((s) => s.kind === 'image' || (s.kind === 'video' && !s.attachedPicture));
  if (picture === undefined || picture.kind === 'audio') return { codec: 'none', quantities };
  const pixels = picture.width * picture.height;
  put('shortSide', Math.min(picture.width, picture.height));
  if (picture.kind === 'image') put('bitsPerPixel', (8 * evidence.bytes) / (pixels * picture.pages));
  else if (picture.bitRate !== null && picture.frameRate !== null)
    put('bitsPerPixel', picture.bitRate / (pixels * picture.frameRate));
  return { codec: picture.codec, quantities };
}

/** The envelope of many files; a quantity that any of them lacks sets no range. */
export function envelopeOf(files: readonly Facts[]): DataEnvelope {
  const ranges: DataEnvelope['ranges'] = {};
  for (const name of Quantity.options) {
    const values = files.map((f) => f.quantities[name]).filter((v) => v !== undefined);
    if (values.length === files.length && values.length > 0) ranges[name] = [Math.min(...values), Math.max(...values)];
  }
  return { codecs: [...new Set(files.map((f) => f.codec))].sort(), ranges };
}

/** Edges are widened by a tenth of an octave (7 %): a file of 1,081 lines is not outside a set of 1,080. */
const SLACK_OCTAVES = 0.1;

/**
 * How far outside an envelope a file lies, in octaves of the quantity that is farthest (0 inside; 1 for a codec that
 * was not in the set or a fact the file does not tell), and why in words.
 */
export function distanceOf(facts: Facts, envelope: DataEnvelope): { octaves: number; reasons: string[] } {
  const reasons: string[] = [];
  let octaves = 0;
  if (!envelope.codecs.includes(facts.codec)) {
    octaves = 1;
    reasons.push(`the codec ${facts.codec} was not among ${envelope.codecs.join(', ')}`);
  }
  for (const name of Quantity.options) {
    const range = envelope.ranges[name];
    if (range === undefined) continue;
    const value = facts.quantities[name];
    if (value === undefined) {
      octaves = Math.max(octaves, 1);
      reasons.push(`its ${TITLES[name]} is not known`);
      continue;
    }
    const outside = Math.max(Math.log2(range[0] / value), Math.log2(value / range[1])) - SLACK_OCTAVES;
    if (outside <= 0) continue;
    octaves = Math.max(octaves, outside);
    const [low, high] = range.map(short);
    reasons.push(`${TITLES[name]} ${short(value)} ${UNITS[name]} is outside ${low} to ${high} ${UNITS[name]}`);
  }
  return { octaves, reasons };
}

const short = (value: number): string => String(Number(value.toPrecision(4)));
