/** One quantity over time with its threshold, and the value under the cursor. */
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { Canvas, type Sheet } from '../charts/Canvas.tsx';
import { nearestPoint } from '../charts/decimate.ts';
import { drawSeries, drawThreshold } from '../charts/drawSeries.ts';
import { trackInk } from '../charts/inks.ts';
import type { Range } from '../charts/scale.ts';
import { useFormat } from '../ui/format.ts';
import type { SeriesLane } from './lanes.ts';
import { useExamination } from './store.ts';

export function SeriesLaneRow({ lane, range }: { readonly lane: SeriesLane; readonly range: Range }) {
  const { t } = useTranslation('viewer');
  const { lines, vertical, threshold, band } = lane;
  const { number } = useFormat();
  const draw = useCallback(
    (sheet: Sheet) => {
      drawThreshold(sheet, vertical, threshold, band);
      for (const { track, points } of lines) {
        drawSeries(sheet, points, range, vertical, track === null ? sheet.inks.accent : trackInk(track));
      }
    },
    [lines, vertical, threshold, band, range],
  );
  return (
    <div className="lane">
      <div className="lane-label" title={`${lane.detector} · ${lane.quantity}`}>
        <span className="lane-name">{lane.detector}</span>
        <span className="lane-sub">
          {lane.score ? t('scoreDirection') : `${lane.quantity}${lane.unit === '1' ? '' : `, ${lane.unit}`}`}
        </span>
        <span className="lane-sub">
          {threshold === null
            ? `${number(vertical.from, 2)} – ${number(vertical.to, 2)}`
            : t('thresholdAt', { value: number(threshold, 2) })}
        </span>
        <ValuesAtCursor lane={lane} />
      </div>
      <Canvas className="lane-plot" draw={draw} aria-hidden />
    </div>
  );
}

function ValuesAtCursor({ lane }: { readonly lane: SeriesLane }) {
  const { t } = useTranslation('viewer');
  const cursor = useExamination((s) => s.cursor);
  const { number } = useFormat();
  return (
    <span className="lane-values">
      {lane.lines.map(({ track, points }) => {
        const value = points.y[nearestPoint(points.x, cursor)] ?? Number.NaN;
        return (
          <span key={track ?? -1}>
            {track !== null && <span className="lane-ink" style={{ background: trackInk(track) }} aria-hidden />}
            {track !== null && lane.lines.length > 1 && `${t('trackShort', { track })} `}
            {Number.isNaN(value) ? '–' : number(value, lane.score ? 3 : 2)}
          </span>
        );
      })}
    </span>
  );
}
