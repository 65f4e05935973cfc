/** The answer of a verification: whether the chain, the records and the evidence are as they were written. */
import { Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { CaseVerification } from '../../../contract/caseFiles.ts';
import { Hash } from '../../ui/Hash.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Tone } from '../../ui/Tone.tsx';

export function VerificationView({ answer }: { readonly answer: CaseVerification }) {
  const { t } = useTranslation('watch');
  const { t: word } = useTranslation('words');
  const problems = [
    ...answer.chain.map(({ seq, message }) => (seq === null ? message : `${t('log.seq')} ${seq}: ${message}`)),
    ...answer.database,
    ...answer.artifacts,
  ];
  const evidence = answer.evidence.filter(({ outcome }) => outcome !== 'match');
  return (
    <Panel
      title={t('log.verify')}
      actions={
        answer.head !== null && (
          <Text size="xs">
            {t('log.head')} <Hash value={answer.head} digits={24} name={t('log.head')} />
          </Text>
        )
      }
    >
      <div className="stack">
        <Text size="sm" role="status">
          <Tone tone={answer.sound ? 'good' : 'alarm'}>{answer.sound ? t('log.sound') : t('log.unsound')}</Tone>{' '}
          {answer.sound ? t('log.soundText', { entries: answer.entries }) : t('log.unsoundText')}
        </Text>
        {problems.map((problem) => (
          <Text size="sm" key={problem}>
            <Tone tone="alarm">{problem}</Tone>
          </Text>
        ))}
        {evidence.length > 0 && (
          <Table aria-label={t('log.evidence')}>
            <Table.Tbody>
              {evidence.map((item) => (
                <Table.Tr key={item.exhibit}>
                  <Table.Td w={80}>{item.itemNumber}</Table.Td>
                  <Table.Td>{item.name}</Table.Td>
                  <Table.Td>
                    <Tone tone={item.outcome === 'not-checked' ? 'idle' : 'alarm'}>
                      {word(`outcome.${item.outcome}`)}
                    </Tone>
                  </Table.Td>
                  <Table.Td>{item.detail}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
        {answer.notices.map((notice) => (
          <Text size="sm" key={notice}>
            <Tone tone="warning">{notice}</Tone>
          </Text>
        ))}
        {answer.timestamps.length === 0 ? (
          <Text size="xs" c="dimmed">
            {t('log.noStamps')}
          </Text>
        ) : (
          answer.timestamps.map((stamp) => (
            <Text size="sm" key={stamp.seq}>
              {t('log.stamps')} {t('log.seq')} {stamp.seq}: {stamp.utc} {stamp.tsa} ({stamp.state})
            </Text>
          ))
        )}
      </div>
    </Panel>
  );
}
