/** What an examiner states about an exhibit: every field of the form, corrected with a reason. */
import { Button, Group, SimpleGrid, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Exhibit, ExhibitFields, type ExhibitForm, Utc } from '../../../contract/case.ts';

type FieldName = keyof ExhibitFields;

const GROUPS: readonly {
  readonly id: 'what' | 'acquisition' | 'origin' | 'keeping';
  readonly names: readonly FieldName[];
}[] = [
  { id: 'what', names: ['itemNumber', 'description', 'maker', 'model', 'serial'] },
  { id: 'acquisition', names: ['acquisitionMethod', 'acquisitionTool', 'acquisitionToolVersion', 'writeBlocker'] },
  { id: 'origin', names: ['source', 'authority', 'collectedBy', 'collectedUtc', 'collectedPlace'] },
  { id: 'keeping', names: ['sealNumber', 'storagePlace'] },
];
const NAMES = GROUPS.flatMap(({ names }) => names);

/** "2026-11-21T14:05:00.000Z" as one types it: "2026-11-21 14:05". */
const shownMoment = (utc: string | null): string => (utc === null ? '' : utc.slice(0, 16).replace('T', ' '));

/** The moment somebody typed; null for nothing, undefined for what is no moment. */
export function typedMoment(text: string): string | null | undefined {
  if (text.trim() === '') return null;
  const [, day, time, seconds = '00'] = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})(?::(\d{2}))?Z?$/.exec(text.trim()) ?? [];
  if (day === undefined || time === undefined) return undefined;
  const utc = Utc.safeParse(`${day}T${time}:${seconds}.000Z`);
  return utc.success ? utc.data : undefined;
}

type Draft = Record<FieldName, string>;

function draftOf(exhibit: Exhibit): Draft {
  const entries = NAMES.map((name) => [
    name,
    name === 'collectedUtc' ? shownMoment(exhibit[name]) : (exhibit[name] ?? ''),
  ]);
  return Object.fromEntries(entries);
}

/** What differs from the record; undefined where a field holds what it cannot. */
export function changesOf(exhibit: Exhibit, draft: Draft): ExhibitForm | undefined {
  const before = draftOf(exhibit);
  const changes: Record<string, string | null> = {};
  for (const name of NAMES) {
    if (draft[name] === before[name]) continue;
    const value = name === 'collectedUtc' ? typedMoment(draft[name]) : draft[name].trim() || null;
    if (value === undefined || (name === 'itemNumber' && value === null)) return undefined;
    changes[name] = value;
  }
  const parsed = ExhibitFields.partial().safeParse(changes);
  return parsed.success ? parsed.data : undefined;
}

export interface FieldsFormProps {
  readonly exhibit: Exhibit;
  readonly readOnly: boolean;
  readonly saving: boolean;
  readonly onSave: (changes: ExhibitForm, reason: string) => void;
}

export function FieldsForm({ exhibit, readOnly, saving, onSave }: FieldsFormProps) {
  const { t } = useTranslation('case');
  const { t: common } = useTranslation();
  const [draft, setDraft] = useState(() => draftOf(exhibit));
  const [reason, setReason] = useState('');
  useEffect(() => {
    setDraft(draftOf(exhibit));
    setReason('');
  }, [exhibit]);
  const changes = changesOf(exhibit, draft);
  const changed = changes === undefined || Object.keys(changes).length > 0;
  const errorOf = (name: FieldName): string | undefined => {
    if (name === 'itemNumber' && draft.itemNumber.trim() === '') return common('required');
    if (name === 'collectedUtc' && typedMoment(draft.collectedUtc) === undefined) return t('collectedUtcBad');
    return undefined;
  };
  const field = (name: FieldName) => {
    const shared = {
      label: t(`field.${name}`),
      value: draft[name],
      readOnly,
      error: errorOf(name),
      onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => {
        const { value } = event.currentTarget;
        setDraft((before) => ({ ...before, [name]: value }));
      },
    };
    return name === 'description' ? (
      <Textarea key={name} autosize minRows={2} maxRows={8} {...shared} />
    ) : (
      <TextInput key={name} {...shared} />
    );
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (changes !== undefined && reason.trim() !== '') onSave(changes, reason.trim());
      }}
    >
      <Stack gap="md">
        {GROUPS.map(({ id, names }) => (
          <Stack gap={6} key={id}>
            <Title order={3}>{t(`group.${id}`)}</Title>
            {names.includes('description') && field('description')}
            <SimpleGrid cols={2} spacing="xs" verticalSpacing={6}>
              {names.filter((name) => name !== 'description').map(field)}
            </SimpleGrid>
          </Stack>
        ))}
        {!readOnly && changed && (
          <div className="save-bar">
            <Text size="xs" c="dimmed">
              {t('unsaved')}
            </Text>
            <TextInput
              label={t('changeReason')}
              description={t('changeReasonHint')}
              required
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            <Group gap="xs" justify="flex-end" mt={6}>
              <Button variant="default" onClick={() => setDraft(draftOf(exhibit))}>
                {common('cancel')}
              </Button>
              <Button type="submit" loading={saving} disabled={changes === undefined || reason.trim() === ''}>
                {common('save')}
              </Button>
            </Group>
          </div>
        )}
      </Stack>
    </form>
  );
}
