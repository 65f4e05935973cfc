/** Boxes by their corners: overlap, suppression, squaring. Coordinates are pixels, x2 and y2 lie outside or on the edge. */
import type { Box } from '../../contract/result.ts';

/** Corners of a box. */
export interface Corners {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** A box that a network proposed, with its probability. */
export interface Scored extends Corners {
  readonly score: number;
}

export const toBox = ({ x1, y1, x2, y2 }: Corners): Box => ({ x: x1, y: y1, width: x2 - x1, height: y2 - y1 });

/** Intersection over union of two boxes, 0..1; 0 for boxes without area. */
export function iou(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (!(width > 0 && height > 0)) return 0;
  const both = width * height;
  return both / (a.width * a.height + b.width * b.height - both);
}

/**
 * Non-maximum suppression: keeps the best box and drops every lesser one that overlaps it by more than `threshold`.
 *
 * `union` divides the intersection by the union (torchvision's and OpenCV's measure); `minimum` by the smaller box,
 * counting the edge pixel as part of the box, as MTCNN does after its last stage. Of equal scores the earlier box
 * wins, so the outcome does not depend on the sort.
 */
export function suppress<T extends Scored>(
  boxes: readonly T[],
  threshold: number,
  by: 'union' | 'minimum' = 'union',
): T[] {
  const edge = by === 'minimum' ? 1 : 0;
  const order = boxes.map((_, i) => i).sort((a, b) => boxes[b].score - boxes[a].score || a - b);
  const kept: T[] = [];
  const areas: number[] = [];
  for (const i of order) {
    const box = boxes[i];
    const area = (box.x2 - box.x1 + edge) * (box.y2 - box.y1 + edge);
    let covered = false;
    for (let k = 0; k < kept.length && !covered; k++) {
      const other = kept[k];
      const width = Math.min(box.x2, other.x2) - Math.max(box.x1, other.x1) + edge;
      const height = Math.min(box.y2, other.y2) - Math.max(box.y1, other.y1) + edge;
      if (width <= 0 || height <= 0) continue;
      const both = width * height;
      covered = both / (by === 'minimum' ? Math.min(area, areas[k]) : area + areas[k] - both) > threshold;
    }
    if (covered) continue;
    kept.push(box);
    areas.push(area);
  }
  return kept;
}

/** The square of the longer side around the same centre. */
export function squared<T extends Corners>(box: T): T {
  const width = box.x2 - box.x1;
  const height = box.y2 - box.y1;
  const side = Math.max(width, height);
  const x1 = box.x1 + (width - side) / 2;
  const y1 = box.y1 + (height - side) / 2;
  return { ...box, x1, y1, x2: x1 + side, y2: y1 + side };
}
