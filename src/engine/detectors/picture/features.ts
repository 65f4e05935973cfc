/** The twelve classical features, said by three detectors so that each number stands in its own family. */
import { type PictureFeatures, pictureFeatures } from '../../signals/picture/features.ts';
import type { AnalysedFrame, DetectorContext, Frame } from '../../types.ts';
import { type Analysis, boundedRegion, type Finding, type PictureMethod, severity } from './support.ts';

/** Larger pictures are described by their centre: denoising takes about a second of processor time per megapixel. */
const MOST_PIXELS = { image: 12e6, video: 1e6 } as const;

interface Computed {
  readonly features: PictureFeatures;
  readonly parameters: { readonly region: number[]; readonly wholePicture: boolean };
}

/** The three detectors see the same frame one after another; the computation is done once. Its bytes serve again for later frames. */
const computed = new WeakMap<Frame, Promise<Computed>>();

function featuresOf({ frame }: AnalysedFrame, context: DetectorContext): Promise<Computed> {
  const known = computed.get(frame);
  if (known !== undefined) return known;
  const most = context.exhibit.mediaType === 'image' ? MOST_PIXELS.image : MOST_PIXELS.video;
  const region = boundedRegion(frame, most);
  const work = pictureFeatures(region.image, context.signal).then((features) => ({
    features,
    parameters: region.parameters,
  }));
  // A failed computation must not be handed to the next detector or the next run.
  work.catch(() => computed.delete(frame));
  computed.set(frame, work);
  return work;
}

const method = (
  id: string,
  family: PictureMethod['family'],
  quantity: string,
  unit: string,
  parameters: PictureMethod['parameters'],
  analyse: (features: PictureFeatures) => Analysis,
): PictureMethod => ({
  id,
  version: '1.1.0',
  family,
  page: 'image-features',
  mediaTypes: ['image', 'video'],
  videoFrames: 2,
  quantity,
  unit,
  parameters,
  async analyse(input, context) {
    const { features, parameters: region } = await featuresOf(input, context);
    const analysis = analyse(features);
    return { ...analysis, findings: analysis.findings.map((f) => ({ ...f, parameters: region })) };
  },
});

/**
 * high_freq_ratio: re-encoded photographs of 0.2 megapixels lay between 0.18 and 0.66. Larger photographs are smoother
 * per pixel, so the thresholds keep their distance.
 */
const SMOOTH = { low: 0.12, medium: 0.09, high: 0.06 } as const;
/** noise_var_ratio: 2 % of re-encoded photographs reach the first, none of 180 the second (docs/methods/rates.md). */
const RATIO = { low: 5, medium: 8, high: 16 } as const;

const plain = (quantity: string, value: number | null, unit: string, threshold?: number): Finding => ({
  quantity,
  value,
  unit,
  direction: 'none',
  ...(threshold === undefined ? {} : { threshold }),
});

export const featureMethods: readonly PictureMethod[] = [
  method(
    'image-features-frequency',
    'frequency',
    'high_freq_ratio',
    'ratio',
    { transform: 'fft2 of 8-bit luma' },
    (f) => {
      const smooth = severity(-f.high_freq_ratio, -SMOOTH.low, -SMOOTH.medium, -SMOOTH.high);
      return {
        findings: [
          plain('high_freq_ratio', f.high_freq_ratio, 'ratio', SMOOTH.low),
          plain('spectral_entropy', f.spectral_entropy, 'nat'),
          plain('magnitude_mean', f.magnitude_mean, 'grey levels'),
          plain('magnitude_std', f.magnitude_std, 'grey levels'),
          plain('sharpness', f.sharpness, 'grey levels squared'),
        ],
        anomalies: [
          smooth === null
            ? null
            : {
                type: 'spectrum-smooth',
                severity: smooth,
                description: `Only ${(100 * f.high_freq_ratio).toFixed(1)} % of the spectrum lies at high frequencies (threshold ${100 * SMOOTH.low} %): the picture is smoother than cameras usually deliver. Smoothing, enlargement and out-of-focus scenes do this as well.`,
              },
        ],
      };
    },
  ),
  method(
    'image-features-noise',
    'sensor-noise',
    'noise_variance',
    'grey levels squared',
    { denoiser: 'non-local means', h: 10, hColor: 10, template: 7, search: 21 },
    (f) => {
      const uneven = severity(f.noise_var_ratio, RATIO.low, RATIO.medium, RATIO.high);
      const square = 'grey levels squared';
      return {
        findings: [
          plain('noise_variance', f.noise_variance, square),
          plain('noise_mean', f.noise_mean, 'grey levels'),
          plain('noise_var_r', f.noise_var_r, square),
          plain('noise_var_g', f.noise_var_g, square),
          plain('noise_var_b', f.noise_var_b, square),
          plain('noise_var_ratio', f.noise_var_ratio, 'ratio', RATIO.low),
        ],
        anomalies: [
          uneven === null || f.noise_variance < 1
            ? null
            : {
                type: 'noise-channels-uneven',
                severity: uneven,
                description: `The residual noise of the strongest colour channel has ${f.noise_var_ratio.toFixed(1)} times the variance of the weakest (threshold ${RATIO.low}). Strong white balance in low light does this as well.`,
              },
        ],
      };
    },
  ),
  method(
    'image-features-compression',
    'compression',
    'blocking_score',
    'grey levels',
    { blockSize: 8, clippedTo: 20 },
    // No anomaly: fine texture reaches the largest score as easily as strong compression does (docs/methods/rates.md).
    (f) => ({
      findings: [
        {
          ...plain('blocking_score', f.blocking_score, 'grey levels'),
          reason: 'the picture is smaller than two blocks',
        },
      ],
    }),
  ),
];
