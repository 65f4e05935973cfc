/** The entries of the audit log, newest first. */
import { Tooltip } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditEntry } from '../../../contract/caseFiles.ts';
import { Hash } from '../../ui/Hash.tsx';
import { Moment } from '../../ui/Moment.tsx';
import { Tone } from '../../ui/Tone.tsx';
import { type Column, VirtualTable } from '../../ui/VirtualTable.tsx';

/** The detail of an entry on one line. */
export const detailText = (detail: AuditEntry['detail']): string =>
  Object.entries(detail)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' · ');

/** An entry with the hash of its bytes, which the next entry names. */
export interface HashedEntry {
  readonly hash: string;
  readonly entry: AuditEntry;
}

export interface EntryTableProps {
  readonly count: number;
  readonly entryAt: (index: number) => HashedEntry | undefined;
  readonly onView: (first: number, last: number) => void;
}

export function EntryTable({ count, entryAt, onView }: EntryTableProps) {
  const { t } = useTranslation('watch');
  const columns = useMemo<Column<HashedEntry>[]>(
    () => [
      { id: 'seq', header: t('log.seq'), width: '70px', align: 'end', cell: ({ entry }) => entry.seq },
      {
        id: 'time',
        header: t('log.time'),
        width: '200px',
        cell: ({ entry }) =>
          entry.clockBackMs === undefined ? (
            <Moment utc={entry.utc} />
          ) : (
            <Tooltip label={t('log.clockBack', { ms: entry.clockBackMs })}>
              <span>
                <Tone tone="warning">
                  <Moment utc={entry.utc} />
                </Tone>
              </span>
            </Tooltip>
          ),
      },
      { id: 'actor', header: t('log.actor'), width: '170px', cell: ({ entry }) => entry.actor.name },
      {
        id: 'action',
        header: t('log.action'),
        width: '170px',
        cell: ({ entry }) => <span className="mono">{entry.action}</span>,
      },
      {
        id: 'detail',
        header: t('log.detail'),
        width: 'minmax(220px, 1fr)',
        cell: ({ entry }) => {
          const text = detailText(entry.detail);
          return (
            <Tooltip label={text} multiline maw={520} disabled={text === ''}>
              <span>{text}</span>
            </Tooltip>
          );
        },
      },
      {
        id: 'objects',
        header: t('log.record'),
        width: '110px',
        cell: ({ entry }) => (entry.objects.length === 0 ? '' : t('log.objects', { count: entry.objects.length })),
      },
      {
        id: 'hash',
        header: t('log.hash'),
        width: '130px',
        cell: ({ hash }) => <Hash value={hash} name={t('log.hash')} />,
      },
    ],
    [t],
  );
  return (
    <VirtualTable
      label={t('log.title')}
      columns={columns}
      count={count}
      rowAt={entryAt}
      keyOf={({ entry }) => String(entry.seq)}
      onView={onView}
    />
  );
}
