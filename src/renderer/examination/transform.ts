/** Where pixels of the picture lie on the screen. Pure. A picture pixel (x, y) covers the square from x, y to x+1, y+1. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Screen pixels per picture pixel, and the picture position in the middle of the pane. */
export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Above this the pixels themselves are shown, not a smooth picture. */
export const NEAREST_ABOVE = 2;
const LARGEST = 64;

/** The scale at which the whole picture is seen; small pictures are not enlarged. */
export const fitScale = (picture: Size, pane: Size): number =>
  Math.min(1, Math.max(1e-3, Math.min(pane.width / picture.width, pane.height / picture.height)));

/** The whole picture in the middle of the pane. */
export const fitView = (picture: Size, pane: Size): View => ({
  scale: fitScale(picture, pane),
  x: picture.width / 2,
  y: picture.height / 2,
});

/** Screen position of a picture position. */
export const toScreen = (point: Point, view: View, pane: Size): Point => ({
  x: (point.x - view.x) * view.scale + pane.width / 2,
  y: (point.y - view.y) * view.scale + pane.height / 2,
});

/** Picture position under a screen position. */
export const toPicture = (point: Point, view: View, pane: Size): Point => ({
  x: (point.x - pane.width / 2) / view.scale + view.x,
  y: (point.y - pane.height / 2) / view.scale + view.y,
});

/** Screen rectangle of a picture rectangle. */
export function boxToScreen<B extends Point & Size>(box: B, view: View, pane: Size): Point & Size {
  const { x, y } = toScreen(box, view, pane);
  return { x, y, width: box.width * view.scale, height: box.height * view.scale };
}

/** Keeps the middle of the pane within the picture and the scale within reason. */
export function clampView(view: View, picture: Size, pane: Size): View {
  const scale = Math.min(LARGEST, Math.max(fitScale(picture, pane) / 4, view.scale));
  return {
    scale,
    x: Math.min(picture.width, Math.max(0, view.x)),
    y: Math.min(picture.height, Math.max(0, view.y)),
  };
}

/** Zooms by a factor; the picture position under `at` stays under it. */
export function zoomAt(view: View, factor: number, at: Point, picture: Size, pane: Size): View {
  const under = toPicture(at, view, pane);
  const scale = clampView({ ...view, scale: view.scale * factor }, picture, pane).scale;
  return clampView(
    { scale, x: under.x - (at.x - pane.width / 2) / scale, y: under.y - (at.y - pane.height / 2) / scale },
    picture,
    pane,
  );
}

/** Moves the picture by screen pixels. */
export const panBy = (view: View, dx: number, dy: number, picture: Size, pane: Size): View =>
  clampView({ ...view, x: view.x - dx / view.scale, y: view.y - dy / view.scale }, picture, pane);

/** The picture pixel under a screen position; null beside the picture. */
export function pixelUnder(at: Point, view: View, picture: Size, pane: Size): Point | null {
  const { x, y } = toPicture(at, view, pane);
  const [column, row] = [Math.floor(x), Math.floor(y)];
  return column >= 0 && row >= 0 && column < picture.width && row < picture.height ? { x: column, y: row } : null;
}
