/** Reports that were issued on this case, the newest first. */
import { Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useAsk } from '../../../data/api.ts';
import { Answer } from '../../../ui/Answer.tsx';
import { useFormat } from '../../../ui/format.ts';
import { Hash } from '../../../ui/Hash.tsx';
import { Moment } from '../../../ui/Moment.tsx';
import { Panel } from '../../../ui/Panel.tsx';
import { Tone } from '../../../ui/Tone.tsx';

export function IssuedReports({ handle }: { readonly handle: string }) {
  const { t } = useTranslation('report');
  const { t: common } = useTranslation();
  const { bytes, number } = useFormat();
  const list = useAsk('case.reports', { case: handle });
  return (
    <Panel title={t('issued')} flush>
      <Answer of={list}>
        {(reports) =>
          reports.length === 0 ? (
            <Text size="sm" c="dimmed" p={10}>
              {t('issuedEmpty')}
            </Text>
          ) : (
            <Table aria-label={t('issued')}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('number')}</Table.Th>
                  <Table.Th>{t('file')}</Table.Th>
                  <Table.Th>{common('hash')}</Table.Th>
                  <Table.Th>{t('signature')}</Table.Th>
                  <Table.Th>{t('when')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {reports
                  .map((report, i) => (
                    <Table.Tr key={report.id}>
                      <Table.Td>{number(i + 1)}</Table.Td>
                      <Table.Td className="report-name">
                        {report.fileName}
                        <Text size="xs" c="dimmed">
                          {bytes(report.bytes)}
                        </Text>
                      </Table.Td>
                      <Table.Td>
                        <Hash value={report.sha256} />
                      </Table.Td>
                      <Table.Td>
                        {isSigned(report.format) ? <Tone tone="good">{t('signed')}</Tone> : t('notSigned')}
                      </Table.Td>
                      <Table.Td>
                        <Moment utc={report.utc} />
                        <Text size="xs" c="dimmed">
                          {t('issuedBy', { who: report.byExaminer, seq: report.chainSeq })}
                        </Text>
                      </Table.Td>
                    </Table.Tr>
                  ))
                  .reverse()}
              </Table.Tbody>
            </Table>
          )
        }
      </Answer>
    </Panel>
  );
}

/** Whether the record of an issued report says that it was signed. */
const isSigned = (format: string): boolean => format.split(',').some((part) => part.trim() === 'signed');
