/** One picture to look at: zoom and pan to the pixel, faces, a map in front, and what the pixel under the pointer is. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Track } from '../../contract/result.ts';
import { Canvas, type Sheet } from '../charts/Canvas.tsx';
import { useFormat } from '../ui/format.ts';
import { drawFaces, drawPicture, type Overlay } from './drawPicture.ts';
import { lookAtPicture, useExamination } from './store.ts';
import { clampView, fitView, type Point, panBy, pixelUnder, type Size, zoomAt } from './transform.ts';

export interface PicturePaneProps {
  readonly label: string;
  readonly source: HTMLImageElement | HTMLVideoElement | null;
  /** Size of the picture in its own pixels. */
  readonly size: Size;
  readonly frame: number;
  /** Changes when the source shows something else (a playing video). */
  readonly tick?: number;
  readonly tracks: readonly Track[];
  readonly overlay: Overlay | null;
  /** Takes the keys as soon as it is there. */
  readonly first?: boolean;
  readonly children?: React.ReactNode;
}

const STEP = 40;

export function PicturePane(props: PicturePaneProps) {
  const { label, source, size, frame, tick = 0, tracks, overlay, first = false, children } = props;
  const { t } = useTranslation('viewer');
  const { percent } = useFormat();
  const stored = useExamination((s) => s.view);
  const [pane, setPane] = useState<Size>({ width: 0, height: 0 });
  const [pointer, setPointer] = useState<Point | null>(null);
  const host = useRef<HTMLDivElement>(null);
  const ready = pane.width > 0 && pane.height > 0;
  const view = stored ?? (ready ? fitView(size, pane) : null);
  const latest = useRef({ view, size, pane });
  useEffect(() => {
    latest.current = { view, size, pane };
  });

  const name = useCallback((track: number) => t('faceNumber', { track }), [t]);
  const draw = useCallback(
    (sheet: Sheet) => {
      // Reading the tick makes the drawing a new one for every picture of a playing video.
      if (source === null || tick < 0) return;
      const now = stored ?? fitView(size, sheet);
      drawPicture(sheet, source, size, now, overlay);
      drawFaces(sheet, tracks, frame, now, name);
    },
    [source, size, stored, overlay, tracks, frame, name, tick],
  );

  useEffect(() => {
    if (first) host.current?.focus({ preventScroll: true });
  }, [first]);
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const wheel = (event: WheelEvent): void => {
      const now = latest.current;
      if (now.view === null) return;
      event.preventDefault();
      const { left, top } = element.getBoundingClientRect();
      const at = { x: event.clientX - left, y: event.clientY - top };
      lookAtPicture(zoomAt(now.view, 1.0015 ** -event.deltaY, at, now.size, now.pane));
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  }, []);

  const move = (event: React.PointerEvent<HTMLDivElement>): void => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    setPointer({ x: event.clientX - left, y: event.clientY - top });
    if (view !== null && event.currentTarget.hasPointerCapture(event.pointerId)) {
      lookAtPicture(panBy(view, event.movementX, event.movementY, size, pane));
    }
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (view === null || event.target !== event.currentTarget) return;
    const middle = { x: pane.width / 2, y: pane.height / 2 };
    const pan: Record<string, Point> = {
      ArrowLeft: { x: STEP, y: 0 },
      ArrowRight: { x: -STEP, y: 0 },
      ArrowUp: { x: 0, y: STEP },
      ArrowDown: { x: 0, y: -STEP },
    };
    const by = event.altKey ? pan[event.key] : undefined;
    if (event.key === '+' || event.key === '=') lookAtPicture(zoomAt(view, 1.25, middle, size, pane));
    else if (event.key === '-') lookAtPicture(zoomAt(view, 0.8, middle, size, pane));
    else if (event.key === '0') lookAtPicture(null);
    else if (event.key === '1') lookAtPicture(clampView({ ...view, scale: 1 }, size, pane));
    else if (by) lookAtPicture(panBy(view, by.x, by.y, size, pane));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const pixel = pointer && view && ready ? pixelUnder(pointer, view, size, pane) : null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a picture that is moved and zoomed is no form group
    <div
      ref={host}
      className="picture"
      role="group"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: zoom and pan work by keyboard
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={move}
      onPointerLeave={() => setPointer(null)}
      onDoubleClick={() => lookAtPicture(null)}
      onKeyDown={onKeyDown}
    >
      <Canvas
        className="picture-canvas"
        draw={draw}
        onWidth={(width, height) => setPane({ width, height })}
        role="img"
        aria-label={label}
      />
      {children}
      <div className="picture-read numbers">
        <span className="picture-name">{label}</span>
        {view && <span>{t('scale', { percent: percent(view.scale, 0) })}</span>}
        {pixel && source instanceof HTMLImageElement && (
          <>
            <span>{t('pixelAt', { x: pixel.x, y: pixel.y })}</span>
            <Rgb source={source} at={pixel} />
          </>
        )}
      </div>
    </div>
  );
}

/** The colour of one pixel, read from the decoded picture itself and not from the screen. */
function Rgb({ source, at }: { source: HTMLImageElement; at: Point }) {
  const { t } = useTranslation('viewer');
  const rgb = readPixel(source, at);
  if (rgb === null) return <span>{t('pixelHidden')}</span>;
  const [r = 0, g = 0, b = 0] = rgb;
  return <span>{t('rgb', { r, g, b })}</span>;
}

let reader: CanvasRenderingContext2D | null = null;

function readPixel(source: HTMLImageElement, { x, y }: Point): readonly number[] | null {
  if (reader === null) {
    const canvas = document.createElement('canvas');
    canvas.width = 1;
    canvas.height = 1;
    reader = canvas.getContext('2d', { willReadFrequently: true, colorSpace: 'srgb' });
  }
  try {
    reader?.drawImage(source, x, y, 1, 1, 0, 0, 1, 1);
    return reader ? Array.from(reader.getImageData(0, 0, 1, 1).data) : null;
  } catch {
    // A foreign source must not be read; the canvas is spoiled and a fresh one is made next time.
    reader = null;
    return null;
  }
}
