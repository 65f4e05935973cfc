/** The opinion in the words of the verbal scale, the numbers behind it, and whether the families agree. */
import { Alert, Stack, Table, Text } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Opinion } from '../../contract/result.ts';
import { type Fact, Facts } from '../ui/Facts.tsx';
import { useFormat } from '../ui/format.ts';
import { Panel } from '../ui/Panel.tsx';
import { Score } from '../ui/Score.tsx';
import { accordOf } from './families.ts';

export function OpinionPanel({ opinion }: { readonly opinion: Opinion }) {
  const { t } = useTranslation('viewer');
  const { t: word } = useTranslation('words');
  const { number } = useFormat();
  const { support, score, threshold, uncertainBand: band, agreement, fusion } = opinion;
  const conflict = accordOf(agreement.map(({ leaning }) => leaning)) === 'conflict';
  const facts: Fact[] = [
    [
      t('combined'),
      <span key="score">
        <Score score={score} label={opinion.label} threshold={threshold} />{' '}
        {threshold !== null && t('combinedNote', { threshold: number(threshold, 2) })}
        {band && `; ${t('bandIs', { low: number(band[0], 2), high: number(band[1], 2) })}`}
      </span>,
    ],
    [t('leaning'), word(`label.${opinion.label}`)],
    [t('uncertainty'), number(opinion.uncertainty, 3)],
    [t('lr'), opinion.log10Lr === null ? t('notValidated') : number(opinion.log10Lr, 2)],
    [t('fusion'), word(`fusion.${fusion.method}`)],
    [`${t('propositionsPlan')}, H1`, opinion.propositions.h1],
    [`${t('propositionsPlan')}, H2`, opinion.propositions.h2],
  ];
  return (
    <Panel title={t('opinion')}>
      <Stack gap="sm">
        {support ? (
          <div className="opinion-words">
            <Text fw={600}>{support.sentence}</Text>
            <Text size="xs" c="dimmed">
              {t('scaleUsed', { scale: support.scale })}
            </Text>
            {support.reason !== null && <Text size="sm">{support.reason}</Text>}
          </div>
        ) : (
          <Text size="sm" className="opinion-words">
            {t('noSupport')}
          </Text>
        )}
        {conflict && (
          <Alert color="ember" icon={<TriangleAlert size={16} aria-hidden />} variant="light" p="xs">
            {t('familyConflict')}
          </Alert>
        )}
        <Facts facts={facts} />
        {opinion.reasons.length > 0 && (
          <div>
            <Text size="sm" fw={600}>
              {t('reasons')}
            </Text>
            <ul className="plain-list">
              {opinion.reasons.map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
          </div>
        )}
        {agreement.length > 0 && (
          <Table aria-label={t('agreement')}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('agreement')}</Table.Th>
                <Table.Th>{t('combined')}</Table.Th>
                <Table.Th>{t('leaning')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {agreement.map((family) => (
                <Table.Tr key={family.family}>
                  <Table.Td>
                    {word(`family.${family.family}`)} ({family.detectors})
                  </Table.Td>
                  <Table.Td>
                    <Score score={family.score} label={family.leaning} threshold={threshold} />
                  </Table.Td>
                  <Table.Td>{word(`label.${family.leaning}`)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
        {fusion.weights.length > 0 && (
          <details>
            <summary>{t('weights')}</summary>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('detector')}</Table.Th>
                  <Table.Th ta="right">{t('weight')}</Table.Th>
                  <Table.Th ta="right">{t('value')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {fusion.weights.map(({ detector, weight, score: value }) => (
                  <Table.Tr key={detector}>
                    <Table.Td className="mono">{detector}</Table.Td>
                    <Table.Td ta="right">{number(weight, 3)}</Table.Td>
                    <Table.Td ta="right">{number(value, 4)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </details>
        )}
      </Stack>
    </Panel>
  );
}
