/** The laboratory's own calibrations: what each was fitted on, how it did on files it had not seen. */
import { Table, Text } from '@mantine/core';
import { FlaskConical } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useAsk } from '../../data/api.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { useFormat } from '../../ui/format.ts';
import { Hash } from '../../ui/Hash.tsx';
import { Moment } from '../../ui/Moment.tsx';
import { Panel } from '../../ui/Panel.tsx';

export function Profiles() {
  const { t } = useTranslation('validation');
  const { t: word } = useTranslation('words');
  const { number, percent } = useFormat();
  const list = useAsk('profiles.list', {});
  return (
    <Panel title={t('profiles')} flush>
      <Answer of={list}>
        {(profiles) =>
          profiles.length === 0 ? (
            <Empty icon={FlaskConical} title={t('noProfiles')}>
              {t('noProfilesText')}
            </Empty>
          ) : (
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('pack')}</Table.Th>
                  <Table.Th>{t('family')}</Table.Th>
                  <Table.Th>{t('files')}</Table.Th>
                  <Table.Th ta="right">AUC</Table.Th>
                  <Table.Th ta="right">EER</Table.Th>
                  <Table.Th ta="right">Cllr</Table.Th>
                  <Table.Th ta="right">Cllr min</Table.Th>
                  <Table.Th ta="right">{t('bounds')}</Table.Th>
                  <Table.Th ta="right">{t('temperature')}</Table.Th>
                  <Table.Th>{t('date')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {profiles.map((profile) => (
                  <Table.Tr key={`${profile.pack} ${profile.packSha256}`}>
                    <Table.Td>
                      {profile.pack}
                      <Text size="xs" c="dimmed">
                        <Hash value={profile.packSha256} />
                      </Text>
                    </Table.Td>
                    <Table.Td>{word(`family.${profile.family}`)}</Table.Td>
                    <Table.Td>
                      {t('counts', profile.counts)}
                      <Text size="xs" c="dimmed">
                        {t('folds', { n: profile.crossValidation.folds })}
                      </Text>
                    </Table.Td>
                    <Table.Td ta="right">{number(profile.crossValidation.auc, 3)}</Table.Td>
                    <Table.Td ta="right">{percent(profile.crossValidation.eer)}</Table.Td>
                    <Table.Td ta="right">{number(profile.crossValidation.cllr, 3)}</Table.Td>
                    <Table.Td ta="right">{number(profile.crossValidation.cllrMin, 3)}</Table.Td>
                    <Table.Td ta="right">
                      {profile.calibration.bounds === null
                        ? '–'
                        : profile.calibration.bounds.map((bound) => number(bound, 2)).join(' … ')}
                    </Table.Td>
                    <Table.Td ta="right">{number(profile.temperature, 2)}</Table.Td>
                    <Table.Td>
                      <Moment utc={profile.date} />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Answer>
    </Panel>
  );
}
