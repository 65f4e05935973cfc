/** The chain of custody of one exhibit: its steps, its verifications, and a form for the next step. */
import { Button, Group, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type CustodyEvent, CustodyType, type Verification } from '../../../contract/case.ts';
import { Hash } from '../../ui/Hash.tsx';
import { Moment } from '../../ui/Moment.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Tone } from '../../ui/Tone.tsx';

export function CustodyList({ events }: { readonly events: readonly CustodyEvent[] }) {
  const { t } = useTranslation('case');
  const { t: word } = useTranslation('words');
  return (
    <ol className="timeline">
      {events.map((event) => (
        <li key={event.id}>
          <Group gap="xs" justify="space-between">
            <Text size="sm" fw={600}>
              {word(`custody.${event.type}`)}
            </Text>
            <Text size="xs" c="dimmed">
              <Moment utc={event.utc} />
            </Text>
          </Group>
          <Text size="sm">{event.purpose}</Text>
          <Text size="xs" c="dimmed">
            {t('by', { who: event.byExaminer })}
            {event.releasedBy !== null && ` · ${t('releasedBy')}: ${event.releasedBy}`}
            {event.receivedBy !== null && ` · ${t('receivedBy')}: ${event.receivedBy}`}
          </Text>
          {event.remark !== null && <Text size="xs">{event.remark}</Text>}
          {event.hashBefore !== null && (
            <Group gap={6}>
              <Text size="xs" c="dimmed">
                {event.hashAfter === null ? 'SHA-256' : t('hashBefore')}
              </Text>
              <Hash value={event.hashBefore} />
              {event.matches !== 'not-checked' && (
                <Tone tone={event.matches === 'yes' ? 'good' : 'alarm'}>
                  {event.matches === 'yes' ? t('hashesMatch') : t('hashesDiffer')}
                </Tone>
              )}
            </Group>
          )}
        </li>
      ))}
    </ol>
  );
}

export function VerificationList({ list }: { readonly list: readonly Verification[] }) {
  const { t } = useTranslation('case');
  const { t: word } = useTranslation('words');
  if (list.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('noVerifications')}
      </Text>
    );
  }
  return (
    <Stack gap={4}>
      {[...list].reverse().map((v) => (
        <Group key={v.id} gap="xs" justify="space-between">
          <Tone tone={v.outcome === 'match' ? 'good' : 'alarm'}>{word(`outcome.${v.outcome}`)}</Tone>
          <Text size="xs" c="dimmed">
            {word(`verifyReason.${v.reason}`)} · <Moment utc={v.utc} /> · {v.byExaminer}
          </Text>
          {v.detail !== null && <Text size="xs">{v.detail}</Text>}
        </Group>
      ))}
    </Stack>
  );
}

/** A step as somebody enters it; times, hashes and the examiner are the application's business. */
export interface CustodyDraft {
  readonly type: CustodyType;
  readonly purpose: string;
  readonly releasedBy: string | null;
  readonly receivedBy: string | null;
  readonly remark: string | null;
}

const EMPTY = { type: 'transferred', purpose: '', releasedBy: '', receivedBy: '', remark: '' } as const;

export interface CustodyFormProps {
  readonly saving: boolean;
  /** Answers whether it was kept; the form is emptied then. */
  readonly onSave: (draft: CustodyDraft) => Promise<boolean>;
}

export function CustodyForm({ saving, onSave }: CustodyFormProps) {
  const { t } = useTranslation('case');
  const { t: word } = useTranslation('words');
  const { t: common } = useTranslation();
  const [draft, setDraft] = useState<Record<keyof CustodyDraft, string>>(EMPTY);
  const set = (name: keyof CustodyDraft, value: string): void => setDraft((before) => ({ ...before, [name]: value }));
  const save = async (): Promise<void> => {
    const kept = await onSave({
      type: CustodyType.parse(draft.type),
      purpose: draft.purpose.trim(),
      releasedBy: draft.releasedBy.trim() || null,
      receivedBy: draft.receivedBy.trim() || null,
      remark: draft.remark.trim() || null,
    });
    if (kept) setDraft(EMPTY);
  };
  return (
    <Panel title={t('custodyAdd')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (draft.purpose.trim() !== '') void save();
        }}
      >
        <Stack gap={6}>
          <Group grow gap="xs">
            <Select
              label={t('custodyType')}
              data={CustodyType.options.map((value) => ({ value, label: word(`custody.${value}`) }))}
              value={draft.type}
              allowDeselect={false}
              onChange={(value) => value !== null && set('type', value)}
            />
            <TextInput
              label={t('purpose')}
              required
              value={draft.purpose}
              onChange={(event) => set('purpose', event.currentTarget.value)}
            />
          </Group>
          <Group grow gap="xs">
            <TextInput
              label={t('releasedBy')}
              value={draft.releasedBy}
              onChange={(event) => set('releasedBy', event.currentTarget.value)}
            />
            <TextInput
              label={t('receivedBy')}
              value={draft.receivedBy}
              onChange={(event) => set('receivedBy', event.currentTarget.value)}
            />
          </Group>
          <Textarea
            label={t('remark')}
            autosize
            value={draft.remark}
            onChange={(event) => set('remark', event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={saving} disabled={draft.purpose.trim() === ''}>
              {common('save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
