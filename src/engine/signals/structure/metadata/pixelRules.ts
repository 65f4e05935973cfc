/** Rules that hold metadata against the picture itself: stated dimensions and the embedded thumbnail. */
import type { Finding } from '../findings.ts';
import { findTag, type Tag } from './tags.ts';
import type { ThumbnailComparison } from './thumbnail.ts';

/** Pairs of tags that state the size of the main picture. */
const STATED: readonly (readonly [string, string, string])[] = [
  ['ExifImageWidth', 'ExifImageHeight', 'EXIF'],
  ['PixelXDimension', 'PixelYDimension', 'XMP'],
  ['ExifImageWidth', 'ExifImageHeight', 'XMP'],
];

/** Findings on dimensions; `stored` is the size in pixels as the file stores it, before any rotation. */
export function dimensionFindings(tags: readonly Tag[], stored: { width: number; height: number } | null): Finding[] {
  if (stored === null) return [];
  const found: Finding[] = [];
  for (const [wide, high, format] of STATED) {
    const width = Number(findTag(tags, wide, format)?.raw);
    const height = Number(findTag(tags, high, format)?.raw);
    if (!(width > 0 && height > 0) || (width === stored.width && height === stored.height)) continue;
    const turned = width === stored.height && height === stored.width;
    found.push({
      type: turned ? 'metadata.dimensions-turned' : 'metadata.dimensions-differ',
      severity: turned ? 'low' : 'medium',
      description: `${format} states ${width} x ${height} pixels, the picture has ${stored.width} x ${stored.height}${
        turned ? ': turned by a program' : ': scaled or cropped after the metadata was written'
      }.`,
    });
  }
  return found;
}

/** Correlation below which thumbnail and picture are called different, and below which they are different pictures. */
export const THUMBNAIL_DIFFERS = 0.85;
export const THUMBNAIL_OTHER = 0.5;
/** Mean grey-level difference in one of 8 x 8 parts above which that part is called changed. */
export const THUMBNAIL_PART = 40;

/** Findings on the embedded thumbnail. */
export function thumbnailFindings(comparison: ThumbnailComparison): Finding[] {
  const { correlation, largestPart, fit } = comparison;
  const r = correlation.toFixed(2);
  if (correlation < THUMBNAIL_DIFFERS) {
    return [
      {
        type: 'metadata.thumbnail-differs',
        severity: correlation < THUMBNAIL_OTHER ? 'high' : 'medium',
        description: `The embedded thumbnail shows something else than the picture (correlation ${r}): the picture was changed and the thumbnail kept, or a thumbnail of another picture was copied in.`,
      },
    ];
  }
  const found: Finding[] = [];
  if (largestPart > THUMBNAIL_PART) {
    found.push({
      type: 'metadata.thumbnail-part-differs',
      severity: 'medium',
      description: `Part of the thumbnail differs from the picture by ${largestPart.toFixed(0)} of 255 grey levels (correlation ${r}).`,
    });
  }
  if (fit === 'none') {
    found.push({
      type: 'metadata.thumbnail-aspect',
      severity: 'medium',
      description:
        'The thumbnail has another shape than the picture and no bars: the picture was cropped or stretched afterwards.',
    });
  }
  return found;
}
