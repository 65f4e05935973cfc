/** All detectors of classical picture forensics. */
import type { Detector } from '../types.ts';
import { cameraDetectors } from './picture/camera.ts';
import { featureDetectors } from './picture/features.ts';
import { jpegHistory } from './picture/jpeg-history.ts';
import { recompressionDetectors } from './picture/recompression.ts';
import { traceDetectors } from './picture/traces.ts';

/** Every picture detector; each has its page below docs/methods. */
export const pictureDetectors: readonly Detector[] = [
  ...featureDetectors,
  ...recompressionDetectors,
  jpegHistory,
  ...traceDetectors,
  ...cameraDetectors,
];
