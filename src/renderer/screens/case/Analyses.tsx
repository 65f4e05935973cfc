/** Analyses of one exhibit. Where the laboratory asks for propositions first, scores stay covered until they are fixed. */
import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { ExhibitDetails } from '../../../contract/apiCases.ts';
import { useChange } from '../../data/api.ts';
import { EXHIBIT_ANSWERS } from '../../data/cases.ts';
import { useFormat } from '../../ui/format.ts';
import { Hash } from '../../ui/Hash.tsx';
import { Moment } from '../../ui/Moment.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Score } from '../../ui/Score.tsx';

export interface AnalysesProps {
  readonly handle: string;
  readonly details: ExhibitDetails;
  /** The laboratory wants propositions before scores. */
  readonly covered: boolean;
  readonly readOnly: boolean;
}

export function Analyses({ handle, details, covered, readOnly }: AnalysesProps) {
  const { t } = useTranslation('case');
  const { t: word } = useTranslation('words');
  const format = useFormat();
  const hidden = covered && details.propositions.length === 0;
  return (
    <Stack gap="sm">
      <Propositions handle={handle} details={details} readOnly={readOnly} />
      {hidden && details.analyses.length > 0 && (
        <Text size="sm" c="dimmed">
          {t('hiddenScores')}
        </Text>
      )}
      {details.analyses.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('analysesEmpty')}
        </Text>
      )}
      <ol className="timeline">
        {[...details.analyses].reverse().map((analysis) => (
          <li key={analysis.id}>
            <Group justify="space-between" gap="xs">
              {hidden ? (
                <Text size="sm">{t('covered')}</Text>
              ) : (
                <Group gap="xs">
                  <Score score={analysis.score} label={analysis.label} />
                </Group>
              )}
              <Link
                href={`/case/${handle}/exhibit/${details.exhibit.id}?analysis=${analysis.id}`}
                className="link"
                aria-label={`${t('examine')}: ${format.local(analysis.finishedUtc)}`}
              >
                {t('examine')}
              </Link>
            </Group>
            <Text size="xs" c="dimmed" className="numbers">
              {!hidden &&
                (analysis.log10Lr === null
                  ? t('notCalibrated')
                  : t('lr', { value: format.number(analysis.log10Lr, 2) }))}{' '}
              · {word(`fusion.${analysis.fusion}`)} · <Moment utc={analysis.finishedUtc} /> · {analysis.byExaminer}
            </Text>
            <Text size="xs" c="dimmed">
              Plan <Hash value={analysis.planHash} /> · {t('column.result')} <Hash value={analysis.resultSha256} />
            </Text>
          </li>
        ))}
      </ol>
    </Stack>
  );
}

function Propositions({ handle, details, readOnly }: Omit<AnalysesProps, 'covered'>) {
  const { t } = useTranslation('case');
  const fix = useChange('case.fixPropositions', EXHIBIT_ANSWERS);
  const [h1, setH1] = useState('');
  const [h2, setH2] = useState('');
  const settled = details.propositions.at(-1);
  if (settled !== undefined) {
    return (
      <Panel title={t('propositions')}>
        <Text size="sm">
          <b>H1</b> {settled.h1}
        </Text>
        <Text size="sm">
          <b>H2</b> {settled.h2}
        </Text>
        <Text size="xs" c="dimmed">
          {t('settled')}: <Moment utc={settled.utc} /> · {settled.byExaminer} ·{' '}
          {t('analysesBefore', { count: settled.analysesBefore })}
        </Text>
      </Panel>
    );
  }
  if (readOnly) return null;
  return (
    <Panel title={t('propositions')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (h1.trim() === '' || h2.trim() === '') return;
          fix.mutate({ case: handle, exhibit: details.exhibit.id, h1: h1.trim(), h2: h2.trim() });
        }}
      >
        <Stack gap={6}>
          <Text size="xs" c="dimmed">
            {t('propositionsText')}
          </Text>
          <Textarea label={t('h1')} autosize value={h1} onChange={(event) => setH1(event.currentTarget.value)} />
          <Textarea label={t('h2')} autosize value={h2} onChange={(event) => setH2(event.currentTarget.value)} />
          <Group justify="flex-end">
            <Button type="submit" loading={fix.isPending} disabled={h1.trim() === '' || h2.trim() === ''}>
              {t('fix')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
