/** Notes on an exhibit or on the case. A better wording is a new note; the old one stays to be read. */
import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Note } from '../../../contract/caseWork.ts';
import { Moment } from '../../ui/Moment.tsx';

export interface NotesProps {
  readonly notes: readonly Note[];
  readonly readOnly: boolean;
  readonly saving: boolean;
  /** Answers whether it was kept. */
  readonly onAdd: (text: string, supersedes: string | null) => Promise<boolean>;
}

export function Notes({ notes, readOnly, saving, onAdd }: NotesProps) {
  const { t } = useTranslation('case');
  const { t: common } = useTranslation();
  const [text, setText] = useState('');
  const [rewording, setRewording] = useState<Note | null>(null);
  const reworded = new Set(notes.flatMap(({ supersedes }) => supersedes ?? []));
  const save = async (): Promise<void> => {
    if (await onAdd(text.trim(), rewording?.id ?? null)) {
      setText('');
      setRewording(null);
    }
  };
  return (
    <Stack gap="sm">
      {notes.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('noteEmpty')}
        </Text>
      )}
      <ol className="timeline">
        {notes.map((note) => (
          <li key={note.id}>
            <Text size="sm" className="note-text" td={reworded.has(note.id) ? 'line-through' : undefined}>
              {note.text}
            </Text>
            <Group gap="xs">
              <Text size="xs" c="dimmed">
                {note.byExaminer} · <Moment utc={note.utc} />
                {reworded.has(note.id) && ` · ${t('noteSuperseded')}`}
              </Text>
              {!readOnly && !reworded.has(note.id) && (
                <Button
                  variant="subtle"
                  size="compact-xs"
                  onClick={() => {
                    setRewording(note);
                    setText(note.text);
                  }}
                >
                  {t('noteSupersede')}
                </Button>
              )}
            </Group>
          </li>
        ))}
      </ol>
      {!readOnly && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim() !== '') void save();
          }}
        >
          <Textarea
            label={rewording === null ? t('noteAdd') : t('noteSupersede')}
            autosize
            minRows={2}
            maxRows={10}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Group justify="flex-end" gap="xs" mt={6}>
            {rewording !== null && (
              <Button
                variant="default"
                onClick={() => {
                  setRewording(null);
                  setText('');
                }}
              >
                {common('cancel')}
              </Button>
            )}
            <Button type="submit" loading={saving} disabled={text.trim() === ''}>
              {common('save')}
            </Button>
          </Group>
        </form>
      )}
    </Stack>
  );
}
