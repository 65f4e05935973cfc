/** The columns of the table of exhibits. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { ExhibitRow } from '../../../contract/apiCases.ts';
import { useFormat } from '../../ui/format.ts';
import { Hash } from '../../ui/Hash.tsx';
import { Moment } from '../../ui/Moment.tsx';
import { Score } from '../../ui/Score.tsx';
import { Tone, type ToneName } from '../../ui/Tone.tsx';
import type { Column } from '../../ui/VirtualTable.tsx';
import { MediaKind, Thumbnail } from './Thumbnail.tsx';

export const JOB_TONES: Readonly<Record<NonNullable<ExhibitRow['job']>, ToneName>> = {
  queued: 'idle',
  running: 'active',
  done: 'good',
  failed: 'alarm',
  cancelled: 'warning',
};

/** Tags drawn in a row; the rest are counted. */
const TAGS_SHOWN = 3;

/** @param covered scores are not shown before propositions are fixed */
export function useExhibitColumns(handle: string, covered: boolean, narrow: boolean): Column<ExhibitRow>[] {
  const { t } = useTranslation('case');
  const { t: word } = useTranslation('words');
  const format = useFormat();
  return useMemo(() => {
    const all: Column<ExhibitRow>[] = [
      {
        id: 'thumbnail',
        header: t('column.thumbnail'),
        width: '62px',
        cell: ({ exhibit }) => <Thumbnail handle={handle} exhibit={exhibit} />,
      },
      { id: 'item', header: t('column.item'), width: '64px', cell: ({ exhibit }) => exhibit.itemNumber },
      {
        id: 'name',
        header: t('column.name'),
        width: 'minmax(160px, 2fr)',
        cell: ({ exhibit }) => <span title={exhibit.originalPath}>{exhibit.originalName}</span>,
      },
      {
        id: 'type',
        header: t('column.type'),
        width: '84px',
        cell: ({ exhibit }) => <MediaKind handle={handle} exhibit={exhibit} />,
      },
      {
        id: 'bytes',
        header: t('column.bytes'),
        width: '92px',
        align: 'end',
        cell: ({ exhibit }) => format.bytes(exhibit.bytes),
      },
      {
        id: 'status',
        header: t('column.status'),
        width: '124px',
        cell: ({ job, check }) =>
          check !== null && check !== 'match' ? (
            <Tone tone="alarm">{word(`outcome.${check}`)}</Tone>
          ) : job === null ? (
            <Tone tone="idle">{t('notAnalysed')}</Tone>
          ) : (
            <Tone tone={JOB_TONES[job]}>{word(`job.${job}`)}</Tone>
          ),
      },
      {
        id: 'result',
        header: t('column.result'),
        width: '150px',
        cell: ({ analysis, propositionsFixed }) =>
          analysis === null ? (
            ''
          ) : covered && !propositionsFixed ? (
            <span className="tone-none" title={t('hiddenScores')}>
              {t('covered')}
            </span>
          ) : (
            <Score score={analysis.score} label={analysis.label} />
          ),
      },
      {
        id: 'tags',
        header: t('column.tags'),
        width: 'minmax(90px, 1fr)',
        cell: ({ tags }) => (
          <>
            {tags.slice(0, TAGS_SHOWN).map((tag) => (
              <span key={tag} className="tag">
                {tag}
              </span>
            ))}
            {tags.length > TAGS_SHOWN && `+${tags.length - TAGS_SHOWN}`}
          </>
        ),
      },
      {
        id: 'sha256',
        header: t('column.sha256'),
        width: '118px',
        cell: ({ exhibit }) => <Hash value={exhibit.sha256} />,
      },
      {
        id: 'added',
        header: t('column.added'),
        width: '190px',
        cell: ({ exhibit }) => <Moment utc={exhibit.addedUtc} />,
      },
    ];
    return narrow ? all.filter(({ id }) => !['added', 'tags', 'sha256', 'bytes'].includes(id)) : all;
  }, [t, word, format, handle, covered, narrow]);
}
