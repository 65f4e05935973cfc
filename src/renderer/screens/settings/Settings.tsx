/** Settings of this window and of the laboratory. */
import { Button, Checkbox, Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Settings as Values } from '../../../contract/apiLab.ts';
import { useAsk } from '../../data/api.ts';
import { useChangeSettings } from '../../data/settings.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { useFormat } from '../../ui/format.ts';
import { Panel } from '../../ui/Panel.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { say } from '../../ui/toasts.tsx';
import { Appearance } from './Appearance.tsx';
import { ScaleTable } from './ScaleTable.tsx';

export function Settings() {
  const { t } = useTranslation('watch');
  const settings = useAsk('settings.read', {});
  const opinion = useAsk('settings.opinion', {});
  const host = useAsk('host.info', {});
  const { number } = useFormat();
  return (
    <Screen title={t('settings.title')}>
      <div className="tiles">
        <div className="stack">
          <Appearance />
          <Answer of={settings}>{(value) => <Laboratory settings={value} />}</Answer>
          <Panel title={t('settings.about')}>
            <Facts
              facts={[
                ['Vidimus', host.data?.version ?? ''],
                [
                  t('settings.host'),
                  host.data ? `${t(`settings.hostKind.${host.data.kind}`)} · ${host.data.platform}` : '',
                ],
              ]}
            />
            <Text size="sm" mt={6}>
              {t('settings.offline')}
            </Text>
          </Panel>
        </div>
        <Answer of={opinion}>
          {(value) => (
            <div className="stack">
              <ScaleTable scale={value.verbalScale} />
              <Panel title={t('settings.opinion')}>
                <Facts
                  facts={[
                    [t('settings.temperature'), number(value.temperature, 2)],
                    [t('settings.minDetectors'), number(value.minDetectors)],
                    [t('settings.halfBand'), number(value.halfBand, 2)],
                    [t('settings.confidence'), number(value.confidenceThreshold, 2)],
                    [
                      t('settings.weights'),
                      Object.entries(value.weights)
                        .map(([detector, weight]) => `${detector} ${weight}`)
                        .join(' · ') || t('settings.weightsEqual'),
                    ],
                  ]}
                />
                <Text size="xs" c="dimmed" mt={6}>
                  {t('settings.opinionNote')}
                </Text>
              </Panel>
            </div>
          )}
        </Answer>
      </div>
    </Screen>
  );
}

function Laboratory({ settings }: { readonly settings: Values }) {
  const { t } = useTranslation('watch');
  const { t: caseText } = useTranslation('case');
  const { t: common } = useTranslation();
  const change = useChangeSettings();
  const [draft, setDraft] = useState(settings);
  const [saving, setSaving] = useState(false);
  useEffect(() => setDraft(settings), [settings]);
  const changed = JSON.stringify(draft) !== JSON.stringify(settings);
  const save = async (): Promise<void> => {
    setSaving(true);
    const { laboratory, propositionsFirst, storage, concurrency } = draft;
    if (await change({ laboratory: laboratory.trim(), propositionsFirst, storage, concurrency }))
      say(t('settings.saved'));
    setSaving(false);
  };
  return (
    <Panel title={t('settings.laboratory')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack gap="sm">
          <TextInput
            label={t('settings.laboratoryName')}
            description={t('settings.laboratoryHint')}
            maxLength={500}
            value={draft.laboratory}
            onChange={(event) => {
              const { value } = event.currentTarget;
              setDraft((before) => ({ ...before, laboratory: value }));
            }}
          />
          <Checkbox
            label={t('settings.propositions')}
            description={t('settings.propositionsHint')}
            checked={draft.propositionsFirst}
            onChange={(event) => {
              const { checked } = event.currentTarget;
              setDraft((before) => ({ ...before, propositionsFirst: checked }));
            }}
          />
          <Select
            label={t('settings.storage')}
            data={[
              { value: 'copy', label: caseText('addStorageCopy') },
              { value: 'reference', label: caseText('addStorageReference') },
            ]}
            value={draft.storage}
            allowDeselect={false}
            onChange={(value) =>
              setDraft((before) => ({ ...before, storage: value === 'reference' ? 'reference' : 'copy' }))
            }
          />
          <NumberInput
            label={t('settings.concurrency')}
            description={t('settings.concurrencyHint')}
            placeholder={t('settings.concurrencyAuto')}
            min={1}
            max={64}
            allowDecimal={false}
            value={draft.concurrency ?? ''}
            onChange={(value) =>
              setDraft((before) => ({ ...before, concurrency: value === '' ? null : Number(value) || null }))
            }
          />
          <Group justify="flex-end">
            <Button type="submit" loading={saving} disabled={!changed}>
              {common('save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
