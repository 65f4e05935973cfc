/** Draws a picture with map, boxes and points. */
import type { Track } from '../../contract/result.ts';
import type { Sheet } from '../charts/Canvas.tsx';
import { trackInk } from '../charts/inks.ts';
import { boxInFrame } from './frames.ts';
import { boxToScreen, NEAREST_ABOVE, type Point, type Size, toScreen, type View } from './transform.ts';

export interface Overlay {
  readonly image: CanvasImageSource;
  /** The part of the picture that the map covers. */
  readonly box: Point & Size;
  readonly opacity: number;
}

/** @param size of the picture in its own pixels; the source may have fewer (a thumbnail) */
export function drawPicture(
  sheet: Sheet,
  source: CanvasImageSource,
  size: Size,
  view: View,
  overlay: Overlay | null,
): void {
  const { context, width, height } = sheet;
  context.clearRect(0, 0, width, height);
  const place = boxToScreen({ x: 0, y: 0, ...size }, view, sheet);
  context.imageSmoothingEnabled = view.scale < NEAREST_ABOVE;
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, place.x, place.y, place.width, place.height);
  if (overlay) {
    const over = boxToScreen(overlay.box, view, sheet);
    context.globalAlpha = overlay.opacity;
    context.drawImage(overlay.image, over.x, over.y, over.width, over.height);
    context.globalAlpha = 1;
  }
}

/** Boxes and points of all tracks that have them in this frame; dashed where the box was carried along. */
export function drawFaces(
  sheet: Sheet,
  tracks: readonly Track[],
  frame: number,
  view: View,
  name: (track: number) => string,
): void {
  const { context } = sheet;
  context.font = '600 12px sans-serif';
  context.textBaseline = 'middle';
  for (const track of tracks) {
    const face = boxInFrame(track, frame);
    if (face === null) continue;
    const { x, y, width, height } = boxToScreen(face.box, view, sheet);
    const ink = trackInk(track.id);
    context.lineWidth = 4;
    context.strokeStyle = 'rgba(0, 0, 0, 0.55)';
    context.strokeRect(x, y, width, height);
    context.lineWidth = 2;
    context.strokeStyle = ink;
    context.setLineDash(face.detected ? [] : [6, 4]);
    context.strokeRect(x, y, width, height);
    context.setLineDash([]);
    for (const [px, py] of face.points ?? []) {
      const at = toScreen({ x: px, y: py }, view, sheet);
      context.beginPath();
      context.arc(at.x, at.y, 3, 0, 2 * Math.PI);
      context.fillStyle = ink;
      context.fill();
      context.lineWidth = 1;
      context.strokeStyle = '#000000';
      context.stroke();
    }
    const text = name(track.id);
    const long = context.measureText(text).width + 10;
    context.fillStyle = 'rgba(0, 0, 0, 0.78)';
    context.fillRect(x - 1, y - 20, long, 18);
    context.fillStyle = '#ffffff';
    context.fillText(text, x + 4, y - 11);
  }
}
