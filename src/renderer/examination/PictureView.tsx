/** Picture or video with its controls, alone or beside a reference. */
import { ActionIcon, Group, NumberInput, SegmentedControl, Select, Slider, Switch, Text } from '@mantine/core';
import {
  ChevronFirst,
  ChevronLast,
  ChevronLeft,
  ChevronRight,
  Pause,
  Play,
  Scan,
  SquareSplitHorizontal,
} from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { VidimusError } from '../../contract/errors.ts';
import { clock } from '../charts/scale.ts';
import { evidenceUrl } from '../client.ts';
import { useAsk } from '../data/api.ts';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { useFormat } from '../ui/format.ts';
import { Loading } from '../ui/Loading.tsx';
import type { Examined } from './api.ts';
import type { Overlay } from './drawPicture.ts';
import type { FrameClock } from './frames.ts';
import { PicturePane } from './PicturePane.tsx';
import { goTo, lookAtPicture, play, show, useExamination } from './store.ts';
import { usePicture } from './usePicture.ts';
import './picture.css';

export interface PictureViewProps {
  readonly examined: Examined;
  readonly times: FrameClock;
  readonly player: HTMLVideoElement | null;
  /** The frame under the cursor. */
  readonly frame: number;
}

export function PictureView({ examined, times, player, frame }: PictureViewProps) {
  const { t } = useTranslation('viewer');
  const { evidence, result, covered, address } = examined;
  const { playing, silent, overlay, opacity, boxes, beside } = useExamination();
  const cursor = useExamination((s) => (s.playing ? s.cursor : 0));
  const video = evidence.mediaType === 'video';
  const moving = playing && video && !silent && player !== null && player.readyState >= 2;
  const size = useMemo(
    () => ({ width: evidence.width ?? 1, height: evidence.height ?? 1 }),
    [evidence.width, evidence.height],
  );
  const { loaded, failed } = usePicture(
    moving ? null : address(`frame/${frame}.png`),
    video && frame + 1 < times.count ? [address(`frame/${frame + 1}.png`)] : [],
  );
  const maps = covered || result === null ? [] : result.artifacts.filter(({ kind }) => kind === 'heat-map');
  const map = maps.find(({ sha256 }) => sha256 === overlay);
  const mapImage = usePicture(map ? address(`artifact/${map.sha256}.png`) : null);
  const over = useMemo<Overlay | null>(
    () =>
      map && mapImage.loaded
        ? { image: mapImage.loaded.image, box: map.where?.box ?? { x: 0, y: 0, ...size }, opacity }
        : null,
    [map, mapImage.loaded, size, opacity],
  );
  const tracks = boxes && result !== null ? result.tracks : NONE;
  const label = video ? t('frameOf', { frame, last: times.count - 1 }) : evidence.name;
  const source = moving ? player : (loaded?.image ?? null);
  return (
    <div className="picture-view">
      <PictureControls examined={examined} times={times} frame={frame} maps={maps} />
      <div className="picture-panes" data-beside={beside || undefined}>
        <PicturePane
          label={label}
          source={source}
          size={size}
          frame={frame}
          tick={moving ? cursor : 0}
          tracks={tracks}
          overlay={over}
          first
        >
          {failed !== null && (
            <div className="picture-notice">
              <ErrorNotice error={new VidimusError('evidence.damaged', t('pictureFailed'))} />
            </div>
          )}
          {source === null && failed === null && (
            <div className="picture-notice">
              <Loading rows={2} />
            </div>
          )}
        </PicturePane>
        {beside && <ReferencePane examined={examined} frame={frame} size={size} />}
      </div>
    </div>
  );
}

const NONE = [] as const;

interface ControlsProps {
  readonly examined: Examined;
  readonly times: FrameClock;
  readonly frame: number;
  readonly maps: readonly { readonly sha256: string; readonly title: string }[];
}

function PictureControls({ examined, times, frame, maps }: ControlsProps) {
  const { t } = useTranslation('viewer');
  const { percent } = useFormat();
  const { playing, overlay, opacity, boxes, beside } = useExamination();
  const video = examined.evidence.mediaType === 'video';
  const { seconds, exact } = times.timeOf(frame);
  const step = (to: number): void => stepTo(times, to);
  return (
    <Group gap="xs" className="picture-controls" wrap="wrap">
      {video && (
        <Group gap={2}>
          <Tool label={t('firstFrame')} onClick={() => step(0)} icon={ChevronFirst} />
          <Tool label={t('previousFrame')} onClick={() => step(frame - 1)} icon={ChevronLeft} />
          <Tool label={playing ? t('pause') : t('play')} onClick={() => play(!playing)} icon={playing ? Pause : Play} />
          <Tool label={t('nextFrame')} onClick={() => step(frame + 1)} icon={ChevronRight} />
          <Tool label={t('lastFrame')} onClick={() => step(times.count - 1)} icon={ChevronLast} />
          <NumberInput
            aria-label={t('frameField')}
            value={frame}
            min={0}
            max={Math.max(0, times.count - 1)}
            allowDecimal={false}
            w={84}
            onChange={(value) => typeof value === 'number' && step(value)}
          />
          <Text
            size="xs"
            className="numbers"
            title={exact ? t('exactTime') : t('derivedTime')}
            data-testid="frame-time"
          >
            {exact ? '' : '≈ '}
            {clock(seconds, 6)}
          </Text>
        </Group>
      )}
      <Tool label={t('fit')} onClick={() => lookAtPicture(null)} icon={Scan} />
      <Switch
        label={t('boxes')}
        title={t('boxesHint')}
        checked={boxes}
        onChange={(event) => show({ boxes: event.currentTarget.checked })}
      />
      {maps.length > 0 && (
        <>
          <Select
            aria-label={t('overlay')}
            placeholder={t('overlayNone')}
            clearable
            w={220}
            data={maps.map(({ sha256, title }) => ({ value: sha256, label: title }))}
            value={overlay}
            onChange={(value) => show({ overlay: value })}
          />
          <Slider
            thumbLabel={t('opacity')}
            w={110}
            size="sm"
            min={0}
            max={1}
            step={0.05}
            label={(value) => percent(value, 0)}
            value={opacity}
            disabled={overlay === null}
            onChange={(value) => show({ opacity: value })}
          />
        </>
      )}
      <Tool
        label={t('beside')}
        pressed={beside}
        onClick={() => show({ beside: !beside })}
        icon={SquareSplitHorizontal}
      />
    </Group>
  );
}

/** Goes to a frame; the cursor stands at its time. */
export const stepTo = (times: FrameClock, frame: number): void => {
  play(false);
  goTo(times.timeOf(Math.min(times.count - 1, Math.max(0, frame))).seconds);
};

interface ToolProps {
  readonly label: string;
  readonly icon: typeof Play;
  readonly pressed?: boolean;
  readonly onClick: () => void;
}

function Tool({ label, icon: Icon, pressed, onClick }: ToolProps) {
  return (
    <ActionIcon
      size="md"
      aria-label={label}
      title={label}
      onClick={onClick}
      {...(pressed === undefined ? {} : { 'aria-pressed': pressed, variant: pressed ? 'light' : 'subtle' })}
    >
      <Icon size={16} aria-hidden />
    </ActionIcon>
  );
}

/** A frame held in place, or the picture of another exhibit of the case; moves together with the first pane. */
function ReferencePane({
  examined,
  frame,
  size,
}: {
  examined: Examined;
  frame: number;
  size: { width: number; height: number };
}) {
  const { t } = useTranslation('viewer');
  const { handle, exhibit, evidence } = examined;
  const [other, setOther] = useState<string>(exhibit);
  const [held, setHeld] = useState(frame);
  const list = useAsk('case.exhibits', { case: handle, offset: 0, limit: 500, sort: 'itemNumber' });
  const opened = useAsk('evidence.open', { case: handle, exhibit: other }, { enabled: other !== exhibit });
  const own = other === exhibit;
  const view = own ? evidence : opened.data;
  const shownFrame = own ? held : 0;
  const { loaded, failed } = usePicture(view ? evidenceUrl(view.id, `frame/${shownFrame}.png`) : null);
  const label = own ? t('referenceFrame', { frame: held }) : `${t('reference')}: ${view?.name ?? ''}`;
  const referenceSize = useMemo(
    () => (own || !view ? size : { width: view.width ?? 1, height: view.height ?? 1 }),
    [own, view, size],
  );
  const choices = (list.data?.rows ?? [])
    .filter(({ exhibit: row }) => row.mediaType !== 'audio')
    .map(({ exhibit: row }) => ({
      value: row.id,
      label: row.id === exhibit ? t('referenceThis') : `${row.itemNumber} · ${row.originalName}`,
    }));
  return (
    <PicturePane
      label={label}
      source={loaded?.image ?? null}
      size={referenceSize}
      frame={-1}
      tracks={NONE}
      overlay={null}
    >
      <Group gap={6} className="picture-reference">
        <Select
          aria-label={t('referencePick')}
          data={choices}
          value={other}
          allowDeselect={false}
          w={220}
          onChange={(value) => value !== null && setOther(value)}
        />
        {own && evidence.mediaType === 'video' && (
          <SegmentedControl
            aria-label={t('referenceHold')}
            data={[
              { value: String(held), label: t('referenceFrame', { frame: held }) },
              ...(held === frame ? [] : [{ value: String(frame), label: t('referenceHold') }]),
            ]}
            value={String(held)}
            onChange={(value) => setHeld(Number(value))}
          />
        )}
      </Group>
      {(failed !== null || opened.isError) && (
        <div className="picture-notice">
          <ErrorNotice error={opened.error ?? new VidimusError('evidence.damaged', t('pictureFailed'))} />
        </div>
      )}
    </PicturePane>
  );
}
