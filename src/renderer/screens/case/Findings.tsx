/** What the program noticed and keeps: it is never removed. */
import { Table, Text } from '@mantine/core';
import { ShieldCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Finding } from '../../../contract/case.ts';
import { Empty } from '../../ui/Empty.tsx';
import { Moment } from '../../ui/Moment.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Tone } from '../../ui/Tone.tsx';

export function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  const { t } = useTranslation('case');
  const { t: word } = useTranslation('words');
  return (
    <Panel title={t('findings')} flush>
      {findings.length === 0 ? (
        <Empty icon={ShieldCheck} title={t('findingsEmpty')}>
          {t('findingsText')}
        </Empty>
      ) : (
        <Table>
          <Table.Tbody>
            {findings.map((finding) => (
              <Table.Tr key={finding.id}>
                <Table.Td w={220}>
                  <Tone tone={finding.effect === 'blocks-signing' ? 'alarm' : 'warning'}>
                    {word(`finding.${finding.kind}`)}
                  </Tone>
                  <Text size="xs" c="dimmed">
                    {word(`effect.${finding.effect}`)}
                  </Text>
                </Table.Td>
                <Table.Td>{finding.message}</Table.Td>
                <Table.Td w={200}>
                  <Moment utc={finding.utc} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Panel>
  );
}
