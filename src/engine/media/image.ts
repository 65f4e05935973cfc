/**
 * Pictures to upright 8-bit RGB through sharp.
 *
 * Samples are taken as stored wherever the format allows it: a colour profile is not applied and an alpha channel is
 * dropped, not blended, because both would mix in numbers the file does not hold. CMYK has no RGB of its own and is
 * converted; 16 bits are cut to the upper 8.
 */
import { open } from 'node:fs/promises';
import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';
import type { ImageStream } from '../../contract/result.ts';
import type { Parameters } from '../../contract/words.ts';
import type { Frame } from '../types.ts';
import type { Identity } from './intake.ts';
import { printable } from './log.ts';
import { isSampled, type Sampling } from './sampling.ts';

// Decoded exhibits must not linger in a cache of the process.
sharp.cache(false);

/** A picture whose header has been read; `bytes` is the whole encoded file. */
export interface PictureFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly stream: ImageStream;
  /** Upright size of the first page. */
  readonly size: { readonly width: number; readonly height: number };
  /** Seconds at which each page of an animation appears; null where pages are not moments. */
  readonly times: readonly number[] | null;
  /** Length of an animation in seconds; null for a still. */
  readonly duration: number | null;
  readonly warnings: readonly string[];
  readonly maxPixels: number;
}

/** Above this an encoded picture is not taken into memory. */
const MAX_ENCODED = 1 << 30;

/** sharp's word for each format of ours, so that libvips cannot read the bytes as something else. */
const LOADER: Readonly<Record<string, string>> = {
  jpeg: 'jpeg',
  png: 'png',
  gif: 'gif',
  tiff: 'tiff',
  webp: 'webp',
  heic: 'heif',
  avif: 'heif',
};

/**
 * Reads the header of a picture and refuses what is too large before anything is decoded.
 *
 * @throws VidimusError evidence.too-large, evidence.damaged, evidence.unsupported (HEIC without its decoder)
 */
export async function openPicture(identity: Identity, maxPixels: number): Promise<PictureFile> {
  const { name, format } = identity;
  if (identity.bytes > MAX_ENCODED) {
    throw new VidimusError('evidence.too-large', `“${name}” has ${identity.bytes} bytes; pictures may have 1 GiB.`);
  }
  const bytes = await readWhole(identity);
  let meta: Metadata;
  try {
    meta = await sharp(bytes, { limitInputPixels: false, failOn: 'none' }).metadata();
  } catch (thrown) {
    if (format.id === 'heic') throw noHevc(name, thrown);
    throw damaged(name, thrown);
  }
  if (meta.format !== LOADER[format.id]) {
    throw new VidimusError('evidence.damaged', `“${name}” begins like ${format.container} but does not go on like it.`);
  }
  if (meta.format === 'heif' && meta.compression === 'hevc') {
    await sharp(bytes, { limitInputPixels: maxPixels })
      .resize(1)
      .raw()
      .toBuffer()
      .catch((thrown: unknown) => {
        throw noHevc(name, thrown);
      });
  }
  return describe(identity, bytes, meta, maxPixels);
}

/** The limit is on one page, which is what is held decoded at a time. */
export function refuseTooLarge(name: string, width: number, height: number, maxPixels: number): void {
  if (width * height <= maxPixels) return;
  const megapixels = (n: number) => (n / 1e6).toFixed(1);
  throw new VidimusError(
    'evidence.too-large',
    `“${name}” has ${width} × ${height} = ${megapixels(width * height)} megapixels; the limit is ${megapixels(maxPixels)}.`,
  );
}

function describe(identity: Identity, bytes: Uint8Array, meta: Metadata, maxPixels: number): PictureFile {
  const width = meta.width;
  const pages = meta.pages ?? 1;
  const height = meta.pageHeight ?? meta.height;
  refuseTooLarge(identity.name, width, height, maxPixels);
  const orientation = meta.orientation ?? 1;
  const turned = orientation >= 5;
  const warnings: string[] = [];
  if (meta.hasAlpha) warnings.push('The picture has an alpha channel; colours are examined as stored, without it.');
  if (meta.format === 'png' && hasChunk(bytes, 'acTL')) {
    warnings.push('The PNG is animated; only its default picture is examined.');
  }
  const animated = pages > 1 && meta.delay !== undefined && meta.delay.length === pages;
  const delays = animated ? (meta.delay ?? []) : [];
  let clock = 0;
  const times = delays.map((milliseconds) => {
    const at = clock;
    clock += milliseconds;
    return at / 1000;
  });
  return {
    name: identity.name,
    bytes,
    size: turned ? { width: height, height: width } : { width, height },
    times: animated ? times : null,
    duration: animated ? clock / 1000 : null,
    warnings,
    maxPixels,
    stream: {
      kind: 'image',
      index: 0,
      codec: meta.format === 'heif' ? (meta.compression ?? 'heif') : meta.format,
      width,
      height,
      channels: meta.channels,
      bitDepth: meta.bitsPerSample === undefined ? (DEPTH[meta.depth] ?? meta.depth) : `${meta.bitsPerSample} bit`,
      pages,
      orientation,
      colorSpace: meta.space,
      hasAlpha: meta.hasAlpha,
      hasProfile: meta.hasProfile,
    },
  };
}

const DEPTH: Readonly<Record<string, string>> = {
  uchar: '8 bit',
  char: '8 bit signed',
  ushort: '16 bit',
  short: '16 bit signed',
  uint: '32 bit',
  float: '32 bit float',
  double: '64 bit float',
};

/** Walks the chunks of a PNG up to its picture data. */
function hasChunk(png: Uint8Array, name: string): boolean {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  for (let at = 8; at + 8 <= png.length; at += 12 + view.getUint32(at)) {
    const kind = String.fromCharCode(...png.subarray(at + 4, at + 8));
    if (kind === name) return true;
    if (kind === 'IDAT') return false;
  }
  return false;
}

/** The statement of every decode parameter for `run.decode`. */
export function pictureParameters(file: PictureFile, sampling: Sampling): Parameters {
  const { stream } = file;
  return {
    decoder: `sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`,
    orientation: stream.orientation === 1 ? 'upright as stored' : `EXIF orientation ${stream.orientation} applied`,
    alpha: stream.hasAlpha ? 'dropped, colours as stored' : 'none',
    colorProfile: stream.hasProfile ? 'not applied, samples as stored' : 'none',
    colorSpace: stream.colorSpace === 'cmyk' ? 'converted from CMYK by libvips' : (stream.colorSpace ?? 'unknown'),
    depth: stream.bitDepth === '8 bit' ? '8 bit' : `${stream.bitDepth} to 8 bit by libvips`,
    pages: stream.pages === 1 ? '1' : `${sampling.kind} of ${stream.pages}`,
  };
}

/** So many pixels of an animation are decoded at a time: single pages would each be decoded from the first anew. */
const GROUP_PIXELS = 32e6;

/**
 * Decodes the pages of a picture that `sampling` picks (a still has one) in order. What a damaged file still holds
 * is decoded, and `warn` is told.
 *
 * @throws VidimusError evidence.damaged, cancelled
 */
export async function* decodePicture(
  file: PictureFile,
  sampling: Sampling,
  warn: (sentence: string) => void,
  signal?: AbortSignal,
): AsyncGenerator<Frame, void, undefined> {
  const { stream } = file;
  // Only animations share one size; the pages of other formats are pictures of their own.
  const group =
    file.times === null || stream.orientation !== 1
      ? 1
      : Math.max(1, Math.floor(GROUP_PIXELS / (stream.width * stream.height)));
  for (let first = 0; first < stream.pages; first += group) {
    throwIfCancelled(signal);
    const count = Math.min(group, stream.pages - first);
    const wanted = Array.from({ length: count }, (_, i) => first + i).filter((i) =>
      isSampled(sampling, i, stream.pages),
    );
    if (wanted.length === 0) continue;
    const { data, width, height } = await decodePages(file, first, count, warn);
    throwIfCancelled(signal);
    const pageHeight = height / count;
    for (const index of wanted) {
      const from = (index - first) * width * pageHeight * 3;
      yield {
        width,
        height: pageHeight,
        data: data.subarray(from, from + width * pageHeight * 3),
        index,
        time: file.times?.[index] ?? 0,
        key: true,
      };
    }
  }
}

interface Decoded {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

async function decodePages(
  file: PictureFile,
  page: number,
  pages: number,
  warn: (sentence: string) => void,
): Promise<Decoded> {
  const options: SharpOptions = {
    limitInputPixels: file.maxPixels * pages,
    ignoreIcc: true,
    ...(file.stream.pages > 1 ? { page, pages } : {}),
  };
  try {
    return await rgb(sharp(file.bytes, { ...options, failOn: 'warning' }));
  } catch (strict) {
    const said = printable(strict instanceof Error ? strict.message : String(strict));
    if (/pixel limit/i.test(said)) {
      throw new VidimusError('evidence.too-large', `Page ${page + 1} of “${file.name}” is above the limit of pixels.`);
    }
    let decoded: Decoded;
    try {
      decoded = await rgb(sharp(file.bytes, { ...options, failOn: 'none' }));
    } catch (thrown) {
      throw damaged(file.name, thrown);
    }
    warn(`The picture is damaged; what could be decoded was examined. The decoder says: “${said}”.`);
    return decoded;
  }
}

async function rgb(picture: Sharp): Promise<Decoded> {
  const { data, info } = await picture
    .autoOrient()
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3 || data.length !== info.width * info.height * 3) {
    throw new VidimusError('bug', `sharp gave ${info.channels} channels instead of 3.`);
  }
  return { data, width: info.width, height: info.height };
}

async function readWhole(identity: Identity): Promise<Uint8Array> {
  // A buffer, not the path: libvips takes brackets at the end of a name for options.
  const bytes = new Uint8Array(identity.bytes);
  const handle = await open(identity.path, 'r');
  try {
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await handle.read(bytes, done, bytes.length - done, done);
      if (bytesRead === 0) throw new VidimusError('evidence.changed', `“${identity.name}” became shorter.`);
      done += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return bytes;
}

const damaged = (name: string, cause: unknown): VidimusError =>
  new VidimusError('evidence.damaged', `Nothing of the picture “${name}” could be decoded.`, {
    detail: cause instanceof Error ? cause.message : String(cause),
    cause,
  });

const noHevc = (name: string, cause: unknown): VidimusError =>
  new VidimusError('evidence.unsupported', `“${name}” is HEIC (HEVC), which this build of sharp cannot decode.`, {
    advice: 'Convert a verified copy to TIFF or PNG with a tool that reads HEVC, and record that step.',
    detail: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
