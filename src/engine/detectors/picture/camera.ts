/** Faces against their surroundings, and the fixed pattern of a camera. */
import type { Parameters } from '../../../contract/words.ts';
import { type GreyPlane, greyOf } from '../../signals/picture/grey.ts';
import { faceMismatch, noiseMap } from '../../signals/picture/noise-map.ts';
import { prnuMatch } from '../../signals/picture/prnu.ts';
import { sampledQuantile } from '../../signals/picture/stats.ts';
import type { ArtifactPng, TrackedFace } from '../../types.ts';
import { cameraReference } from './camera-reference.ts';
import { heatMap } from './png.ts';
import { type Conspicuous, type Finding, type PictureMethod, severity } from './support.ts';

/**
 * Octaves of noise level, or half the octaves of Laplacian energy, between face and surroundings. Portraits blur what
 * lies behind the face, so a face above its surroundings must stand farther out (docs/methods/rates.md).
 */
const SOFTER = { low: 2, medium: 3, high: 4 } as const;
const SHARPER = { low: 2.4, medium: 3.2, high: 4 } as const;

const faces: PictureMethod = {
  id: 'face-mismatch',
  version: '1.1.0',
  family: 'sensor-noise',
  page: 'face-mismatch',
  mediaTypes: ['image', 'video'],
  faces: true,
  videoFrames: 8,
  quantity: 'face_noise_ratio',
  unit: 'octaves',
  parameters: { insideBox: 0.8, ringFrom: 1.1, ringTo: 2.2, softerOctaves: SOFTER.low, sharperOctaves: SHARPER.low },
  analyse({ frame, faces: found }) {
    const findings: Finding[] = [];
    const anomalies: (Conspicuous | null)[] = [];
    if (found.length === 0) {
      const reason = 'no face was found';
      return { findings: [{ quantity: 'face_noise_ratio', value: null, reason, unit: 'octaves', direction: 'none' }] };
    }
    const grey = greyOf(frame);
    for (const face of found) {
      const mismatch = faceMismatch(grey, face.box);
      const where = { box: face.box, track: face.track };
      const common = { unit: 'octaves', direction: 'none' as const, where };
      const reason = 'the face or its surroundings hold too few pixels';
      findings.push(
        { quantity: 'face_noise_ratio', value: mismatch === null ? null : mismatch.noise, reason, ...common },
        { quantity: 'face_sharpness_ratio', value: mismatch === null ? null : mismatch.sharpness, reason, ...common },
      );
      if (mismatch === null) continue;
      // Sharpness is an energy: twice the octaves of an amplitude.
      const above = Math.max(mismatch.noise, mismatch.sharpness / 2);
      const below = -Math.min(mismatch.noise, mismatch.sharpness / 2);
      const level =
        severity(below, SOFTER.low, SOFTER.medium, SOFTER.high) ??
        severity(above, SHARPER.low, SHARPER.medium, SHARPER.high);
      anomalies.push(
        level === null
          ? null
          : {
              type: 'face-mismatch',
              severity: level,
              description: `Noise in the face is ${mismatch.noise.toFixed(1)} octaves and sharpness ${mismatch.sharpness.toFixed(1)} octaves above its surroundings (thresholds ${-SOFTER.low} and ${SHARPER.low} for noise, twice that for sharpness). Depth of field and smooth skin against hair or foliage do this as well.`,
              where,
            },
      );
    }
    return { findings, anomalies, artifacts: () => found.map((face) => surroundings(grey, face)) };
  },
};

/** Cells of the map; small, so that a face of 100 pixels has some. */
const CELL = 8;
/** The map shows the ring that a face is compared with, and no more. */
const SHOWN = 2.2;

/** Noise level around one face against pixels of like brightness there, for the examiner to see where it differs. */
function surroundings(grey: GreyPlane, { box, track }: TrackedFace): ArtifactPng | null {
  const grown = (at: number, size: number, end: number): [number, number] => [
    Math.max(0, Math.floor(at + (size * (1 - SHOWN)) / 2)),
    Math.min(end, Math.ceil(at + (size * (1 + SHOWN)) / 2)),
  ];
  const [left, right] = grown(box.x, box.width, grey.width);
  const [top, bottom] = grown(box.y, box.height, grey.height);
  const [width, height] = [right - left, bottom - top];
  if (width < 4 * CELL || height < 4 * CELL) return null;
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (top + y) * grey.width + left;
    data.set(grey.data.subarray(from, from + width), y * width);
  }
  const map = noiseMap({ width, height, data }, CELL);
  const title = `Noise level of the face of track ${track} and around it`;
  const where = { box: { x: left, y: top, width, height }, track };
  return heatMap({ id: `face-noise-${track}`, title, parameters: { unit: 'octaves' }, where }, map.ratio, -3, 3);
}

/** Goljan, Fridrich and Filler's threshold, found on full-size pictures; said with every number. */
const PCE = 60;

const PRNU_UNIT = 'ratio';

/** Compares a picture with the camera whose pictures lie in the plan's folder. */
const prnu: PictureMethod = {
  id: 'prnu',
  version: '1.1.0',
  family: 'sensor-noise',
  page: 'prnu',
  mediaTypes: ['image'],
  quantity: 'prnu_pce',
  unit: PRNU_UNIT,
  parameters: { mostSide: 1024, shift: 'zero' },
  async analyse({ frame }, context) {
    const no = (reason: string, parameters: Parameters = {}) => ({
      findings: [
        {
          quantity: 'prnu_pce',
          value: null,
          reason,
          unit: PRNU_UNIT,
          direction: 'lower-more-manipulated' as const,
          parameters,
        },
      ],
    });
    const { plan, signal, exhibit } = context;
    const folder = plan.prnuReference;
    if (folder === undefined) return no('no reference pictures of a camera were given');
    const { width, height } = frame;
    const reference = await cameraReference({ folder, width, height, exhibit: exhibit.evidence.sha256, plan, signal });
    const { pattern, leftOut } = reference;
    const parameters = {
      referenceSha256: reference.sha256,
      referencePictures: reference.files.length,
      leftOutUnreadable: leftOut.unreadable,
      leftOutOtherSize: leftOut.otherSize,
      leftOutExhibitItself: leftOut.exhibit,
    };
    if (pattern === null) {
      const reason = `the folder of the camera holds ${reference.files.length} usable pictures of ${width} x ${height}, at least two are needed (left out: ${leftOut.otherSize} of another size, ${leftOut.unreadable} that are no pictures, ${leftOut.exhibit} that are the exhibit itself)`;
      return no(reason, parameters);
    }
    const match = prnuMatch(greyOf(frame), pattern);
    return {
      findings: [
        {
          quantity: 'prnu_pce',
          value: match.pce,
          unit: PRNU_UNIT,
          direction: 'lower-more-manipulated',
          threshold: PCE,
          parameters,
        },
        {
          quantity: 'prnu_correlation',
          value: match.correlation,
          unit: 'correlation',
          direction: 'none',
          parameters,
        },
      ],
      artifacts: () => [
        heatMap(
          {
            id: 'prnu-residual',
            title: 'Noise residual of the central region',
            parameters: { width: pattern.width, height: pattern.height },
          },
          { columns: pattern.width, rows: pattern.height, cell: 1, values: match.residual },
          sampledQuantile(match.residual, 0.01),
          sampledQuantile(match.residual, 0.99),
        ),
      ],
    };
  },
};

export const cameraMethods: readonly PictureMethod[] = [faces, prnu];
