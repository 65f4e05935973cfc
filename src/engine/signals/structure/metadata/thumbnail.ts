/**
 * Compares the thumbnail that a camera embeds with the picture. A camera makes both from one exposure; a program that
 * edits the picture and keeps the old thumbnail leaves the earlier state behind (Kee and Farid, "Digital image
 * authentication from thumbnails", SPIE Media Forensics and Security 2010).
 */

/** Grey picture, one byte a pixel, rows from the top. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export interface ThumbnailComparison {
  /** Pearson correlation of the grey levels on a common grid, -1..1. */
  readonly correlation: number;
  /** Largest mean absolute difference over 8 x 8 parts, in grey levels after matching brightness and contrast. */
  readonly largestPart: number;
  /** How the two shapes go together: equal, by black bars in the thumbnail, by a cut through the middle, or not. */
  readonly fit: 'same' | 'bars' | 'cut' | 'none';
}

const GRID = 64;
/** Shapes within this ratio are equal: thumbnails round to whole pixels and multiples of eight. */
const SHAPE_TOLERANCE = 0.04;
const BAR_MAX_MEAN = 24;

/** Compares two grey pictures that should show the same. Null when one has no contrast to correlate. */
export function compareThumbnail(picture: GreyImage, thumbnail: GreyImage): ThumbnailComparison | null {
  if (picture.width < 8 || picture.height < 8 || thumbnail.width < 8 || thumbnail.height < 8) return null;
  const shape = picture.width / picture.height;
  const own = thumbnail.width / thumbnail.height;
  const whole = { x: 0, y: 0, width: picture.width, height: picture.height };
  const full = { x: 0, y: 0, width: thumbnail.width, height: thumbnail.height };
  if (Math.abs(shape / own - 1) <= SHAPE_TOLERANCE) return compare(picture, whole, thumbnail, full, 'same');
  const inner = centred(full, shape);
  if (hasBars(thumbnail, inner)) return compare(picture, whole, thumbnail, inner, 'bars');
  const cut = compare(picture, centred(whole, own), thumbnail, full, 'cut');
  const stretched = compare(picture, whole, thumbnail, full, 'none');
  if (cut === null || stretched === null) return cut ?? stretched;
  return cut.correlation >= stretched.correlation ? cut : stretched;
}

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The largest area of this shape in the middle of another. */
function centred(area: Area, shape: number): Area {
  const width = Math.min(area.width, area.height * shape);
  const height = width / shape;
  return { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
}

/** Whether what lies outside `inner` is dark, one pixel at the edge left out. */
function hasBars(image: GreyImage, inner: Area): boolean {
  let sum = 0;
  let count = 0;
  for (let y = 0; y < image.height; y++) {
    const outside = y + 1 < inner.y || y > inner.y + inner.height;
    for (let x = 0; x < image.width; x++) {
      if (!outside && x + 1 >= inner.x && x <= inner.x + inner.width) continue;
      sum += image.data[y * image.width + x];
      count++;
    }
  }
  return count > 0 && sum / count <= BAR_MAX_MEAN;
}

function compare(
  a: GreyImage,
  areaA: Area,
  b: GreyImage,
  areaB: Area,
  fit: ThumbnailComparison['fit'],
): ThumbnailComparison | null {
  const p = shrink(a, areaA);
  const q = shrink(b, areaB);
  const n = GRID * GRID;
  let sp = 0;
  let sq = 0;
  for (let i = 0; i < n; i++) {
    sp += p[i];
    sq += q[i];
  }
  let pp = 0;
  let qq = 0;
  let pq = 0;
  for (let i = 0; i < n; i++) {
    const u = p[i] - sp / n;
    const v = q[i] - sq / n;
    pp += u * u;
    qq += v * v;
    pq += u * v;
  }
  // One grey level of standard deviation: below it there is nothing to compare.
  if (pp < n || qq < n) return null;
  const gain = pq / qq;
  return { correlation: pq / Math.sqrt(pp * qq), largestPart: largestPart(p, q, gain, sp / n - (gain * sq) / n), fit };
}

function largestPart(p: Float64Array, q: Float64Array, gain: number, shift: number): number {
  const cell = GRID / 8;
  let largest = 0;
  for (let by = 0; by < 8; by++) {
    for (let bx = 0; bx < 8; bx++) {
      let sum = 0;
      for (let y = by * cell; y < (by + 1) * cell; y++) {
        for (let x = bx * cell; x < (bx + 1) * cell; x++) {
          const i = y * GRID + x;
          sum += Math.abs(p[i] - (q[i] * gain + shift));
        }
      }
      largest = Math.max(largest, sum / (cell * cell));
    }
  }
  return largest;
}

/** Means over a grid of 64 x 64 cells of an area; a cell smaller than a pixel takes the pixel it lies in. */
function shrink(image: GreyImage, area: Area): Float64Array {
  const out = new Float64Array(GRID * GRID);
  const edge = (k: number, from: number, size: number, max: number): number =>
    Math.max(0, Math.min(max, Math.floor(from + (k * size) / GRID)));
  for (let gy = 0; gy < GRID; gy++) {
    const y0 = Math.min(edge(gy, area.y, area.height, image.height), image.height - 1);
    const y1 = Math.max(y0 + 1, edge(gy + 1, area.y, area.height, image.height));
    for (let gx = 0; gx < GRID; gx++) {
      const x0 = Math.min(edge(gx, area.x, area.width, image.width), image.width - 1);
      const x1 = Math.max(x0 + 1, edge(gx + 1, area.x, area.width, image.width));
      let sum = 0;
      for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) sum += image.data[y * image.width + x];
      out[gy * GRID + gx] = sum / ((y1 - y0) * (x1 - x0));
    }
  }
  return out;
}
