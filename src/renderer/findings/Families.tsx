/** Observations by family and detector: value, unit, direction and threshold side by side, the method one click away. */
import { Accordion, ActionIcon, Badge, Group, Table, Text } from '@mantine/core';
import { BookOpen } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Observation, Where } from '../../contract/result.ts';
import { useFormat } from '../ui/format.ts';
import { Panel } from '../ui/Panel.tsx';
import { Score } from '../ui/Score.tsx';
import { type DetectorGroup, groupByFamily, leaning } from './families.ts';
import { type MethodSource, sourceOf } from './MethodPage.tsx';
import { Place } from './Place.tsx';

export interface FamiliesProps {
  readonly observations: readonly Observation[];
  readonly onMethod: (source: MethodSource) => void;
  readonly onShow: (where: Where) => void;
}

export function Families({ observations, onMethod, onShow }: FamiliesProps) {
  const { t } = useTranslation('viewer');
  const { t: word } = useTranslation('words');
  const families = useMemo(() => groupByFamily(observations), [observations]);
  const open = families.filter(({ accord }) => accord !== 'none').map(({ family }) => family);
  return (
    <Panel title={t('observations')} flush>
      <Accordion multiple defaultValue={open} keepMounted={false} chevronPosition="left">
        {families.map(({ family, detectors, accord }) => (
          <Accordion.Item key={family} value={family}>
            <Accordion.Control>
              <Group gap="xs">
                <Text size="sm" fw={600}>
                  {word(`family.${family}`)}
                </Text>
                <Badge color={accord === 'conflict' ? 'ember' : 'slate'}>{t(`accord.${accord}`)}</Badge>
                <Text size="xs" c="dimmed">
                  {detectors.map(({ detector }) => detector).join(', ')}
                </Text>
              </Group>
            </Accordion.Control>
            <Accordion.Panel>
              {detectors.map((group) => (
                <Detector
                  key={`${group.detector} ${group.version} ${group.pack ?? ''}`}
                  group={group}
                  onMethod={onMethod}
                  onShow={onShow}
                />
              ))}
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
    </Panel>
  );
}

interface DetectorProps extends Omit<FamiliesProps, 'observations'> {
  readonly group: DetectorGroup;
}

/** Observations of a stored result never change place, so their number names them. */
const keyed = (list: readonly Observation[]): readonly (readonly [string, Observation])[] =>
  list.map((observation, i) => [`o${i}`, observation]);

function Detector({ group, onMethod, onShow }: DetectorProps) {
  const { t } = useTranslation('viewer');
  const source = sourceOf(group.detector, group.page, group.pack);
  const spoke = group.observations.filter(({ status }) => status === 'ok');
  const silent = group.observations.filter(({ status }) => status !== 'ok');
  return (
    <div className="detector">
      <Group gap="xs">
        <Text size="sm" fw={600}>
          {group.detector}
        </Text>
        <Text size="xs" c="dimmed">
          {group.version}
          {group.pack !== null && ` · ${group.pack}`}
        </Text>
        {source !== null && (
          <ActionIcon
            size="sm"
            aria-label={t(source.kind === 'method' ? 'methodOf' : 'cardOf', { detector: group.detector })}
            title={t(source.kind === 'method' ? 'methodOf' : 'cardOf', { detector: group.detector })}
            onClick={() => onMethod(source)}
          >
            <BookOpen size={14} aria-hidden />
          </ActionIcon>
        )}
      </Group>
      {spoke.length > 0 && (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('quantity')}</Table.Th>
              <Table.Th>{t('value')}</Table.Th>
              <Table.Th>{t('direction')}</Table.Th>
              <Table.Th>{t('threshold')}</Table.Th>
              <Table.Th>{t('place')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {keyed(spoke).map(([key, observation]) => (
              <Row key={key} observation={observation} onShow={onShow} />
            ))}
          </Table.Tbody>
        </Table>
      )}
      {keyed(silent).map(([key, { quantity, status, reason }]) => (
        <SilentLine key={key} quantity={quantity} status={status} reason={reason ?? ''} />
      ))}
    </div>
  );
}

function SilentLine({ quantity, status, reason }: { quantity: string; status: Observation['status']; reason: string }) {
  const { t: word } = useTranslation('words');
  return (
    <Text size="sm" c={status === 'failed' ? 'var(--vidimus-alarm)' : 'dimmed'}>
      {quantity}: {word(`status.${status}`)}: {reason}
    </Text>
  );
}

/** Decimals that show five digits that count, without zeros at the end; at most eight. */
const digits = (value: number): number => {
  const [, decimals = ''] = Number(value.toPrecision(5)).toFixed(8).replace(/0+$/, '').split('.');
  return decimals.length;
};

function Row({ observation, onShow }: { observation: Observation; onShow: (where: Where) => void }) {
  const { t } = useTranslation('viewer');
  const { number } = useFormat();
  const { quantity, kind, value, unit, direction, threshold, where, log10Lr, profile } = observation;
  return (
    <Table.Tr>
      <Table.Td>{quantity}</Table.Td>
      <Table.Td>
        {kind === 'score' ? (
          <Score score={value} label={leaning(observation) ?? 'uncertain'} threshold={threshold ?? null} />
        ) : (
          value !== null && `${number(value, digits(value))}${unit === '1' ? '' : ` ${unit}`}`
        )}
        {kind === 'score' && (
          <Text size="xs" c="dimmed">
            {log10Lr === null || log10Lr === undefined ? t('notValidated') : `${t('lr')}: ${number(log10Lr, 2)}`}
            {profile &&
              ` · ${
                profile.reason === null
                  ? t('profileApplied', { profile: profile.profile })
                  : t('profileNotApplied', { profile: profile.profile, reason: profile.reason })
              }`}
          </Text>
        )}
      </Table.Td>
      <Table.Td>{t(`directions.${direction}`)}</Table.Td>
      <Table.Td>{threshold === undefined ? '' : number(threshold, digits(threshold))}</Table.Td>
      <Table.Td>
        <Place where={where} onShow={onShow} />
      </Table.Td>
    </Table.Tr>
  );
}
