/** A canvas that keeps to its own size in real pixels and is drawn again when its size, the theme or the drawing changes. */
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { type Inks, inksOf } from './inks.ts';

export interface Sheet {
  readonly context: CanvasRenderingContext2D;
  /** CSS pixels; the context is scaled to them. */
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
  readonly inks: Inks;
}

export interface CanvasProps extends Omit<React.ComponentProps<'canvas'>, 'onResize'> {
  /** Draws everything; keep it stable with useCallback, a new function draws again. */
  readonly draw: (sheet: Sheet) => void;
  readonly onWidth?: (width: number, height: number) => void;
}

export function Canvas({ draw, onWidth, ...rest }: CanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme('light');
  const [size, setSize] = useState({ width: 0, height: 0 });
  const heard = useRef(onWidth);
  useEffect(() => {
    heard.current = onWidth;
  });
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element;
      setSize((before) => (before.width === width && before.height === height ? before : { width, height }));
      heard.current?.(width, height);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the scheme decides the inks read from the element
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d', { colorSpace: 'srgb' });
    const { width, height } = size;
    if (!element || !context || width === 0 || height === 0) return;
    const frame = requestAnimationFrame(() => {
      const ratio = window.devicePixelRatio || 1;
      element.width = Math.round(width * ratio);
      element.height = Math.round(height * ratio);
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      draw({ context, width, height, ratio, inks: inksOf(element) });
    });
    return () => cancelAnimationFrame(frame);
  }, [draw, size, scheme]);
  return <canvas ref={canvas} {...rest} />;
}
