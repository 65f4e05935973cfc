/** Waveform and spectrogram strip of the time line. */
import { useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Canvas, type Sheet } from '../charts/Canvas.tsx';
import { drawWave } from '../charts/drawSpans.ts';
import type { Range } from '../charts/scale.ts';
import { useAsk } from '../data/api.ts';
import { drawLevels, levelPicture } from '../sound/drawLevels.ts';
import { highest } from '../sound/levels.ts';
import { useSpectrogram } from '../sound/useSpectrogram.ts';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { useSettled } from './useSettled.ts';

const POINTS = 1200;

export interface SoundLanesProps {
  readonly id: string;
  readonly range: Range;
  /** The spectrogram as a strip below the waveform. */
  readonly strip: boolean;
}

export function SoundLanes({ id, range, strip }: SoundLanesProps) {
  const { t } = useTranslation('viewer');
  const settled = useSettled(range);
  const wave = useAsk('evidence.waveform', { id, ...settled, points: POINTS }, { keep: true });
  const drawWaveLane = useCallback(
    (sheet: Sheet) => wave.data && drawWave(sheet, wave.data, range),
    [wave.data, range],
  );
  const { levels, error, retry } = useSpectrogram(
    id,
    { scale: 'mel', window: 'hann', size: 1024, columns: POINTS, rows: 64, ...settled },
    strip,
  );
  const picture = useMemo(() => {
    if (levels === null) return null;
    const top = highest(levels.db);
    return levelPicture(levels, { floor: top - 80, top, map: 'ember' });
  }, [levels]);
  const drawStrip = useCallback(
    (sheet: Sheet) => picture && levels && drawLevels(sheet, picture, levels.grid, range),
    [picture, levels, range],
  );
  const failed = wave.isError ? wave.error : error;
  if (failed !== null && failed !== undefined) {
    return (
      <div className="lane-note">
        <ErrorNotice
          error={failed}
          onRetry={() => {
            void wave.refetch();
            retry();
          }}
        />
      </div>
    );
  }
  return (
    <>
      <div className="lane" aria-busy={wave.isFetching}>
        <div className="lane-label">
          {t('waveform')}
          <span className="lane-sub">{t('waveformUnit')}</span>
        </div>
        <Canvas className="lane-plot" draw={drawWaveLane} aria-hidden />
      </div>
      {strip && (
        <div className="lane">
          <div className="lane-label">
            {t('spectrogram')}
            <span className="lane-sub">{t('stripScale')}</span>
          </div>
          <Canvas className="lane-plot" draw={drawStrip} aria-hidden />
        </div>
      )}
    </>
  );
}
