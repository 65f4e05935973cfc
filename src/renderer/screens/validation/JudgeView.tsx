/** One detector, or the opinion as a whole, measured: figures with intervals, confusion, curves, parts of the set. */
import { Table, Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { fromWire } from '../../../contract/errors.ts';
import { FIGURES, type Figure, type FigureName, type Judge } from '../../../contract/evaluation.ts';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { type Format, useFormat } from '../../ui/format.ts';
import { LineChart } from '../../ui/LineChart.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Tone } from '../../ui/Tone.tsx';
import { plotsOf } from './plots.ts';
import '../../ui/chart.css';

const LOWER_IS_BETTER: ReadonlySet<FigureName> = new Set(['eer', 'fpr', 'fnr', 'cllr', 'cllrMin', 'cllrCal']);

/** "0.912 [0.871, 0.944]"; a dash where the figure does not exist. */
export function figureText({ value, low, high }: Figure, { number }: Format): string {
  if (value === null) return '–';
  if (low === null || high === null) return number(value, 3);
  return `${number(value, 3)} [${number(low, 3)}, ${number(high, 3)}]`;
}

export function JudgeView({ judge, replicates }: { readonly judge: Judge; readonly replicates: number }) {
  const { t } = useTranslation('validation');
  const format = useFormat();
  return (
    <div className="stack">
      <Text size="sm" className="numbers">
        {t('counts', judge.counts)}
        {judge.ratios !== null && ` · ${judge.ratios === 'held-out' ? t('heldOut') : t('reported')}`}
      </Text>
      {judge.notes.length > 0 && (
        <Panel title={t('notes')}>
          {judge.notes.map((note) => (
            <Text size="sm" key={note}>
              <Tone tone="warning">{note}</Tone>
            </Text>
          ))}
        </Panel>
      )}
      {judge.error !== null && <ErrorNotice error={fromWire(judge.error)} />}
      {judge.figures !== null && (
        <div className="tiles">
          <Panel title={t('figures')} flush>
            <Table>
              <Table.Tbody>
                {FIGURES.map((name) => {
                  const figure = judge.figures?.[name];
                  return (
                    <Table.Tr key={name}>
                      <Table.Td>{t(`figure.${name}`)}</Table.Td>
                      <Table.Td ta="right">{figure ? figureText(figure, format) : '–'}</Table.Td>
                      <Table.Td c="dimmed">{t(LOWER_IS_BETTER.has(name) ? 'direction.down' : 'direction.up')}</Table.Td>
                    </Table.Tr>
                  );
                })}
              </Table.Tbody>
            </Table>
            <Text size="xs" c="dimmed" p={8}>
              {t('figuresNote', { replicates: format.number(replicates) })}
            </Text>
          </Panel>
          <Confusion judge={judge} />
        </div>
      )}
      <Plots judge={judge} />
      <Subgroups judge={judge} />
    </div>
  );
}

function Confusion({ judge }: { readonly judge: Judge }) {
  const { t } = useTranslation('validation');
  const { number } = useFormat();
  if (judge.confusion === null) return null;
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = judge.confusion;
  const row = (truth: string, cells: readonly (readonly [number, boolean])[]) => (
    <>
      <div className="confusion-head">{truth}</div>
      {cells.map(([count, right]) => (
        <div key={String(right)} className={right ? 'confusion-right' : 'confusion-wrong'}>
          {number(count)}
        </div>
      ))}
    </>
  );
  return (
    <Panel title={t('confusion', { threshold: number(judge.threshold, 3) })}>
      <div className="confusion">
        <div className="confusion-head">{t('truth')}</div>
        <div className="confusion-head">{t('said', { what: t('fake') })}</div>
        <div className="confusion-head">{t('said', { what: t('real') })}</div>
        {row(t('fake'), [
          [truePositives, true],
          [falseNegatives, false],
        ])}
        {row(t('real'), [
          [falsePositives, false],
          [trueNegatives, true],
        ])}
      </div>
    </Panel>
  );
}

function Plots({ judge }: { readonly judge: Judge }) {
  const { t } = useTranslation('validation');
  const plots = useMemo(() => (judge.curves === null ? [] : plotsOf(judge, judge.curves, t)), [judge, t]);
  if (plots.length === 0) return null;
  return (
    <Panel title={t('plots')}>
      <div className="charts">
        {plots.map(({ id, title, x, y, lines }) => (
          <figure key={id}>
            <figcaption>{title}</figcaption>
            <LineChart label={`${title}: ${judge.name}`} x={x} y={y} lines={lines} />
          </figure>
        ))}
      </div>
    </Panel>
  );
}

function Subgroups({ judge }: { readonly judge: Judge }) {
  const { t } = useTranslation('validation');
  const format = useFormat();
  if (judge.subgroups.length === 0) return null;
  return (
    <Panel title={t('subgroups')} flush>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('subgroups')}</Table.Th>
            <Table.Th>{t('value')}</Table.Th>
            <Table.Th ta="right">{t('realFiles')}</Table.Th>
            <Table.Th ta="right">{t('fakeFiles')}</Table.Th>
            <Table.Th ta="right">AUC</Table.Th>
            <Table.Th ta="right">EER</Table.Th>
            <Table.Th ta="right">FPR</Table.Th>
            <Table.Th ta="right">FNR</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {judge.subgroups.map((group) => (
            <Table.Tr key={`${group.by} ${group.value}`}>
              <Table.Td>{t(`by.${group.by}`)}</Table.Td>
              <Table.Td>{group.value}</Table.Td>
              <Table.Td ta="right">{format.number(group.real)}</Table.Td>
              <Table.Td ta="right">{format.number(group.fake)}</Table.Td>
              {(['auc', 'eer', 'fpr', 'fnr'] as const).map((name) => (
                <Table.Td key={name} ta="right">
                  {figureText(group[name], format)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}
