/** Tags of exhibits: shown, set and taken off. */
import { Autocomplete, Button, Group, Pill } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

export interface TagsProps {
  readonly tags: readonly string[];
  /** Tags in use in the case, to choose from. */
  readonly known: readonly string[];
  readonly readOnly: boolean;
  readonly onSet: (tag: string) => void;
  readonly onRemove: (tag: string) => void;
}

export function Tags({ tags, known, readOnly, onSet, onRemove }: TagsProps) {
  const { t } = useTranslation('case');
  const { t: common } = useTranslation();
  const [text, setText] = useState('');
  return (
    <div className="stack">
      <Pill.Group>
        {tags.map((tag) => (
          <Pill
            key={tag}
            withRemoveButton={!readOnly}
            onRemove={() => onRemove(tag)}
            removeButtonProps={{ 'aria-label': t('tagRemove', { tag }), tabIndex: 0, 'aria-hidden': false }}
          >
            {tag}
          </Pill>
        ))}
      </Pill.Group>
      {!readOnly && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const tag = text.trim();
            if (tag === '') return;
            onSet(tag);
            setText('');
          }}
        >
          <Group gap="xs" align="flex-end">
            <Autocomplete
              size="xs"
              label={t('tagAdd')}
              data={known.filter((tag) => !tags.includes(tag))}
              value={text}
              onChange={setText}
              maxLength={200}
            />
            <Button type="submit" variant="default" disabled={text.trim() === ''}>
              {common('add')}
            </Button>
          </Group>
        </form>
      )}
    </div>
  );
}
