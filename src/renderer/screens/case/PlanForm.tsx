/** What is to be done with exhibits: the choices of a plan, with what each costs. */
import { Button, Checkbox, Group, MultiSelect, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnalysisWishes } from '../../../contract/apiCases.ts';
import { FusionMethod, ProviderChoice } from '../../../contract/words.ts';
import { useAsk } from '../../data/api.ts';

const KINDS = ['evenly', 'all', 'key'] as const;
type Kind = (typeof KINDS)[number];
const isKind = (text: string): text is Kind => KINDS.some((kind) => kind === text);
/** Frames looked at when nothing is said, as on the command line. */
const DEFAULT_EVENLY = 120;

export interface PlanFormProps {
  readonly busy: boolean;
  readonly onStart: (wishes: AnalysisWishes, priority: number, again: string | null) => void;
  readonly onCancel: () => void;
}

export function PlanForm({ busy, onStart, onCancel }: PlanFormProps) {
  const { t } = useTranslation('case');
  const { t: word } = useTranslation('words');
  const { t: common } = useTranslation();
  const packs = useAsk('models.list', {});
  const [kind, setKind] = useState<Kind>('evenly');
  const [n, setN] = useState(DEFAULT_EVENLY);
  const [fusion, setFusion] = useState<FusionMethod>('calibrated');
  const [provider, setProvider] = useState<ProviderChoice>('auto');
  const [chosen, setChosen] = useState<string[]>([]);
  const [artifacts, setArtifacts] = useState(true);
  const [stress, setStress] = useState(false);
  const [priority, setPriority] = useState(0);
  const [again, setAgain] = useState('');
  const ids = [...new Set((packs.data?.packs ?? []).filter((p) => p.enabled).map(({ manifest }) => manifest.id))];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const wishes: AnalysisWishes = {
          frames: kind === 'evenly' ? Math.max(1, Math.round(n)) : kind,
          fusion,
          provider,
          artifacts,
          stress,
          ...(chosen.length === 0 ? {} : { packs: chosen }),
        };
        onStart(wishes, priority, again.trim() || null);
      }}
    >
      <Stack gap="sm">
        <Group grow gap="xs" align="flex-end">
          <Select
            label={t('plan.frames')}
            description={t('plan.framesHint')}
            data={KINDS.map((value) => ({ value, label: t(`plan.${value}`) }))}
            value={kind}
            allowDeselect={false}
            onChange={(value) => value !== null && isKind(value) && setKind(value)}
          />
          {kind === 'evenly' && (
            <NumberInput
              label={t('plan.n')}
              value={n}
              min={1}
              max={1_000_000}
              allowDecimal={false}
              onChange={(value) => setN(Number(value) || 1)}
            />
          )}
        </Group>
        <Group grow gap="xs">
          <Select
            label={t('plan.fusion')}
            data={FusionMethod.options.map((value) => ({ value, label: word(`fusion.${value}`) }))}
            value={fusion}
            allowDeselect={false}
            onChange={(value) => value !== null && setFusion(FusionMethod.parse(value))}
          />
          <Select
            label={t('plan.provider')}
            data={ProviderChoice.options.map((value) => ({ value, label: word(`provider.${value}`) }))}
            value={provider}
            allowDeselect={false}
            onChange={(value) => value !== null && setProvider(ProviderChoice.parse(value))}
          />
        </Group>
        <MultiSelect
          label={t('plan.packs')}
          description={t('plan.packsHint')}
          data={ids}
          value={chosen}
          onChange={setChosen}
          searchable
          clearable
        />
        <TextInput
          label={t('plan.again')}
          description={t('plan.againHint')}
          value={again}
          onChange={(event) => setAgain(event.currentTarget.value)}
        />
        <NumberInput
          label={t('plan.priority')}
          description={t('plan.priorityHint')}
          value={priority}
          min={-100}
          max={100}
          allowDecimal={false}
          onChange={(value) => setPriority(Number(value) || 0)}
        />
        <Checkbox
          label={t('plan.artifacts')}
          checked={artifacts}
          onChange={(event) => setArtifacts(event.currentTarget.checked)}
        />
        <Checkbox
          label={t('plan.stress')}
          description={t('plan.stressHint')}
          checked={stress}
          onChange={(event) => setStress(event.currentTarget.checked)}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>
            {common('cancel')}
          </Button>
          <Button type="submit" loading={busy} data-autofocus>
            {t('plan.start')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
