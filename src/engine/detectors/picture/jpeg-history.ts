/** Tables, quality and earlier compressions of a JPEG, from its own coefficients. */
import { greyOf } from '../../signals/picture/grey.ts';
import { decodeJpeg, type JpegCoefficients } from '../../signals/picture/jpeg/decode.ts';
import {
  coefficientHistogram,
  decodeLuma,
  doubleQuantisation,
  estimateQuality,
  gridShift,
} from '../../signals/picture/jpeg/history.ts';
import { ZIGZAG } from '../../signals/quantisation.ts';
import type { AnalysedFrame, ArtifactPng, DetectorContext } from '../../types.ts';
import { jpegBytes, MOST_JPEG_PIXELS } from './jpeg-file.ts';
import { heatMap, plot } from './png.ts';
import {
  type Analysis,
  boundedRegion,
  type Conspicuous,
  type Finding,
  type PictureMethod,
  severity,
} from './support.ts';

/** Nats per non-zero coefficient; single compressions stayed below 0.05 in our trials, double ones above 0.4. */
const DOUBLE = { low: 0.15, medium: 0.3, high: 0.6 } as const;
/** Robust standard deviations; single compressions stayed below 10 in our trials, shifted ones mostly above 20. */
const SHIFT = { low: 12, medium: 18, high: 30 } as const;

function grid(
  plane: { readonly width: number; readonly height: number; readonly data: Uint8Array },
  own: boolean,
  parameters: NonNullable<Finding['parameters']>,
): { finding: Finding; anomaly: Conspicuous | null; artifact: ArtifactPng | null } {
  const found = gridShift(plane, own);
  const quantity = 'earlier_grid_strength';
  const base = { quantity, unit: 'robust standard deviations', direction: 'higher-more-manipulated' as const };
  if (found === null) {
    return {
      finding: { ...base, value: null, reason: 'a side is shorter than 64 pixels' },
      anomaly: null,
      artifact: null,
    };
  }
  const level = severity(found.strength, SHIFT.low, SHIFT.medium, SHIFT.high);
  const at = { ...parameters, shiftX: found.x, shiftY: found.y, ownGridLeftOut: own };
  // Without a grid of its own, one at the corner is a plain earlier JPEG and no sign of an edit.
  const corner = !own && found.x === 0 && found.y === 0;
  return {
    finding: { ...base, value: found.strength, threshold: SHIFT.low, parameters: at },
    anomaly:
      level === null
        ? null
        : {
            type: corner ? 'earlier-jpeg' : 'jpeg-grid-shift',
            severity: corner ? 'low' : level,
            description: corner
              ? 'The picture carries the block grid of an earlier JPEG compression at its corner: it was a JPEG before it was stored in this format.'
              : `The picture carries the block grid of an earlier JPEG compression, shifted by (${found.x}, ${found.y}) pixels (strength ${found.strength.toFixed(1)}, threshold ${SHIFT.low}): it was cropped, or pasted from a JPEG, before it was stored.`,
          },
    artifact: heatMap(
      { id: 'jpeg-grid', title: 'Trace of a block grid at each of the 64 offsets', parameters: at },
      { columns: 8, rows: 8, cell: 1, values: found.residual },
      0,
      Math.max(...found.residual),
    ),
  };
}

function ofJpeg(picture: JpegCoefficients): Analysis {
  const luma = picture.components[0];
  const quality = estimateQuality(luma.quantisation);
  const twice = doubleQuantisation(luma);
  const level = twice === null ? null : severity(twice.gain, DOUBLE.low, DOUBLE.medium, DOUBLE.high);
  const file = {
    progressive: picture.progressive,
    complete: picture.complete,
    width: picture.width,
    height: picture.height,
    orientation: 'as stored',
  };
  const shift = grid(decodeLuma(luma, picture.width, picture.height), true, file);
  const chroma = picture.components[1];
  const chosen = [1, 2, 3, 4].map((k) => ZIGZAG[k]);
  return {
    findings: [
      {
        quantity: 'quality',
        value: quality.quality,
        unit: 'IJG quality',
        direction: 'none',
        parameters: {
          ...file,
          encoderTables: quality.family ?? 'not one of the known families',
          tableDistance: quality.distance,
          lumaTable: [...luma.quantisation],
          chromaTable: chroma === undefined ? [] : [...chroma.quantisation],
          sampling: picture.components.map((c) => `${c.horizontal}x${c.vertical}`),
        },
      },
      {
        quantity: 'double_quantisation_gain',
        value: twice === null ? null : twice.gain,
        reason: 'too few coefficients are not zero',
        unit: 'nat per coefficient',
        direction: 'higher-more-manipulated',
        threshold: DOUBLE.low,
        parameters: twice === null ? file : { ...file, firstQuality: twice.quality, coefficients: twice.count },
      },
      shift.finding,
    ],
    anomalies: [
      level === null || twice === null
        ? null
        : {
            type: 'double-jpeg',
            severity: level,
            description: `The coefficient histograms carry the comb of an earlier compression on the same grid, at about quality ${twice.quality} (gain ${twice.gain.toFixed(2)} nat per coefficient, threshold ${DOUBLE.low}). Every saving of an opened JPEG does this; it shows that the file is not the first generation, not that its content was changed.`,
          },
      shift.anomaly,
    ],
    artifacts: () => [
      plot(
        {
          id: 'dct-histogram',
          title: 'Histogram of quantised values 1 to 24 of the first AC frequencies',
          parameters: { frequencies: chosen },
        },
        Array.from({ length: 24 }, (_, v) => chosen.reduce((s, i) => s + coefficientHistogram(luma, i)[v + 1], 0)),
        true,
      ),
      shift.artifact,
    ],
  };
}

async function analyse({ frame }: AnalysedFrame, context: DetectorContext): Promise<Analysis> {
  const bytes = await jpegBytes(context.exhibit.path);
  const no = (reason: string): Finding[] => [
    { quantity: 'quality', value: null, reason, unit: 'IJG quality', direction: 'none' },
    {
      quantity: 'double_quantisation_gain',
      value: null,
      reason,
      unit: 'nat per coefficient',
      direction: 'higher-more-manipulated',
    },
  ];
  if (bytes instanceof Uint8Array) {
    const decoded = decodeJpeg(bytes, MOST_JPEG_PIXELS);
    if (decoded.ok) return ofJpeg(decoded.picture);
    return { findings: no(decoded.reason) };
  }
  if (bytes !== null) return { findings: no(bytes) };
  const region = boundedRegion(frame, 12e6);
  const shift = grid(greyOf(region.image), false, region.parameters);
  return {
    findings: [...no('the file is not a JPEG'), shift.finding],
    anomalies: [shift.anomaly],
    artifacts: () => [shift.artifact],
  };
}

export const jpegHistory: PictureMethod = {
  id: 'jpeg-history',
  version: '1.0.0',
  family: 'compression',
  page: 'jpeg-history',
  mediaTypes: ['image'],
  quantity: 'quality',
  unit: 'IJG quality',
  parameters: { firstQualities: '30 to 99', frequencies: 12 },
  analyse,
};
