/** Error level analysis and JPEG ghosts: what compressing again shows. */
import sharp from 'sharp';
import { throwIfCancelled } from '../../../contract/errors.ts';
import { blockDifference, findGhosts } from '../../signals/picture/ela.ts';
import { type BlockMap, median, quantile } from '../../signals/picture/stats.ts';
import type { RgbImage } from '../../types.ts';
import { ownQuality } from './jpeg-file.ts';
import { heatMap } from './png.ts';
import { boundedRegion, inPicture, type PictureMethod } from './support.ts';

/** Compresses and decodes again: baseline, 4:4:4, so that only the quantisation changes. */
async function again(image: RgbImage, quality: number): Promise<RgbImage> {
  const raw = { raw: { width: image.width, height: image.height, channels: 3 as const } };
  const file = await sharp(image.data, raw).jpeg({ quality, chromaSubsampling: '4:4:4' }).toBuffer();
  const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

const ELA = { quality: 90, cell: 8, mostPixels: 12e6 } as const;

const ela: PictureMethod = {
  id: 'ela',
  version: '1.0.0',
  family: 'compression',
  page: 'ela',
  mediaTypes: ['image'],
  quantity: 'error_level_median',
  unit: 'grey levels',
  parameters: { quality: ELA.quality, chromaSubsampling: '4:4:4', cellPixels: ELA.cell },
  async analyse({ frame }) {
    const region = boundedRegion(frame, ELA.mostPixels);
    const map = blockDifference(region.image, await again(region.image, ELA.quality), ELA.cell, false);
    const middle = median(map.values);
    const top = quantile(map.values, 0.99);
    const reason = 'the picture is smaller than one cell';
    const empty = map.values.length === 0;
    const common = { parameters: region.parameters, direction: 'none' as const, reason };
    return {
      findings: [
        { quantity: 'error_level_median', value: empty ? null : middle, unit: 'grey levels', ...common },
        { quantity: 'error_level_p99', value: empty ? null : top, unit: 'grey levels', ...common },
        {
          quantity: 'error_level_spread',
          value: empty ? null : top / Math.max(0.05, middle),
          unit: 'ratio',
          ...common,
        },
      ],
      artifacts: () => [
        heatMap(
          {
            id: 'ela',
            title: 'Error level: change after compression at quality 90',
            parameters: { quality: ELA.quality, ...region.parameters },
            where: { box: region.box },
          },
          map,
          0,
          Math.max(1, top),
        ),
      ],
    };
  },
};

const GHOST = { qualities: [50, 55, 60, 65, 70, 75, 80, 85, 90, 95], cell: 16, mostPixels: 2e6 } as const;
/**
 * Share of the area. Of 270 re-encoded pictures 4 % reached it, of 270 others 9 %, among them large ones: never more
 * than low (docs/methods/rates.md).
 */
const GHOST_SHARE = 0.06;

const ghosts: PictureMethod = {
  id: 'jpeg-ghosts',
  version: '1.1.0',
  family: 'compression',
  page: 'jpeg-ghosts',
  mediaTypes: ['image'],
  quantity: 'ghost_share',
  unit: 'share of area',
  parameters: {
    qualities: [...GHOST.qualities],
    chromaSubsampling: '4:4:4',
    cellPixels: GHOST.cell,
    smoothing: '3 x 3 cells',
  },
  async analyse({ frame }, context) {
    const region = boundedRegion(frame, GHOST.mostPixels);
    if (region.image.width < 8 * GHOST.cell || region.image.height < 8 * GHOST.cell) {
      const reason = `a side is shorter than ${8 * GHOST.cell} pixels`;
      return { findings: [{ quantity: 'ghost_share', value: null, reason, unit: 'share of area', direction: 'none' }] };
    }
    const stack: BlockMap[] = [];
    for (const quality of GHOST.qualities) {
      throwIfCancelled(context.signal);
      stack.push(blockDifference(region.image, await again(region.image, quality), GHOST.cell, true));
    }
    const own = await ownQuality(context.exhibit.path);
    const below = own === null ? stack.length : GHOST.qualities.filter((q) => q <= own - 5).length;
    const found = findGhosts(stack, below);
    const quality = found.ghost < 0 ? null : GHOST.qualities[found.ghost];
    const parameters = { ...region.parameters, ghostQuality: quality, ownQuality: own };
    return {
      findings: [
        {
          quantity: 'ghost_share',
          value: found.share,
          unit: 'share of area',
          direction: 'higher-more-manipulated',
          threshold: GHOST_SHARE,
          parameters,
        },
      ],
      anomalies: [
        found.share < GHOST_SHARE || found.region === null
          ? null
          : {
              type: 'jpeg-ghost',
              severity: 'low',
              description: `A connected ${(100 * found.share).toFixed(1)} % of the area changes least when compressed at quality ${quality}, unlike the rest (threshold ${100 * GHOST_SHARE} %): it may come from a picture that was compressed at that quality.`,
              where: { box: inPicture(region, found.region) },
            },
      ],
      artifacts: () => [
        heatMap(
          {
            id: 'jpeg-ghosts',
            title: quality === null ? 'JPEG ghosts: none' : `JPEG ghosts at quality ${quality}`,
            parameters,
            where: { box: region.box },
          },
          found.map,
          0,
          1,
        ),
      ],
    };
  },
};

export const recompressionMethods: readonly PictureMethod[] = [ela, ghosts];
