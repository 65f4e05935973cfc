/** The verbal scale in force, as it is printed in reports. */
import { Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { VerbalScale } from '../../../contract/verbalScale.ts';
import { useFormat } from '../../ui/format.ts';
import { Panel } from '../../ui/Panel.tsx';

export function ScaleTable({ scale }: { readonly scale: VerbalScale }) {
  const { t } = useTranslation('watch');
  const { number } = useFormat();
  const ratio = (log10: number): string => number(10 ** log10);
  return (
    <Panel title={t('settings.scale')} flush>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('settings.band')}</Table.Th>
            <Table.Th>{t('settings.bandWords')}</Table.Th>
            <Table.Th>{t('settings.bandStrong')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          <Table.Tr>
            <Table.Td>1</Table.Td>
            <Table.Td>{scale.none}</Table.Td>
            <Table.Td />
          </Table.Tr>
          {scale.bands.map((band, i) => {
            const from = ratio(scale.bands[i - 1]?.upTo ?? 0);
            return (
              <Table.Tr key={band.words}>
                <Table.Td>
                  {band.upTo === null
                    ? t('settings.above', { from })
                    : t('settings.to', { from, to: ratio(band.upTo) })}
                </Table.Td>
                <Table.Td>{band.words}</Table.Td>
                <Table.Td>{band.strong ? '●' : ''}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed" p={8}>
        {t('settings.scaleText', { version: scale.version, reference: scale.reference })} {t('settings.scaleNote')}
      </Text>
    </Panel>
  );
}
