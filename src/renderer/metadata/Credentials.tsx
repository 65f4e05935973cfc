/** Content credentials: three answers that must not be read as one. */
import { Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Observation } from '../../contract/result.ts';
import { Panel } from '../ui/Panel.tsx';
import { Tone } from '../ui/Tone.tsx';

export function Credentials({ observations }: { readonly observations: readonly Observation[] }) {
  const { t } = useTranslation('viewer');
  const { t: word } = useTranslation('words');
  const answers = observations.filter(({ detector }) => detector === 'content-credentials');
  const [first] = answers;
  if (first === undefined) {
    return (
      <Panel title={t('c2pa')}>
        <Text size="sm">{t('c2paNone')}</Text>
      </Panel>
    );
  }
  const { trustListDate: date, trustListSha256: hash, revocation } = first.parameters;
  const words = { date: String(date), hash: String(hash), revocation: String(revocation ?? '') };
  return (
    <Panel title={t('c2pa')}>
      <Text size="sm">{t('c2paNote')}</Text>
      <Table my="xs">
        <Table.Tbody>
          {answers.map(({ quantity, status, value, unit, reason }) => (
            <Table.Tr key={quantity}>
              <Table.Td>{quantity}</Table.Td>
              <Table.Td>
                {status !== 'ok' || value === null ? (
                  <Tone tone={status === 'failed' ? 'alarm' : 'idle'}>{word(`status.${status}`)}</Tone>
                ) : unit === 'yes or no' ? (
                  <Tone tone={value === 0 ? 'warning' : 'active'}>{value === 0 ? t('answerNo') : t('answerYes')}</Tone>
                ) : (
                  `${value} ${unit}`
                )}
              </Table.Td>
              <Table.Td>{reason}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed">
        {date === null || date === undefined ? t('c2paNoList', words) : t('c2paSnapshot', words)}
      </Text>
    </Panel>
  );
}
