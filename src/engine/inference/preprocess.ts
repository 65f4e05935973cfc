/** From evidence to a network's input: the manifest's {@link InputRule} carried out. */
import { VidimusError } from '../../contract/errors.ts';
import type { InputRule } from '../../contract/pack.ts';
import type { RgbImage } from '../types.ts';
import { resize } from './resize.ts';
import type { FloatTensor } from './tensor.ts';

const invalid = (sentence: string): VidimusError => new VidimusError('pack.invalid', sentence);

/** Python's round: halves go to the even neighbour, as torchvision's centre crop does. */
const roundHalfEven = (x: number): number => {
  const floor = Math.floor(x);
  return x - floor === 0.5 ? floor + (floor & 1) : Math.round(x);
};

function centreCrop(image: RgbImage, width: number, height: number): RgbImage {
  const left = roundHalfEven((image.width - width) / 2);
  const top = roundHalfEven((image.height - height) / 2);
  if (left < 0 || top < 0) throw invalid(`The crop of ${width} x ${height} is larger than the resized picture.`);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * 3;
    data.set(image.data.subarray(from, from + width * 3), y * width * 3);
  }
  return { width, height, data };
}

/**
 * Brings a picture to the network's size: `resizeShorter` scales the shorter side (the longer one truncated, as
 * torchvision does) and cuts the centre; otherwise the picture is stretched. Without sizes it stays as it is.
 */
export function fitImage(image: RgbImage, rule: InputRule): RgbImage {
  const { width, height, resizeShorter } = rule;
  if (resizeShorter !== undefined) {
    const wide = image.width >= image.height;
    const longer = Math.trunc(
      (resizeShorter * Math.max(image.width, image.height)) / Math.min(image.width, image.height),
    );
    const scaled = resize(image, wide ? longer : resizeShorter, wide ? resizeShorter : longer, kernelOf(rule));
    return centreCrop(scaled, width ?? scaled.width, height ?? scaled.height);
  }
  if (width === undefined || height === undefined) return image;
  return resize(image, width, height, kernelOf(rule));
}

function kernelOf(rule: InputRule): NonNullable<InputRule['resize']> {
  if (rule.resize === undefined) throw invalid('The manifest gives a size but no resize kernel.');
  return rule.resize;
}

const channelCount = (rule: InputRule): number => (rule.color === 'gray' ? 1 : 3);

/** `(value x scale - mean) / std` for each channel and byte; means and deviations are in the tensor's channel order. */
function lookupTables(rule: InputRule): readonly Float32Array[] {
  const tables: Float32Array[] = [];
  for (let c = 0; c < channelCount(rule); c++) {
    const { mean, std } = channelStatistics(rule, c);
    tables.push(Float32Array.from({ length: 256 }, (_, value) => (value * rule.scale - mean) / std));
  }
  return tables;
}

function channelStatistics(rule: InputRule, channel: number): { readonly mean: number; readonly std: number } {
  const mean = rule.mean.length === 1 ? rule.mean[0] : rule.mean[channel];
  const std = rule.std.length === 1 ? rule.std[0] : rule.std[channel];
  if (mean === undefined || std === undefined) throw invalid(`The manifest has no mean or std for channel ${channel}.`);
  return { mean, std };
}

/**
 * Writes one picture at `offset`; consecutive pixels are `pixelStep` apart, channels `channelStep`.
 * Grey is ITU-R BT.601 luma in 16-bit fixed point, as Pillow's mode L.
 */
function writePixels(
  image: RgbImage,
  rule: InputRule,
  tables: readonly Float32Array[],
  out: Float32Array,
  place: { readonly offset: number; readonly pixelStep: number; readonly channelStep: number },
): void {
  const { data } = image;
  const pixels = image.width * image.height;
  if (rule.color === 'gray') {
    for (let i = 0, at = place.offset; i < pixels; i++, at += place.pixelStep) {
      const luma = (data[3 * i] * 19_595 + data[3 * i + 1] * 38_470 + data[3 * i + 2] * 7_471 + 0x8000) >> 16;
      out[at] = tables[0][luma];
    }
    return;
  }
  for (let c = 0; c < 3; c++) {
    const source = rule.color === 'bgr' ? 2 - c : c;
    const table = tables[c];
    for (let i = 0, at = place.offset + c * place.channelStep; i < pixels; i++, at += place.pixelStep) {
      out[at] = table[data[3 * i + source]];
    }
  }
}

function sameSize(images: readonly RgbImage[]): { readonly width: number; readonly height: number } {
  const first = images[0];
  if (first === undefined) throw new VidimusError('bug', 'No pictures were given to make a tensor of.');
  for (const image of images) {
    if (image.width !== first.width || image.height !== first.height) {
      throw new VidimusError('bug', 'Pictures of one batch have different sizes.');
    }
  }
  return { width: first.width, height: first.height };
}

/** Pictures as one batch, [N, C, H, W] or [N, H, W, C] by the rule's layout. */
export function imageTensor(images: readonly RgbImage[], rule: InputRule): FloatTensor {
  const fitted = images.map((image) => fitImage(image, rule));
  const { width, height } = sameSize(fitted);
  const channels = channelCount(rule);
  const item = channels * width * height;
  const data = new Float32Array(fitted.length * item);
  const tables = lookupTables(rule);
  const planar = rule.layout === 'NCHW';
  if (!planar && rule.layout !== 'NHWC') throw invalid(`Pictures cannot be laid out as ${rule.layout}.`);
  fitted.forEach((image, n) => {
    writePixels(image, rule, tables, data, {
      offset: n * item,
      pixelStep: planar ? 1 : channels,
      channelStep: planar ? width * height : 1,
    });
  });
  return { dims: planar ? [fitted.length, channels, height, width] : [fitted.length, height, width, channels], data };
}

/** Clips (each the rule's number of frames) as [N, T, C, H, W], [N, C, T, H, W] or [N, T, H, W, C]. */
export function clipTensor(clips: readonly (readonly RgbImage[])[], rule: InputRule): FloatTensor {
  const fitted = clips.map((clip) => clip.map((image) => fitImage(image, rule)));
  const { width, height } = sameSize(fitted.flat());
  const frames = rule.frames ?? fitted[0]?.length ?? 0;
  if (fitted.some((clip) => clip.length !== frames))
    throw new VidimusError('bug', `A clip must have ${frames} frames.`);
  const channels = channelCount(rule);
  const area = width * height;
  const item = frames * channels * area;
  const data = new Float32Array(fitted.length * item);
  const tables = lookupTables(rule);
  const layouts = {
    NTCHW: { dims: [frames, channels, height, width], frameStep: channels * area, channelStep: area, pixelStep: 1 },
    NCTHW: { dims: [channels, frames, height, width], frameStep: area, channelStep: frames * area, pixelStep: 1 },
    NTHWC: { dims: [frames, height, width, channels], frameStep: channels * area, channelStep: 1, pixelStep: channels },
  } as const;
  const { layout } = rule;
  if (layout !== 'NTCHW' && layout !== 'NCTHW' && layout !== 'NTHWC')
    throw invalid(`Clips cannot be laid out as ${layout}.`);
  const chosen = layouts[layout];
  fitted.forEach((clip, n) => {
    clip.forEach((image, t) => {
      writePixels(image, rule, tables, data, {
        offset: n * item + t * chosen.frameStep,
        pixelStep: chosen.pixelStep,
        channelStep: chosen.channelStep,
      });
    });
  });
  return { dims: [fitted.length, ...chosen.dims], data };
}
