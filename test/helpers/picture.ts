/** Pictures for tests: decoding, encoding and noise by rule. */
import sharp, { type JpegOptions } from 'sharp';
import { Anomaly, Artifact, type Box, Observation, Series } from '../../src/contract/result.ts';
import type { Detector, DetectorContext, DetectorOutput, RgbImage } from '../../src/engine/types.ts';

/** Decodes a file or buffer into upright R G B. */
export async function decode(source: string | Uint8Array): Promise<RgbImage> {
  const { data, info } = await sharp(source)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** Baseline JPEG without chroma subsampling unless asked. */
export function jpeg(image: RgbImage, quality: number, options: JpegOptions = {}): Promise<Uint8Array> {
  return sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } })
    .jpeg({ quality, chromaSubsampling: '4:4:4', ...options })
    .toBuffer();
}

/** Resampled by a factor with a cubic kernel. */
export async function resized(image: RgbImage, factor: number): Promise<RgbImage> {
  const { data, info } = await sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } })
    .resize(Math.round(image.width * factor), Math.round(image.height * factor), { kernel: 'cubic', fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** Seeded generator of standard normal numbers. */
export function normals(seed: number): () => number {
  let s = seed >>> 0;
  const uniform = (): number => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = Math.imul(s ^ (s >>> 15), s | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** A copy with pixels replaced by `value(x, y, channel, old)`, rounded and cut. */
export function painted(
  image: RgbImage,
  value: (x: number, y: number, channel: number, old: number) => number,
): RgbImage {
  const data = new Uint8Array(image.data.length);
  for (let i = 0; i < data.length; i++) {
    const p = Math.floor(i / 3);
    data[i] = Math.max(
      0,
      Math.min(255, Math.round(value(p % image.width, Math.floor(p / image.width), i % 3, image.data[i]))),
    );
  }
  return { ...image, data };
}

/** Context of a still picture at `path`; only what picture detectors read of it is filled in. */
export function stillContext(
  path: string,
  signal: AbortSignal = new AbortController().signal,
  artifacts = true,
  prnuReference?: string,
): DetectorContext {
  const digest = '0'.repeat(64);
  return {
    exhibit: {
      path,
      mediaType: 'image',
      evidence: {
        name: 'picture',
        bytes: 1,
        sha256: digest,
        sha512: digest + digest,
        md5: digest.slice(0, 32),
        modified: '2026-01-01T00:00:00.000Z',
        container: 'png',
        mime: 'image/png',
        extensionMatches: true,
        duration: null,
        streams: [],
        warnings: [],
      },
    },
    plan: {
      schema: 'vidimus/plan/1',
      frames: { kind: 'all' },
      fusion: 'weighted-average',
      provider: 'cpu',
      packs: null,
      detectors: null,
      sampleRate: 16000,
      maxPixels: 1e8,
      timeLimitSeconds: 60,
      artifacts,
      face: { detector: null, minFacePx: 20, detectEverySeconds: 1 },
      ...(prnuReference === undefined ? {} : { prnuReference }),
    },
    signal,
    size: null,
    facesAssessed: true,
  };
}

/** Runs one detector over one picture and checks everything it says against the contract. */
export async function detect(
  detector: Detector,
  image: RgbImage,
  options: {
    path?: string;
    boxes?: readonly Box[];
    signal?: AbortSignal;
    artifacts?: boolean;
    reference?: string;
  } = {},
): Promise<Required<DetectorOutput>> {
  const run = await detector.start(
    stillContext(options.path ?? '/nowhere', options.signal, options.artifacts, options.reference),
  );
  try {
    await run.frame?.({
      frame: { ...image, index: 0, time: 0, key: true },
      faces: (options.boxes ?? []).map((box, track) => ({ box, points: null, probability: 1, track, detected: true })),
      sceneCut: false,
    });
    const { observations, anomalies = [], artifacts = [], series = [] } = await run.finish();
    for (const o of observations) Observation.parse(o);
    for (const a of anomalies) Anomaly.parse(a);
    for (const s of series) Series.parse(s);
    for (const a of artifacts) {
      Artifact.parse({ ...a.meta, detector: detector.id, sha256: '0'.repeat(64), file: null });
      const { width, height, format } = await sharp(a.png).metadata();
      if (format !== 'png' || width !== a.meta.width || height !== a.meta.height)
        throw new Error('artifact is not as said');
    }
    return { observations, anomalies, artifacts, series, structures: [], packs: [] };
  } finally {
    await run.dispose?.();
  }
}

/** Value of a quantity; throws where it was not assessed, so that a test cannot pass by silence. */
export function numberOf(output: DetectorOutput, quantity: string): number {
  const found = output.observations.find((o) => o.quantity === quantity);
  if (found === undefined || found.value === null) throw new Error(`${quantity}: ${found?.reason ?? 'missing'}`);
  return found.value;
}
