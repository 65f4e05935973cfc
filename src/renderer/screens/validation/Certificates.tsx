/** Signed records of what this workstation answered on known files, and what changed since the one before. */
import { Button, Group, Table, Text, TextInput } from '@mantine/core';
import { BadgeCheck } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ValidationComparison } from '../../../contract/validation.ts';
import { useAsk, useWork } from '../../data/api.ts';
import { BrowseButton } from '../../data/DialogButtons.tsx';
import { Answer } from '../../ui/Answer.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { useFormat } from '../../ui/format.ts';
import { Hash } from '../../ui/Hash.tsx';
import { Moment } from '../../ui/Moment.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Tone } from '../../ui/Tone.tsx';
import { WorkProgress } from '../../ui/WorkProgress.tsx';

export function Certificates() {
  const { t } = useTranslation('validation');
  const { number } = useFormat();
  const list = useAsk('validate.list', {});
  const work = useWork('validate.run', ['validate.list']);
  const [folder, setFolder] = useState('');
  return (
    <div className="stack">
      <Panel title={t('validate')}>
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (folder.trim() !== '') void work.start({ folder: folder.trim() });
          }}
        >
          <Text size="xs" c="dimmed">
            {t('certificatesText')}
          </Text>
          <Group align="flex-end" gap="xs" wrap="nowrap">
            <TextInput
              flex={1}
              label={t('folder')}
              value={folder}
              onChange={(event) => setFolder(event.currentTarget.value)}
            />
            <BrowseButton kind="folder" title={t('folder')} onChosen={([path]) => path && setFolder(path)} />
            <Button type="submit" loading={work.running} disabled={folder.trim() === ''}>
              {t('validate')}
            </Button>
          </Group>
          {work.running && <WorkProgress progress={work.progress} label={t('validate')} onCancel={work.stop} />}
          {work.error !== null && <ErrorNotice error={work.error} />}
        </form>
      </Panel>
      {work.result !== null &&
        (work.result.comparison === null ? (
          <Panel title={t('certificates')}>
            <Text size="sm">{t('first')}</Text>
          </Panel>
        ) : (
          <Comparison comparison={work.result.comparison} />
        ))}
      <Panel title={t('certificates')} flush>
        <Answer of={list}>
          {(records) =>
            records.length === 0 ? (
              <Empty icon={BadgeCheck} title={t('noCertificates')}>
                {t('certificatesText')}
              </Empty>
            ) : (
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('date')}</Table.Th>
                    <Table.Th>{t('set')}</Table.Th>
                    <Table.Th ta="right">{t('files')}</Table.Th>
                    <Table.Th>{t('environment')}</Table.Th>
                    <Table.Th>{t('signedBy')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {records.map(({ path, signed: { record, signature } }) => (
                    <Table.Tr key={path}>
                      <Table.Td>
                        <Moment utc={record.date} />
                      </Table.Td>
                      <Table.Td>{record.set}</Table.Td>
                      <Table.Td ta="right">{number(record.files.length)}</Table.Td>
                      <Table.Td>
                        {record.hardware.processor}
                        <Text size="xs" c="dimmed">
                          {record.hardware.platform}
                        </Text>
                      </Table.Td>
                      <Table.Td>
                        <Hash value={signature.keyId} name={t('signedBy')} />
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            )
          }
        </Answer>
      </Panel>
    </div>
  );
}

function Comparison({ comparison }: { readonly comparison: ValidationComparison }) {
  const { t } = useTranslation('validation');
  const format = useFormat();
  const { before, environment, changes, unchangedFiles, added, removed } = comparison;
  return (
    <Panel title={t('changed', { date: format.local(before) })} flush={changes.length > 0}>
      {changes.length === 0 ? (
        <Tone tone="good">{t('nothingChanged', { n: format.number(unchangedFiles) })}</Tone>
      ) : (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('files')}</Table.Th>
              <Table.Th>{t('judge')}</Table.Th>
              <Table.Th>{t('before')}</Table.Th>
              <Table.Th>{t('after')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {changes.map((change) => (
              <Table.Tr key={`${change.path} ${change.judge}`}>
                <Table.Td>{change.path}</Table.Td>
                <Table.Td>{change.judge}</Table.Td>
                <Table.Td>{change.before}</Table.Td>
                <Table.Td>
                  <Tone tone="warning">{change.after}</Tone>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {environment.map((line) => (
        <Text size="sm" key={line} px={8}>
          {t('environment')}: {line}
        </Text>
      ))}
      {added.length > 0 && (
        <Text size="sm" px={8}>
          {t('added')}: {added.join(', ')}
        </Text>
      )}
      {removed.length > 0 && (
        <Text size="sm" px={8}>
          {t('removed')}: {removed.join(', ')}
        </Text>
      )}
    </Panel>
  );
}
