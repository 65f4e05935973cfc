/** Speed of packs on this machine, as it was just measured. */
import { Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { BenchFigure } from '../../../contract/api.ts';
import { useFormat } from '../../ui/format.ts';
import { Panel } from '../../ui/Panel.tsx';
import { Tone } from '../../ui/Tone.tsx';

export function BenchTable({ figures }: { readonly figures: readonly BenchFigure[] }) {
  const { t } = useTranslation('models');
  const { t: word } = useTranslation('words');
  const { number } = useFormat();
  return (
    <Panel title={t('bench')} flush actions={<Text size="xs">{t('benchNote')}</Text>}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('packs')}</Table.Th>
            <Table.Th>{t('provider')}</Table.Th>
            <Table.Th ta="right">{t('batch')}</Table.Th>
            <Table.Th ta="right">{t('median')}</Table.Th>
            <Table.Th ta="right">{t('rate')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {figures.map((f) => (
            <Table.Tr key={`${f.id}@${f.version} ${f.provider} ${f.batch}`}>
              <Table.Td className="mono">
                {f.id} {f.version}
              </Table.Td>
              <Table.Td>{word(`provider.${f.provider}`)}</Table.Td>
              <Table.Td ta="right">{f.batch}</Table.Td>
              {f.error === null ? (
                <>
                  <Table.Td ta="right">{number(f.medianMs, 1)} ms</Table.Td>
                  <Table.Td ta="right">{number(f.itemsPerSecond, 1)}</Table.Td>
                </>
              ) : (
                <Table.Td colSpan={2}>
                  <Tone tone="alarm">{f.error}</Tone>
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}
