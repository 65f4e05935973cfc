/** The examination of one exhibit: look at it, read what was found, listen, read what the file says of itself. */
import { Select, Tabs } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearch } from 'wouter';
import { Findings } from '../findings/Findings.tsx';
import { Metadata } from '../metadata/Metadata.tsx';
import { SoundView } from '../sound/SoundView.tsx';
import { Empty } from '../ui/Empty.tsx';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { useFormat } from '../ui/format.ts';
import { Loading } from '../ui/Loading.tsx';
import { Screen } from '../ui/Screen.tsx';
import { type Examined, useExamined } from './api.ts';
import { Bookmarks } from './Bookmarks.tsx';
import { readBookmark } from './bookmark.ts';
import { type FrameClock, frameClock, knownTimes } from './frames.ts';
import { PictureView, stepTo } from './PictureView.tsx';
import { Player, usePlaying } from './Player.tsx';
import { goTo, lookAtPicture, play, restore, startExamination, useExamination } from './store.ts';
import { TimeLine } from './TimeLine.tsx';

export interface ExaminationProps {
  /** Handle of the open case. */
  readonly caseId: string;
  readonly exhibitId: string;
}

export function Examination({ caseId, exhibitId }: ExaminationProps) {
  const { t } = useTranslation('viewer');
  const search = new URLSearchParams(useSearch());
  const [chosen, setChosen] = useState<string | null>(search.get('analysis'));
  const { value, failed } = useExamined(caseId, exhibitId, chosen);
  if (value === null) {
    return (
      <Screen title={t('title')}>
        {failed ? <ErrorNotice error={failed.error} onRetry={() => void failed.refetch()} /> : <Loading rows={10} />}
      </Screen>
    );
  }
  return <Opened examined={value} bookmark={search.get('bookmark')} onAnalysis={setChosen} />;
}

interface OpenedProps {
  readonly examined: Examined;
  readonly bookmark: string | null;
  readonly onAnalysis: (id: string | null) => void;
}

function Opened({ examined, bookmark, onAnalysis }: OpenedProps) {
  const { t } = useTranslation('viewer');
  const { local } = useFormat();
  const { evidence, details, result, handle, analysisId, address } = examined;
  const { exhibit, analyses } = details;
  const times = useMemo(
    () => frameClock(evidence.frames ?? (evidence.mediaType === 'image' ? 1 : 0), evidence.fps, knownTimes(result)),
    [evidence, result],
  );
  const duration = evidence.duration ?? 0;
  const sound = evidence.sampleRate !== null;
  const [tab, setTab] = useState<string | null>(evidence.mediaType === 'audio' ? 'sound' : 'examination');
  const [player, setPlayer] = useState<HTMLVideoElement | null>(null);
  const cursor = useExamination((s) => s.cursor);
  const frame = times.count > 1 ? times.frameAt(cursor) : 0;
  const wanted = useRef(bookmark);
  usePlaying(player);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a bookmark in the address counts once, when the exhibit opens
  useEffect(() => {
    startExamination(duration);
    const mark = details.bookmarks.find(({ id }) => id === wanted.current);
    if (mark) restore(mark.timeSeconds, readBookmark(mark.label).look);
    return () => play(false);
  }, [evidence.id, duration]);
  return (
    <Screen
      fill
      title={`${exhibit.itemNumber} · ${exhibit.originalName}`}
      subtitle={
        <Link href={`/case/${handle}`} className="link">
          {t('toCase')}
        </Link>
      }
      actions={
        analyses.length > 0 && (
          <Select
            aria-label={t('analysisChoice')}
            w={250}
            allowDeselect={false}
            value={analysisId}
            data={analyses.map(({ id, startedUtc }) => ({ value: id, label: local(startedUtc) })).reverse()}
            onChange={onAnalysis}
          />
        )
      }
    >
      {evidence.mediaType !== 'image' && <Player source={address('media')} onElement={setPlayer} />}
      <Tabs value={tab} onChange={setTab} className="examination-tabs" activateTabWithKeyboard={false}>
        <Tabs.List>
          {evidence.mediaType !== 'audio' && <Tabs.Tab value="examination">{t('tab.examination')}</Tabs.Tab>}
          {sound && <Tabs.Tab value="sound">{t('tab.sound')}</Tabs.Tab>}
          <Tabs.Tab value="findings">{t('tab.findings')}</Tabs.Tab>
          <Tabs.Tab value="metadata">{t('tab.metadata')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="examination" className="examination-panel">
          <Looking examined={examined} times={times} player={player} frame={frame} />
        </Tabs.Panel>
        <Tabs.Panel value="sound" className="examination-panel">
          <SoundView examined={examined} times={times} />
        </Tabs.Panel>
        <Tabs.Panel value="findings" className="examination-panel" data-scroll>
          {result === null ? (
            <NotExamined handle={handle} />
          ) : (
            <Findings
              examined={examined}
              result={result}
              onShow={(where) => {
                if (where.seconds) goTo(where.seconds[0]);
                else if (where.frames) stepTo(times, where.frames[0]);
                if (where.box && evidence.width !== null) {
                  const { x, y, width, height } = where.box;
                  lookAtPicture({ scale: 2, x: x + width / 2, y: y + height / 2 });
                }
                setTab(evidence.mediaType === 'audio' ? 'sound' : 'examination');
              }}
            />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="metadata" className="examination-panel" data-scroll>
          {result === null ? <NotExamined handle={handle} /> : <Metadata result={result} />}
        </Tabs.Panel>
      </Tabs>
    </Screen>
  );
}

interface LookingProps {
  readonly examined: Examined;
  readonly times: FrameClock;
  readonly player: HTMLVideoElement | null;
  readonly frame: number;
}

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (['TEXTAREA', 'SELECT'].includes(target.tagName) ||
    ['slider', 'menuitemcheckbox'].includes(target.getAttribute('role') ?? '') ||
    (target instanceof HTMLInputElement && !['checkbox', 'radio'].includes(target.type)));

/** Picture, bookmarks and time line, with the keys that step through frames. */
function Looking({ examined, times, player, frame }: LookingProps) {
  const { t } = useTranslation('viewer');
  const { evidence } = examined;
  const note = useRef<HTMLTextAreaElement>(null);
  const video = evidence.mediaType === 'video';
  useEffect(() => {
    const heard = (event: KeyboardEvent): void => {
      const onTimeLine = event.target instanceof HTMLElement && event.target.classList.contains('timeline-body');
      if ((typing(event.target) && !onTimeLine) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.defaultPrevented || document.querySelector('[role="dialog"]') !== null) return;
      const by = event.shiftKey ? 10 : 1;
      // From the store: a held key is faster than the screen.
      const now = times.frameAt(useExamination.getState().cursor);
      const button = event.target instanceof HTMLButtonElement;
      if (event.key === 'b') note.current?.focus();
      else if (!video) return;
      else if (event.key === 'ArrowRight') stepTo(times, now + by);
      else if (event.key === 'ArrowLeft') stepTo(times, now - by);
      else if (event.key === 'Home') stepTo(times, 0);
      else if (event.key === 'End') stepTo(times, times.count - 1);
      else if (event.key === ' ' && !button) play(!useExamination.getState().playing);
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', heard);
    return () => window.removeEventListener('keydown', heard);
  }, [times, video]);
  return (
    <div className="examination" data-still={video ? undefined : true}>
      <PictureView examined={examined} times={times} player={player} frame={frame} />
      <aside className="examination-side" aria-label={t('bookmarks')}>
        <Bookmarks examined={examined} frame={video ? frame : null} field={note} />
        <p className="key-hint">
          {video && t('pictureKeys')} {t('zoomKeys')}
        </p>
      </aside>
      {video && <TimeLine examined={examined} times={times} />}
    </div>
  );
}

function NotExamined({ handle }: { readonly handle: string }) {
  const { t } = useTranslation('viewer');
  return (
    <Empty
      title={t('notExamined')}
      action={
        <Link href={`/case/${handle}`} className="link">
          {t('toCase')}
        </Link>
      }
    >
      {t('notExaminedText')}
    </Empty>
  );
}
