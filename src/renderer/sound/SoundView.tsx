/** Sound to look at and listen to: spectrogram, waveform, selection with measurements. */
import { ActionIcon, Group, NumberInput, SegmentedControl, Select, Switch, Text, UnstyledButton } from '@mantine/core';
import { Pause, Play, ZoomIn } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FrequencyScale, type SpectrogramWish, WindowShape } from '../../contract/apiEvidence.ts';
import { COLOUR_MAPS, type ColourMap } from '../charts/colours.ts';
import { clock } from '../charts/scale.ts';
import type { Examined } from '../examination/api.ts';
import type { FrameClock } from '../examination/frames.ts';
import { goTo, play, select, show, showRange, useExamination, zoomTime } from '../examination/store.ts';
import { TimeLine } from '../examination/TimeLine.tsx';
import { useSettled } from '../examination/useSettled.ts';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { useFormat } from '../ui/format.ts';
import { type LevelReading, measureLevels } from './levels.ts';
import { SpectrogramPlot } from './SpectrogramPlot.tsx';
import { useSpectrogram } from './useSpectrogram.ts';
import './sound.css';

const SIZES = [256, 512, 1024, 2048, 4096] as const;
const isMap = (name: string): name is ColourMap => COLOUR_MAPS.some((map) => map === name);

export function SoundView({ examined, times }: { readonly examined: Examined; readonly times: FrameClock }) {
  const { t } = useTranslation('viewer');
  const { number } = useFormat();
  const [scale, setScale] = useState<FrequencyScale>('linear');
  const [window_, setWindow] = useState<WindowShape>('hann');
  const [size, setSize] = useState<SpectrogramWish['size']>(1024);
  const [span, setSpan] = useState(90);
  const [top, setTop] = useState(0);
  const [map, setMap] = useState<ColourMap>('ember');
  const [reading, setReading] = useState<LevelReading | null>(null);
  const range = useExamination((s) => s.range);
  const { playing, loop, silent } = useExamination();
  const settled = useSettled(range);
  const { levels, error, retry } = useSpectrogram(examined.evidence.id, {
    scale,
    window: window_,
    size,
    columns: 1400,
    rows: 384,
    ...settled,
  });
  useSoundKeys(examined.evidence.mediaType === 'audio');
  const mapNames = COLOUR_MAPS.map((name) => ({ value: name, label: t(`colourMaps.${name}`) }));
  return (
    <div className="sound">
      <Group gap="xs" className="picture-controls">
        <ActionIcon
          size="md"
          aria-label={playing ? t('pause') : t('play')}
          title={playing ? t('pause') : t('play')}
          onClick={() => play(!playing)}
        >
          {playing ? <Pause size={16} aria-hidden /> : <Play size={16} aria-hidden />}
        </ActionIcon>
        <Switch label={t('loop')} checked={loop} onChange={(event) => show({ loop: event.currentTarget.checked })} />
        <SegmentedControl
          aria-label={t('scaleChoice')}
          data={FrequencyScale.options.map((value) => ({ value, label: t(`scales.${value}`) }))}
          value={scale}
          onChange={(value) => setScale(FrequencyScale.parse(value))}
        />
        <Select
          aria-label={t('window')}
          w={110}
          allowDeselect={false}
          data={WindowShape.options.map((value) => ({ value, label: t(`windows.${value}`) }))}
          value={window_}
          onChange={(value) => value !== null && setWindow(WindowShape.parse(value))}
        />
        <Select
          aria-label={t('size')}
          w={150}
          allowDeselect={false}
          data={SIZES.map((value) => ({ value: String(value), label: t('samples', { count: value }) }))}
          value={String(size)}
          onChange={(value) => setSize(SIZES.find((known) => String(known) === value) ?? size)}
        />
        <NumberInput
          aria-label={t('rangeDb')}
          prefix={`${t('rangeDb')} `}
          suffix=" dB"
          w={120}
          min={20}
          max={160}
          step={10}
          value={span}
          onChange={(value) => typeof value === 'number' && value >= 20 && setSpan(value)}
        />
        <NumberInput
          aria-label={t('rangeTop')}
          prefix={`${t('rangeTop')} `}
          suffix=" dBFS"
          w={150}
          min={-120}
          max={20}
          step={5}
          value={top}
          onChange={(value) => typeof value === 'number' && setTop(value)}
        />
        <Select
          aria-label={t('colours')}
          w={100}
          allowDeselect={false}
          data={mapNames}
          value={map}
          onChange={(value) => value !== null && isMap(value) && setMap(value)}
        />
        <Text size="xs" className="numbers sound-reading" role="status" data-testid="reading">
          {reading === null
            ? t('readingNone')
            : t('reading', {
                time: clock(reading.seconds, 4),
                hertz: number(reading.hertz, 1),
                db: number(reading.db, 1),
              })}
        </Text>
      </Group>
      {silent && (
        <Text size="xs" className="banner">
          {t('playFailed')}
        </Text>
      )}
      {error === null ? (
        <SpectrogramPlot
          levels={levels}
          colours={{ floor: top - span, top, map }}
          label={t('spectrogramOf', {
            scale: t(`scales.${scale}`),
            from: clock(range.from),
            to: clock(range.to),
          })}
          onReading={setReading}
        />
      ) : (
        <ErrorNotice error={error} onRetry={retry} />
      )}
      <Measurements levels={levels} />
      <TimeLine examined={examined} times={times} strip={false} />
    </div>
  );
}

function Measurements({ levels }: { readonly levels: ReturnType<typeof useSpectrogram>['levels'] }) {
  const { t } = useTranslation('viewer');
  const { number } = useFormat();
  const selection = useExamination((s) => s.selection);
  const found =
    selection && levels
      ? measureLevels(levels.grid, levels.db, selection, { from: 0, to: Number.POSITIVE_INFINITY })
      : null;
  return (
    <Group gap="md" className="sound-measures numbers">
      <Text size="xs" fw={600}>
        {t('selection')}
      </Text>
      {selection === null ? (
        <Text size="xs" c="dimmed">
          {t('selectionNone')} {t('soundKeys')}
        </Text>
      ) : (
        <>
          <span>
            {t('selectionFrom')} {clock(selection.from, 4)}
          </span>
          <span>
            {t('selectionTo')} {clock(selection.to, 4)}
          </span>
          <span>
            {t('selectionLength')} {number(selection.to - selection.from, 4)} s
          </span>
          {found && (
            <>
              <span>
                {t('selectionPeak')} {number(found.peak.db, 1)} dBFS, {number(found.peak.hertz, 0)} Hz
              </span>
              <span>
                {t('selectionMean')} {number(found.mean, 1)} dBFS
              </span>
            </>
          )}
          <ActionIcon
            size="sm"
            aria-label={t('selectionZoom')}
            title={t('selectionZoom')}
            onClick={() => showRange(selection)}
          >
            <ZoomIn size={14} aria-hidden />
          </ActionIcon>
          <UnstyledButton className="place" onClick={() => select(null)}>
            {t('selectionClear')}
          </UnstyledButton>
        </>
      )}
    </Group>
  );
}

/** Space plays, I and O set the ends of the selection at the cursor; arrows move it where there are no frames. */
function useSoundKeys(arrows: boolean): void {
  useEffect(() => {
    const heard = (event: KeyboardEvent): void => {
      const { target } = event;
      const element = target instanceof HTMLElement ? target : null;
      const inField = element !== null && ['INPUT', 'TEXTAREA', 'SELECT'].includes(element.tagName);
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const { cursor, selection, whole, range, playing } = useExamination.getState();
      const fine = ((range.to - range.from) / 100) * (event.shiftKey ? 10 : 1);
      if (inField) return;
      if (event.key === 'i') select({ from: cursor, to: Math.max(selection?.to ?? whole.to, cursor + 1e-3) });
      else if (event.key === 'o') select({ from: Math.min(selection?.from ?? whole.from, cursor - 1e-3), to: cursor });
      else if (event.key === 'Escape') select(null);
      else if (event.key === ' ' && element?.tagName !== 'BUTTON') play(!playing);
      else if (event.key === '+') zoomTime(0.6, cursor);
      else if (event.key === '-') zoomTime(1 / 0.6, cursor);
      else if (event.key === 'ArrowLeft' && arrows) goTo(cursor - fine);
      else if (event.key === 'ArrowRight' && arrows) goTo(cursor + fine);
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', heard);
    return () => window.removeEventListener('keydown', heard);
  }, [arrows]);
}
