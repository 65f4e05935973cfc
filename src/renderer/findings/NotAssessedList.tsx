/** Detectors that said nothing, each with its reason: what is missing is part of the finding. */
import { Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Observation, Opinion } from '../../contract/result.ts';
import { Panel } from '../ui/Panel.tsx';
import { Tone } from '../ui/Tone.tsx';

export interface NotAssessedListProps {
  readonly opinion: Opinion;
  readonly observations: readonly Observation[];
}

export function NotAssessedList({ opinion, observations }: NotAssessedListProps) {
  const { t } = useTranslation('viewer');
  const { t: word } = useTranslation('words');
  const failed = new Map(
    observations.filter(({ status }) => status === 'failed').map(({ detector, reason }) => [detector, reason ?? '']),
  );
  const silent = opinion.notAssessed.filter(({ detector }) => !failed.has(detector));
  const none = failed.size === 0 && silent.length === 0;
  return (
    <Panel title={t('notAssessed')} flush={!none}>
      {none ? (
        <Text size="sm">{t('notAssessedNone')}</Text>
      ) : (
        <Table>
          <Table.Tbody>
            {[...failed].map(([detector, reason]) => (
              <Table.Tr key={`failed ${detector}`}>
                <Table.Td>
                  <Tone tone="alarm">{t('failed')}</Tone> {detector}
                </Table.Td>
                <Table.Td />
                <Table.Td>{reason}</Table.Td>
              </Table.Tr>
            ))}
            {silent.map(({ detector, family, reason }) => (
              <Table.Tr key={`${detector} ${reason}`}>
                <Table.Td>{detector}</Table.Td>
                <Table.Td>{word(`family.${family}`)}</Table.Td>
                <Table.Td>{reason}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Panel>
  );
}
