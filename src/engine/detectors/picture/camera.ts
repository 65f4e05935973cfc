/** Faces against their surroundings, and the fixed pattern of a camera. */
import { greyOf } from '../../signals/picture/grey.ts';
import { faceMismatch } from '../../signals/picture/noise-map.ts';
import { type PrnuReference, prnuMatch } from '../../signals/picture/prnu.ts';
import { sampledQuantile } from '../../signals/picture/stats.ts';
import type { Detector } from '../../types.ts';
import { heatMap } from './png.ts';
import { type Conspicuous, type Finding, pictureDetector, severity } from './support.ts';

/** Octaves of noise level or Laplacian energy between face and surroundings. */
const MISMATCH = { low: 2, medium: 3, high: 4 } as const;

const faces: Detector = pictureDetector({
  id: 'face-mismatch',
  version: '1.0.0',
  family: 'sensor-noise',
  page: 'face-mismatch',
  mediaTypes: ['image', 'video'],
  faces: true,
  videoFrames: 8,
  quantity: 'face_noise_ratio',
  unit: 'octaves',
  parameters: { insideBox: 0.8, ringFrom: 1.1, ringTo: 2.2 },
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
      const common = { unit: 'octaves', direction: 'none' as const, where, threshold: MISMATCH.low };
      const reason = 'the face or its surroundings hold too few pixels';
      findings.push(
        { quantity: 'face_noise_ratio', value: mismatch === null ? null : mismatch.noise, reason, ...common },
        { quantity: 'face_sharpness_ratio', value: mismatch === null ? null : mismatch.sharpness, reason, ...common },
      );
      if (mismatch === null) continue;
      // Sharpness is an energy: twice the octaves of an amplitude.
      const most = Math.max(Math.abs(mismatch.noise), Math.abs(mismatch.sharpness) / 2);
      const level = severity(most, MISMATCH.low, MISMATCH.medium, MISMATCH.high);
      anomalies.push(
        level === null
          ? null
          : {
              type: 'face-mismatch',
              severity: level,
              description: `Noise in the face is ${mismatch.noise.toFixed(1)} octaves and sharpness ${mismatch.sharpness.toFixed(1)} octaves above its surroundings (threshold ${MISMATCH.low} for noise, ${2 * MISMATCH.low} for sharpness). Depth of field and smooth skin against hair or foliage do this as well.`,
              where,
            },
      );
    }
    return { findings, anomalies };
  },
});

/** Goljan, Fridrich and Filler's threshold, found on full-size pictures; said with every number. */
const PCE = 60;

/**
 * Detector for the fixed pattern of one camera.
 *
 * @param reference pattern of the camera in question (see prnuReference), or null where none was taken: the detector
 *   then says that it did not assess
 * @param camera name of the camera for the reader
 */
export function prnuDetector(reference: PrnuReference | null, camera = ''): Detector {
  const unit = 'ratio';
  return pictureDetector({
    id: 'prnu',
    version: '1.0.0',
    family: 'sensor-noise',
    page: 'prnu',
    mediaTypes: ['image'],
    quantity: 'prnu_pce',
    unit,
    parameters: { camera, pictures: reference === null ? 0 : reference.pictures, mostSide: 1024, shift: 'zero' },
    analyse({ frame }) {
      const no = (reason: string) => ({
        findings: [{ quantity: 'prnu_pce', value: null, reason, unit, direction: 'lower-more-manipulated' as const }],
      });
      if (reference === null) return no('no reference pattern of a camera was given');
      if (frame.width !== reference.pictureWidth || frame.height !== reference.pictureHeight) {
        return no('the picture has not the size of the reference pictures');
      }
      const match = prnuMatch(greyOf(frame), reference);
      const { width, height } = reference;
      return {
        findings: [
          { quantity: 'prnu_pce', value: match.pce, unit, direction: 'lower-more-manipulated', threshold: PCE },
          { quantity: 'prnu_correlation', value: match.correlation, unit: 'correlation', direction: 'none' },
        ],
        artifacts: () => [
          heatMap(
            { id: 'prnu-residual', title: 'Noise residual of the central region', parameters: { width, height } },
            { columns: width, rows: height, cell: 1, values: match.residual },
            sampledQuantile(match.residual, 0.01),
            sampledQuantile(match.residual, 0.99),
          ),
        ],
      };
    },
  });
}

export const cameraDetectors: readonly Detector[] = [faces, prnuDetector(null)];
