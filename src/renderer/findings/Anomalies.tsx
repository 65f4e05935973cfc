/** Anomalies, the gravest first. */
import { Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Anomaly, Where } from '../../contract/result.ts';
import { Panel } from '../ui/Panel.tsx';
import { Tone } from '../ui/Tone.tsx';
import { Place } from './Place.tsx';

const ORDER = { high: 0, medium: 1, low: 2 } as const;
const TONES = { high: 'alarm', medium: 'warning', low: 'idle' } as const;

export interface AnomaliesProps {
  readonly anomalies: readonly Anomaly[];
  readonly onShow: (where: Where) => void;
}

export function Anomalies({ anomalies, onShow }: AnomaliesProps) {
  const { t } = useTranslation('viewer');
  const sorted = anomalies
    .map((anomaly, i) => ({ anomaly, key: `a${i}` }))
    .sort((a, b) => ORDER[a.anomaly.severity] - ORDER[b.anomaly.severity]);
  return (
    <Panel title={`${t('anomalies')} (${anomalies.length})`} flush={anomalies.length > 0}>
      {anomalies.length === 0 ? (
        <Text size="sm">{t('anomaliesNone')}</Text>
      ) : (
        <Table>
          <Table.Tbody>
            {sorted.map(({ anomaly: { type, severity, description, detector, where }, key }) => (
              <Table.Tr key={key}>
                <Table.Td className="anomaly-kind">
                  <Tone tone={TONES[severity]}>{t(`severity.${severity}`)}</Tone>
                </Table.Td>
                <Table.Td>
                  <Text size="sm">{description}</Text>
                  <Text size="xs" c="dimmed" component="div">
                    {detector} · {type} {where && '· '}
                    <Place where={where} onShow={onShow} />
                  </Text>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Panel>
  );
}
