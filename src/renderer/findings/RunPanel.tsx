/** Everything needed to repeat the run: plan, packs, versions, decoding, time per stage. */
import { Code, Stack, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AnalysisResult } from '../../contract/result.ts';
import { Facts } from '../ui/Facts.tsx';
import { useFormat } from '../ui/format.ts';
import { Hash } from '../ui/Hash.tsx';
import { Moment } from '../ui/Moment.tsx';
import { Panel } from '../ui/Panel.tsx';

export function RunPanel({ result }: { readonly result: AnalysisResult }) {
  const { t } = useTranslation('viewer');
  const { number } = useFormat();
  const { run } = result;
  return (
    <Panel title={t('run')}>
      <Stack gap="sm">
        <Facts
          facts={[
            [t('started'), <Moment key="utc" utc={result.timestamp} both />],
            [t('planHash'), <Hash key="hash" value={run.planHash} digits={null} name={t('planHash')} />],
            ...Object.entries(run.versions).map(([name, version]) => [name, version] as const),
            ...Object.entries(run.decode).map(
              ([name, value]) => [`${t('decode')}: ${name}`, value === null ? null : String(value)] as const,
            ),
          ]}
        />
        {run.packs.length > 0 && (
          <Table aria-label={t('packs')}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('packs')}</Table.Th>
                <Table.Th>SHA-256</Table.Th>
                <Table.Th>{t('ranOn')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {run.packs.map(({ id, version, sha256, provider, note }) => (
                <Table.Tr key={`${id}@${version}`}>
                  <Table.Td className="mono">
                    {id} {version}
                  </Table.Td>
                  <Table.Td>
                    <Hash value={sha256} name={`${id} SHA-256`} />
                  </Table.Td>
                  <Table.Td>
                    {provider} {note !== null && <Text size="xs">{note}</Text>}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
        <details>
          <summary>{t('plan')}</summary>
          <Code block>{JSON.stringify(run.plan, null, 2)}</Code>
        </details>
        <details>
          <summary>{t('stages')}</summary>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('detector')}</Table.Th>
                <Table.Th ta="right">{t('seconds')}</Table.Th>
                <Table.Th ta="right">{t('items')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {run.stages.map(({ stage, seconds, items }) => (
                <Table.Tr key={stage}>
                  <Table.Td>{stage}</Table.Td>
                  <Table.Td ta="right">{number(seconds, 3)}</Table.Td>
                  <Table.Td ta="right">{number(items)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </details>
      </Stack>
    </Panel>
  );
}
