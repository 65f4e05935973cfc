/**
 * Non-local means for colour pictures: the denoised picture of OpenCV's fastNlMeansDenoisingColored with h = 10,
 * hColor = 10, template 7, search 21, in the same integers. The picture is cut into tiles that a few threads work
 * on; no result depends on their number or order.
 *
 * Reference: Buades, Coll and Morel, "A non-local algorithm for image denoising", CVPR 2005;
 * "Non-Local Means Denoising", IPOL 1 (2011).
 */
import { throwIfCancelled } from '../../../contract/errors.ts';
import type { RgbImage } from '../../types.ts';
import { fromLab, toLab } from './lab.ts';
import { TILE } from './nlm-kernel.ts';
import { denoiseTile, type TileJob, type TilePlanes } from './nlm-threads.ts';

/** Mirrors an index at the borders without repeating them (OpenCV's default border), for any distance. */
function mirror(index: number, length: number): number {
  if (length === 1) return 0;
  let i = index;
  while (i < 0 || i >= length) i = i < 0 ? -i : 2 * length - 2 - i;
  return i;
}

interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Tiles of nearly equal size that fit the kernel, in rows. */
function tiles(width: number, height: number): Rect[] {
  const across = Math.ceil(width / TILE.width);
  const down = Math.ceil(height / TILE.height);
  // Widths in eights, heights so that a tile with its ten rows above fills bands of sixteen.
  const w = Math.min(TILE.width, Math.ceil(width / across / 8) * 8);
  const h = Math.min(TILE.height, Math.ceil((Math.ceil(height / down) + 10) / 16) * 16 - 10);
  const all: Rect[] = [];
  for (let y = 0; y < height; y += h) {
    for (let x = 0; x < width; x += w) {
      all.push({ x, y, width: Math.min(w, width - x), height: Math.min(h, height - y) });
    }
  }
  return all;
}

/** Lab planes of a tile with its border, in rows of the kernel's stride. */
function cut(image: RgbImage, rect: Rect): TileJob {
  const rows = rect.height + 2 * TILE.border;
  const plane = rows * TILE.stride;
  const l = new Uint8Array(plane);
  const a = new Uint8Array(plane);
  const b = new Uint8Array(plane);
  const left = TILE.left - TILE.border;
  const inside = Math.max(0, rect.x - TILE.border);
  const until = Math.min(image.width, rect.x + rect.width + TILE.border);
  for (let row = 0; row < rows; row++) {
    const source = mirror(rect.y - TILE.border + row, image.height) * image.width;
    const at = row * TILE.stride + TILE.left - rect.x;
    toLab(image.data, source + inside, until - inside, l, a, b, at + inside);
    for (let k = 0; k < rect.width + 2 * TILE.border; k++) {
      const x = rect.x - TILE.border + k;
      if (x >= inside && x < until) continue;
      toLab(image.data, source + mirror(x, image.width), 1, l, a, b, row * TILE.stride + left + k);
    }
  }
  const first = TILE.left - TILE.border;
  let coloured = false;
  for (let row = 0; row < rows && !coloured; row++) {
    for (let i = row * TILE.stride + first, end = i + rect.width + 2 * TILE.border; i < end; i++) {
      if (a[i] !== a[first] || b[i] !== b[first]) {
        coloured = true;
        break;
      }
    }
  }
  return { l, a, b, width: Math.ceil(rect.width / 8) * 8, height: rect.height, coloured };
}

/**
 * Denoises a picture.
 *
 * The channels are taken in the order they are stored and treated as blue, green, red (see lab.ts), which is what
 * the reference features do with R G B data.
 *
 * @param signal obeyed between tiles
 * @returns width x height x 3 bytes
 */
export async function denoiseColoured(image: RgbImage, signal?: AbortSignal): Promise<Uint8Array> {
  const out = new Uint8Array(image.width * image.height * 3);
  await Promise.all(
    tiles(image.width, image.height).map(async (rect) => {
      const planes = await denoiseTile(() => {
        throwIfCancelled(signal);
        return cut(image, rect);
      });
      paste(planes, rect, image.width, out);
    }),
  );
  throwIfCancelled(signal);
  return out;
}

function paste(planes: TilePlanes, rect: Rect, stride: number, out: Uint8Array): void {
  for (let row = 0; row < rect.height; row++) {
    const at = row * TILE.outStride;
    fromLab(planes.l, planes.a, planes.b, at, rect.width, out, (rect.y + row) * stride + rect.x);
  }
}
