/** Bookmarks of an exhibit: what is in view now with a note, and those kept before. */
import { Button, Stack, Text, Textarea, Title, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clock } from '../charts/scale.ts';
import { useChange } from '../data/api.ts';
import { EXHIBIT_ANSWERS } from '../data/cases.ts';
import type { Examined } from './api.ts';
import { readBookmark, writeBookmark } from './bookmark.ts';
import { currentLook, restore, useExamination } from './store.ts';

export interface BookmarksProps {
  readonly examined: Examined;
  /** The frame under the cursor; null for sound. */
  readonly frame: number | null;
  readonly field: React.RefObject<HTMLTextAreaElement | null>;
}

export function Bookmarks({ examined, frame, field }: BookmarksProps) {
  const { t } = useTranslation('viewer');
  const { handle, exhibit, analysisId, details, evidence } = examined;
  const [note, setNote] = useState('');
  const add = useChange('case.addBookmark', EXHIBIT_ANSWERS);
  const keep = (): void => {
    const text = note.trim();
    if (text === '') return;
    const timeSeconds = evidence.mediaType === 'image' ? null : useExamination.getState().cursor;
    add.mutate(
      { case: handle, exhibit, analysis: analysisId, label: writeBookmark(text, currentLook()), timeSeconds, frame },
      { onSuccess: () => setNote('') },
    );
  };
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        {t('bookmarks')}
      </Title>
      <Textarea
        ref={field}
        label={t('bookmarkNote')}
        description={t('bookmarkKeeps')}
        autosize
        minRows={2}
        maxRows={5}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) keep();
        }}
      />
      <Button onClick={keep} loading={add.isPending} disabled={note.trim() === ''} variant="default">
        {t('bookmarkAdd')}
      </Button>
      {details.bookmarks.length === 0 && (
        <Text size="xs" c="dimmed">
          {t('bookmarkNone')}
        </Text>
      )}
      <ol className="marks">
        {details.bookmarks.map(({ id, label, timeSeconds, frame: number, byExaminer }) => {
          const { note: text, look } = readBookmark(label);
          return (
            <li key={id}>
              <UnstyledButton title={t('bookmarkGo', { note: text })} onClick={() => restore(timeSeconds, look)}>
                {text}
                <Text size="xs" c="dimmed" className="numbers">
                  {timeSeconds !== null && clock(timeSeconds)} {number !== null && `#${number}`} {byExaminer}
                </Text>
              </UnstyledButton>
            </li>
          );
        })}
      </ol>
    </Stack>
  );
}
