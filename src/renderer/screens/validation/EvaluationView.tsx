/** A whole evaluation: every judge with its main figures, the chosen one in full, and the files behind it. */
import { Table, Text, UnstyledButton } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { EvaluatedFile, Evaluation, Judge } from '../../../contract/evaluation.ts';
import { useFormat } from '../../ui/format.ts';
import { Hash } from '../../ui/Hash.tsx';
import { Moment } from '../../ui/Moment.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Score } from '../../ui/Score.tsx';
import { Tone } from '../../ui/Tone.tsx';
import { type Column, VirtualTable } from '../../ui/VirtualTable.tsx';
import { figureText, JudgeView } from './JudgeView.tsx';

export function EvaluationView({ evaluation }: { readonly evaluation: Evaluation }) {
  const { t } = useTranslation('validation');
  const { t: word } = useTranslation('words');
  const format = useFormat();
  const fused = evaluation.judges.find(({ kind }) => kind === 'fused');
  const [chosen, setChosen] = useState(fused?.name ?? evaluation.judges[0]?.name ?? '');
  const judge = evaluation.judges.find(({ name }) => name === chosen);
  const nameOf = (j: Judge): string => (j.kind === 'fused' ? t('fused') : j.name);
  return (
    <div className="stack">
      <Panel
        title={`${t('judges')} · ${evaluation.set}`}
        flush
        actions={
          <Text size="xs" c="dimmed">
            <Moment utc={evaluation.date} />
          </Text>
        }
      >
        <Table highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('judge')}</Table.Th>
              <Table.Th>{t('family')}</Table.Th>
              <Table.Th ta="right">{t('files')}</Table.Th>
              <Table.Th ta="right">AUC</Table.Th>
              <Table.Th ta="right">EER</Table.Th>
              <Table.Th ta="right">Cllr</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {evaluation.judges.map((j) => (
              <Table.Tr key={j.name} data-chosen={j.name === chosen || undefined}>
                <Table.Td>
                  <UnstyledButton
                    fz="sm"
                    fw={j.name === chosen ? 700 : 400}
                    c="var(--vidimus-accent-text)"
                    aria-pressed={j.name === chosen}
                    onClick={() => setChosen(j.name)}
                  >
                    {nameOf(j)}
                  </UnstyledButton>
                </Table.Td>
                <Table.Td>{j.family === null ? '' : word(`family.${j.family}`)}</Table.Td>
                <Table.Td ta="right">{format.number(j.counts.real + j.counts.fake)}</Table.Td>
                {j.figures === null ? (
                  <Table.Td colSpan={3}>
                    <Tone tone="warning">{j.error?.message ?? t('noFigures')}</Tone>
                  </Table.Td>
                ) : (
                  (['auc', 'eer', 'cllr'] as const).map((name) => (
                    <Table.Td key={name} ta="right">
                      {j.figures?.[name] ? figureText(j.figures[name], format) : '–'}
                    </Table.Td>
                  ))
                )}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Panel>
      {judge && <JudgeView key={judge.name} judge={judge} replicates={evaluation.bootstrap.replicates} />}
      <Files evaluation={evaluation} judge={chosen} />
    </div>
  );
}

function Files({ evaluation, judge }: { readonly evaluation: Evaluation; readonly judge: string }) {
  const { t } = useTranslation('validation');
  const columns = useMemo<Column<EvaluatedFile>[]>(
    () => [
      { id: 'path', header: t('files'), width: 'minmax(220px, 2fr)', cell: (file) => file.path },
      { id: 'truth', header: t('truth'), width: '120px', cell: (file) => (file.fake ? t('fake') : t('real')) },
      {
        id: 'verdict',
        header: t('verdict'),
        width: 'minmax(180px, 1fr)',
        cell: (file) => {
          if (file.error !== null) {
            return (
              <span title={file.error.message}>
                <Tone tone="alarm">{file.error.message}</Tone>
              </span>
            );
          }
          const verdict = file.verdicts.find((v) => v.judge === judge);
          if (verdict === undefined) return '';
          if (verdict.score === null) {
            const reason = verdict.reason ?? t('silent');
            return (
              <span title={reason}>
                <Tone tone="idle">{reason}</Tone>
              </span>
            );
          }
          const leaning =
            verdict.threshold === null ? 'uncertain' : verdict.score >= verdict.threshold ? 'fake' : 'real';
          return <Score score={verdict.score} label={leaning} threshold={verdict.threshold} />;
        },
      },
      { id: 'sha', header: 'SHA-256', width: '130px', cell: (file) => <Hash value={file.sha256} /> },
    ],
    [t, judge],
  );
  return (
    <Panel title={t('filesTitle')} flush>
      <div style={{ height: Math.min(420, 34 * (evaluation.files.length + 1) + 4) }}>
        <VirtualTable
          label={t('filesTitle')}
          columns={columns}
          count={evaluation.files.length}
          rowAt={(index) => evaluation.files[index]}
          keyOf={(file) => file.path}
        />
      </div>
    </Panel>
  );
}
