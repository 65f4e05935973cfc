/** Places somebody wants to find again; each opens the examination there. */
import { Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Bookmark } from '../../../contract/caseWork.ts';
import { useFormat } from '../../ui/format.ts';
import { Moment } from '../../ui/Moment.tsx';

export interface BookmarksProps {
  readonly bookmarks: readonly Bookmark[];
  readonly handle: string;
}

export function Bookmarks({ bookmarks, handle }: BookmarksProps) {
  const { t } = useTranslation('case');
  const format = useFormat();
  if (bookmarks.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('bookmarksEmpty')}
      </Text>
    );
  }
  return (
    <ol className="timeline">
      {bookmarks.map((mark) => (
        <li key={mark.id}>
          <Link href={`/case/${handle}/exhibit/${mark.exhibit}?bookmark=${mark.id}`} className="link">
            {mark.label}
          </Link>
          <Group gap="xs">
            <Text size="xs" c="dimmed" className="numbers">
              {mark.timeSeconds !== null && t('at', { time: format.duration(mark.timeSeconds) })}{' '}
              {mark.frame !== null && t('frameNumber', { frame: format.number(mark.frame) })} · {mark.byExaminer} ·{' '}
              <Moment utc={mark.utc} />
            </Text>
          </Group>
        </li>
      ))}
    </ol>
  );
}
