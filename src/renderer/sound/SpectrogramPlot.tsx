/** A spectrogram with its axes, cursor, selection and read-out. */
import { useCallback, useMemo, useState } from 'react';
import { Canvas, type Sheet } from '../charts/Canvas.tsx';
import type { ColourMap } from '../charts/colours.ts';
import { drawRuler } from '../charts/drawSpans.ts';
import { fromPixel, niceStep, toPixel } from '../charts/scale.ts';
import { goTo, select, useExamination } from '../examination/store.ts';
import { drawLevels, levelPicture } from './drawLevels.ts';
import { heightOf, type LevelReading, readLevel } from './levels.ts';
import type { Levels } from './useSpectrogram.ts';

export interface SpectrogramPlotProps {
  readonly levels: Levels | null;
  readonly colours: { readonly floor: number; readonly top: number; readonly map: ColourMap };
  readonly label: string;
  readonly onReading: (reading: LevelReading | null) => void;
}

/** Frequencies worth a label on any scale, Hz. */
const ROUND = [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000];

export function SpectrogramPlot({ levels, colours, label, onReading }: SpectrogramPlotProps) {
  const range = useExamination((s) => s.range);
  const [width, setWidth] = useState(0);
  const [anchor, setAnchor] = useState<number | null>(null);
  const { floor, top, map } = colours;
  const picture = useMemo(
    () => (levels === null ? null : levelPicture(levels, { floor, top, map })),
    [levels, floor, top, map],
  );
  const draw = useCallback(
    (sheet: Sheet) => picture && levels && drawLevels(sheet, picture, levels.grid, range),
    [picture, levels, range],
  );
  const ruler = useCallback((sheet: Sheet) => drawRuler(sheet, range), [range]);
  const axis = useCallback(
    ({ context, width: wide, height, inks }: Sheet) => {
      const frequencies = levels?.grid.frequencies ?? [];
      const highest = frequencies.at(-1) ?? 0;
      context.font = '11px sans-serif';
      context.textAlign = 'right';
      context.textBaseline = 'middle';
      context.fillStyle = inks.faint;
      let last = Number.POSITIVE_INFINITY;
      const even = niceStep(highest, height / 40);
      const linear = Array.from({ length: Math.floor(highest / even) }, (_, i) => (i + 1) * even);
      const equal = Math.abs((frequencies[1] ?? 0) - (frequencies[0] ?? 0) - (highest - (frequencies.at(-2) ?? 0))) < 1;
      for (const hertz of equal ? linear : ROUND) {
        const y = heightOf(hertz, frequencies) * height;
        if (hertz > highest || last - y < 14 || y < 7 || y > height - 5) continue;
        last = y;
        context.fillText(hertz >= 1000 ? `${hertz / 1000} kHz` : `${hertz} Hz`, wide - 8, y);
        context.fillRect(wide - 5, Math.round(y), 5, 1);
      }
    },
    [levels],
  );
  const at = (event: React.PointerEvent): { seconds: number; x: number; y: number } => {
    const { left, top: above, width: wide, height } = event.currentTarget.getBoundingClientRect();
    const x = event.clientX - left;
    return { seconds: fromPixel(x, range, wide), x, y: (event.clientY - above) / height };
  };
  const down = (event: React.PointerEvent): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    const { seconds } = at(event);
    if (event.shiftKey) setAnchor(seconds);
    goTo(seconds);
  };
  const move = (event: React.PointerEvent): void => {
    const { seconds, y } = at(event);
    if (levels !== null) {
      const { from, to } = levels.grid;
      onReading(readLevel(levels.grid, levels.db, (seconds - from) / (to - from), y));
    }
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    if (anchor !== null && Math.abs(seconds - anchor) > 1e-3) {
      select({ from: Math.min(anchor, seconds), to: Math.max(anchor, seconds) });
    } else if (anchor === null) goTo(seconds);
  };
  return (
    <div className="spectrogram">
      <Canvas className="spectrogram-axis" draw={axis} aria-hidden />
      <div className="spectrogram-plot" onPointerDown={down} onPointerMove={move} onPointerUp={() => setAnchor(null)}>
        <Canvas
          className="spectrogram-canvas"
          draw={draw}
          onWidth={setWidth}
          role="img"
          aria-label={label}
          data-ready={picture !== null || undefined}
        />
        <Marks width={width} />
      </div>
      <div />
      <Canvas className="spectrogram-ruler" draw={ruler} aria-hidden />
    </div>
  );
}

function Marks({ width }: { readonly width: number }) {
  const { cursor, range, selection } = useExamination();
  const x = toPixel(cursor, range, width);
  const left = selection ? Math.max(0, toPixel(selection.from, range, width)) : 0;
  const right = selection ? Math.min(width, toPixel(selection.to, range, width)) : 0;
  return (
    <div className="spectrogram-over" aria-hidden>
      {right > left && <div className="timeline-selection" style={{ left, width: right - left }} />}
      {x >= 0 && x <= width && <div className="timeline-cursor" style={{ transform: `translateX(${x}px)` }} />}
    </div>
  );
}
