/** All detectors of classical picture forensics. */
import type { Detector } from '../types.ts';
import { cameraMethods } from './picture/camera.ts';
import { featureMethods } from './picture/features.ts';
import { jpegHistory } from './picture/jpeg-history.ts';
import { recompressionMethods } from './picture/recompression.ts';
import { type PictureMethod, pictureDetector } from './picture/support.ts';
import { traceMethods } from './picture/traces.ts';

/** Every picture method; each has its page below docs/methods. */
export const pictureMethods: readonly PictureMethod[] = [
  ...featureMethods,
  ...recompressionMethods,
  jpegHistory,
  ...traceMethods,
  ...cameraMethods,
];

export const pictureDetectors: readonly Detector[] = pictureMethods.map(pictureDetector);
