/** The two propositions of an exhibit: as they were fixed, or the form that fixes them. */
import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../data/api.ts';
import { EXHIBIT_ANSWERS } from '../data/cases.ts';
import type { Examined } from '../examination/api.ts';
import { Facts } from '../ui/Facts.tsx';
import { Moment } from '../ui/Moment.tsx';
import { Panel } from '../ui/Panel.tsx';

export function Propositions({ examined }: { readonly examined: Examined }) {
  const { t } = useTranslation('viewer');
  const last = examined.details.propositions.at(-1);
  if (last === undefined) return <FixPropositions examined={examined} />;
  return (
    <Panel title={t('propositions')}>
      <Facts
        facts={[
          [t('h1'), last.h1],
          [t('h2'), last.h2],
        ]}
      />
      <Text size="xs" c="dimmed" mt={6}>
        {last.byExaminer} · <Moment utc={last.utc} /> · {t('analysesBefore', { count: last.analysesBefore })}
      </Text>
    </Panel>
  );
}

function FixPropositions({ examined }: { readonly examined: Examined }) {
  const { t } = useTranslation('viewer');
  const { handle, exhibit, covered } = examined;
  const [h1, setH1] = useState<string>(t('h1Default'));
  const [h2, setH2] = useState<string>(t('h2Default'));
  const fix = useChange('case.fixPropositions', EXHIBIT_ANSWERS);
  return (
    <Panel title={covered ? t('coveredTitle') : t('propositions')}>
      <Stack gap="xs" maw={820}>
        {covered && <Text size="sm">{t('coveredText')}</Text>}
        <Textarea label={t('h1')} autosize value={h1} onChange={(event) => setH1(event.currentTarget.value)} />
        <Textarea label={t('h2')} autosize value={h2} onChange={(event) => setH2(event.currentTarget.value)} />
        <Group>
          <Button
            loading={fix.isPending}
            disabled={h1.trim() === '' || h2.trim() === ''}
            onClick={() => fix.mutate({ case: handle, exhibit, h1: h1.trim(), h2: h2.trim() })}
          >
            {t('fix')}
          </Button>
        </Group>
      </Stack>
    </Panel>
  );
}
