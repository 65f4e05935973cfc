/**
 * One time line for everything: scores, faces, events, sound. Click or drag sets the cursor, the wheel zooms about the
 * pointer, Shift with the wheel pans; by keyboard + and - zoom, Page Up and Down pan, 0 shows all.
 */
import { ActionIcon, Checkbox, Group, Menu, Text } from '@mantine/core';
import { Layers, Maximize, ZoomIn, ZoomOut } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Canvas, type Sheet } from '../charts/Canvas.tsx';
import { drawMoments, drawRuler, drawSpan } from '../charts/drawSpans.ts';
import { trackInk } from '../charts/inks.ts';
import { clock, fromPixel, toPixel } from '../charts/scale.ts';
import type { Examined } from './api.ts';
import type { FrameClock } from './frames.ts';
import { cutSpans, eventSpans, keyFrames, presenceLanes, seriesLanes, usualGap } from './lanes.ts';
import { SeriesLaneRow } from './SeriesLaneRow.tsx';
import { SoundLanes } from './SoundLanes.tsx';
import { goTo, panTime, showRange, useExamination, zoomTime } from './store.ts';
import './timeline.css';

/** Measured series shown before anybody chose; scores are always shown. */
const FIRST_MEASURED = 1;

export interface TimeLineProps {
  readonly examined: Examined;
  readonly times: FrameClock;
  /** The spectrogram as a strip; not where it stands above in full. */
  readonly strip?: boolean;
}

export function TimeLine({ examined, times, strip = true }: TimeLineProps) {
  const { t } = useTranslation('viewer');
  const { result, covered, evidence } = examined;
  const range = useExamination((s) => s.range);
  const [width, setWidth] = useState(0);
  const body = useRef<HTMLDivElement>(null);
  const lanes = useMemo(() => (result === null || covered ? [] : seriesLanes(result, times)), [result, covered, times]);
  const faces = useMemo(
    () => (result === null ? [] : presenceLanes(result.tracks, times, usualGap(result))),
    [result, times],
  );
  const events = useMemo(
    () => (result === null || covered ? [] : eventSpans(result.anomalies, times)),
    [result, covered, times],
  );
  const keys = useMemo(() => (result === null ? [] : keyFrames(result.series, times)), [result, times]);
  const cuts = useMemo(() => (result === null ? [] : cutSpans(result.series)), [result]);
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null);
  const measured = lanes.filter(({ score }) => !score);
  const shown = chosen ?? new Set(measured.slice(0, FIRST_MEASURED).map(({ id }) => id));
  const toggle = (id: string): void => {
    const next = new Set(shown);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };

  useEffect(() => {
    const element = body.current;
    if (element === null) return;
    const wheel = (event: WheelEvent): void => {
      const plot = event.target instanceof HTMLCanvasElement ? event.target.getBoundingClientRect() : null;
      if (plot === null) return;
      event.preventDefault();
      const { range: now } = useExamination.getState();
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        panTime((event.deltaX || event.deltaY) / plot.width);
      } else zoomTime(1.0015 ** event.deltaY, fromPixel(event.clientX - plot.left, now, plot.width));
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  }, []);

  const point = (event: React.PointerEvent): void => {
    if (!(event.target instanceof HTMLCanvasElement)) return;
    if (event.type === 'pointerdown') event.target.setPointerCapture(event.pointerId);
    else if (!event.target.hasPointerCapture(event.pointerId)) return;
    const { left, width: wide } = event.target.getBoundingClientRect();
    const { range: now } = useExamination.getState();
    if (event.shiftKey && event.type === 'pointermove') panTime(-event.movementX / wide);
    else goTo(fromPixel(event.clientX - left, now, wide));
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    const { cursor, range: now, whole } = useExamination.getState();
    const length = now.to - now.from;
    const fine = length / 100;
    if (event.key === '+' || event.key === '=') zoomTime(0.6, cursor);
    else if (event.key === '-') zoomTime(1 / 0.6, cursor);
    else if (event.key === '0') showRange(whole);
    else if (event.key === 'PageUp') panTime(-0.8);
    else if (event.key === 'PageDown') panTime(0.8);
    else if (evidence.mediaType === 'audio' && event.key === 'ArrowLeft') goTo(cursor - fine);
    else if (evidence.mediaType === 'audio' && event.key === 'ArrowRight') goTo(cursor + fine);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const ruler = useCallback((sheet: Sheet) => drawRuler(sheet, range), [range]);
  const marks = useCallback(
    (sheet: Sheet) => {
      drawMoments(sheet, keys, range, sheet.inks.faint);
      for (const { severity, ...span } of events) {
        const ink = severity === 'high' ? sheet.inks.alarm : severity === 'medium' ? sheet.inks.warning : sheet.inks.h2;
        drawSpan(sheet, span, range, { top: severity === 'high' ? 2 : severity === 'medium' ? 6 : 10, height: 5, ink });
      }
    },
    [keys, events, range],
  );
  const scenes = useCallback(
    (sheet: Sheet) => {
      for (const cut of cuts) drawSpan(sheet, cut, range, { top: 2, height: sheet.height - 4, ink: sheet.inks.accent });
    },
    [cuts, range],
  );
  const middle = (): number => useExamination.getState().cursor;
  return (
    <section className="timeline-pane" aria-label={t('timeLine')}>
      <Group gap={6} className="timeline-head">
        <Text size="xs" fw={600}>
          {t('timeLine')}
        </Text>
        <RangeText />
        <Group gap={2} ml="auto">
          {measured.length > 0 && (
            <Menu closeOnItemClick={false} position="top-end">
              <Menu.Target>
                <ActionIcon size="sm" aria-label={t('measuredLanes')} title={t('measuredLanes')}>
                  <Layers size={14} aria-hidden />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown mah={360} className="timeline-menu">
                {measured.map(({ id, detector, quantity }) => (
                  <Menu.Item key={id} onClick={() => toggle(id)} role="menuitemcheckbox" aria-checked={shown.has(id)}>
                    <Checkbox
                      checked={shown.has(id)}
                      readOnly
                      tabIndex={-1}
                      aria-hidden
                      label={`${detector} · ${quantity}`}
                    />
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
          )}
          <ActionIcon size="sm" aria-label={t('zoomIn')} title={t('zoomIn')} onClick={() => zoomTime(0.6, middle())}>
            <ZoomIn size={14} aria-hidden />
          </ActionIcon>
          <ActionIcon size="sm" aria-label={t('zoomOut')} title={t('zoomOut')} onClick={() => zoomTime(1.67, middle())}>
            <ZoomOut size={14} aria-hidden />
          </ActionIcon>
          <ActionIcon
            size="sm"
            aria-label={t('showAll')}
            title={t('showAll')}
            onClick={() => showRange(useExamination.getState().whole)}
          >
            <Maximize size={14} aria-hidden />
          </ActionIcon>
        </Group>
      </Group>
      <div
        ref={body}
        className="timeline-body"
        role="slider"
        tabIndex={0}
        aria-label={t('timeCursor')}
        aria-valuemin={0}
        aria-valuemax={useExamination.getState().whole.to}
        aria-valuenow={useExamination((s) => s.cursor)}
        aria-valuetext={clock(useExamination((s) => s.cursor))}
        onKeyDown={onKeyDown}
        onPointerDown={point}
        onPointerMove={point}
      >
        <div className="timeline-lanes">
          <div className="lane" data-ruler>
            <div className="lane-label">{t('time')}</div>
            <Canvas className="lane-plot" draw={ruler} onWidth={setWidth} aria-hidden />
          </div>
          {lanes
            .filter(({ score, id }) => score || shown.has(id))
            .map((lane) => (
              <SeriesLaneRow key={lane.id} lane={lane} range={range} />
            ))}
          {covered && result !== null && (
            <div className="lane-note">
              <Text size="xs">{t('coveredLanes')}</Text>
            </div>
          )}
          {evidence.mediaType === 'video' &&
            faces.map(({ track, spans }) => <PresenceRow key={track} track={track} spans={spans} />)}
          {cuts.length > 0 && (
            <div className="lane" data-short>
              <div className="lane-label" title={t('sceneCutsHint')}>
                {t('sceneCuts')}
                <span className="lane-sub">{t('sceneCutCount', { count: cuts.length })}</span>
              </div>
              <Canvas className="lane-plot" draw={scenes} aria-hidden />
            </div>
          )}
          {(events.length > 0 || keys.length > 0) && (
            <div className="lane" data-short>
              <div className="lane-label">
                {t('events')}
                <span className="lane-sub">{keys.length > 0 ? t('keyFrames', { count: keys.length }) : ''}</span>
              </div>
              <Canvas className="lane-plot" draw={marks} aria-hidden />
            </div>
          )}
          {evidence.sampleRate !== null && <SoundLanes id={evidence.id} range={range} strip={strip} />}
          <Cursor width={width} />
        </div>
      </div>
    </section>
  );
}

function PresenceRow({ track, spans }: { track: number; spans: readonly { from: number; to: number }[] }) {
  const { t } = useTranslation('viewer');
  const range = useExamination((s) => s.range);
  const draw = useCallback(
    (sheet: Sheet) => {
      for (const span of spans)
        drawSpan(sheet, span, range, { top: 4, height: sheet.height - 8, ink: trackInk(track) });
    },
    [spans, range, track],
  );
  return (
    <div className="lane" data-short>
      <div className="lane-label">{t('faceTrack', { track })}</div>
      <Canvas className="lane-plot" draw={draw} aria-hidden />
    </div>
  );
}

/** The vertical line through all lanes. Moves alone, so that nothing else is drawn again while playing. */
function Cursor({ width }: { readonly width: number }) {
  const cursor = useExamination((s) => s.cursor);
  const range = useExamination((s) => s.range);
  const selection = useExamination((s) => s.selection);
  if (width === 0) return null;
  const x = toPixel(cursor, range, width);
  const left = selection ? Math.max(0, toPixel(selection.from, range, width)) : 0;
  const right = selection ? Math.min(width, toPixel(selection.to, range, width)) : 0;
  return (
    <div className="timeline-over" style={{ width }} aria-hidden>
      {right > left && <div className="timeline-selection" style={{ left, width: right - left }} />}
      {x >= 0 && x <= width && <div className="timeline-cursor" style={{ transform: `translateX(${x}px)` }} />}
    </div>
  );
}

function RangeText() {
  const range = useExamination((s) => s.range);
  return (
    <Text size="xs" c="dimmed" className="numbers">
      {clock(range.from)} – {clock(range.to)}
    </Text>
  );
}
