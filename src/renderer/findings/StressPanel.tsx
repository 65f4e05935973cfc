/** What altered working copies did to the answer. */
import { Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { StressReport } from '../../contract/stress.ts';
import { useFormat } from '../ui/format.ts';
import { Panel } from '../ui/Panel.tsx';
import { Score } from '../ui/Score.tsx';
import { Tone } from '../ui/Tone.tsx';

export function StressPanel({ stress }: { readonly stress: StressReport }) {
  const { t } = useTranslation('viewer');
  const { number } = useFormat();
  const flips = stress.variants.filter(({ flipped }) => flipped).map(({ title }) => title);
  return (
    <Panel title={t('stress')}>
      <Text size="sm" fw={flips.length > 0 ? 600 : 400}>
        {flips.length > 0 ? t('stressFlips', { copies: flips.join(', ') }) : t('stressSteady')}
      </Text>
      {stress.spread !== null && (
        <Text size="xs" c="dimmed">
          {t('stressSpread')}: {number(stress.spread, 3)}
        </Text>
      )}
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('copy')}</Table.Th>
            <Table.Th>{t('combined')}</Table.Th>
            <Table.Th>{t('leaning')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {stress.variants.map(({ id, title, score, label, flipped, reason }) => (
            <Table.Tr key={id}>
              <Table.Td>{title}</Table.Td>
              <Table.Td>{reason ?? <Score score={score} label={label ?? 'uncertain'} />}</Table.Td>
              <Table.Td>
                {reason === null && (
                  <Tone tone={flipped ? 'warning' : 'idle'}>{flipped ? t('flipped') : t('steady')}</Tone>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}
