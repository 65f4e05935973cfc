/** One pack in full: identity, error rates, limits, card, files; and what can be done with it. */
import { Button, Checkbox, Drawer, Group, Stack, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { PackListing } from '../../../contract/api.ts';
import { VidimusError } from '../../../contract/errors.ts';
import type { Envelope } from '../../../contract/pack.ts';
import { type MediaType, TASK_MEDIA } from '../../../contract/words.ts';
import { useChange, useWork } from '../../data/api.ts';
import { confirm } from '../../ui/confirm.tsx';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { useFormat } from '../../ui/format.ts';
import { Hash } from '../../ui/Hash.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Tone } from '../../ui/Tone.tsx';
import { say, sayError } from '../../ui/toasts.tsx';
import { WorkProgress } from '../../ui/WorkProgress.tsx';
import { BenchTable } from './BenchTable.tsx';
import { Card } from './Card.tsx';
import { keepChecks, nameOf, useChecked } from './checked.ts';

export interface PackDrawerProps {
  readonly pack: PackListing | null;
  readonly onClose: () => void;
}

export function PackDrawer({ pack, onClose }: PackDrawerProps) {
  const { t } = useTranslation();
  return (
    <Drawer
      opened={pack !== null}
      onClose={onClose}
      position="right"
      size="xl"
      title={pack ? `${pack.manifest.name} ${pack.manifest.version}` : ''}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {pack && <PackDetails pack={pack} onGone={onClose} />}
    </Drawer>
  );
}

/** The limits of an envelope as "name value" pairs; the names are the manifest's own. */
const limitsOf = (envelope: Envelope): string =>
  Object.entries(envelope)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(', ') : value}`)
    .join(' · ');

function PackDetails({ pack, onGone }: { readonly pack: PackListing; readonly onGone: () => void }) {
  const { t } = useTranslation('models');
  const { t: word } = useTranslation('words');
  const format = useFormat();
  const { manifest, isDefault, media } = pack;
  const check = useChecked((all) => all[nameOf(pack)]);
  const problem = pack.problem ?? check?.problem ?? null;
  const reference = { id: manifest.id, version: manifest.version };
  const enable = useChange('models.enable', ['models.list']);
  const setDefault = useChange('models.default', ['models.list']);
  const remove = useChange('models.remove', ['models.list']);
  const verify = useWork('models.verify', ['models.list']);
  const bench = useWork('models.bench');
  const verifyThis = async (): Promise<void> => {
    const answer = await verify.start({ id: nameOf(pack) });
    if (!answer) return;
    keepChecks(answer.packs);
    const wrong = answer.packs.filter((p) => p.problem !== null).length;
    // What differs stands at the head of the drawer.
    if (wrong === 0) say(t('verifiedOne', { id: manifest.id }));
    else sayError(new VidimusError('pack.damaged', t('verifyFailed', { count: wrong })));
  };
  const removeThis = async (): Promise<void> => {
    const sure = await confirm({
      title: t('removeTitle', reference),
      text: t('removeText'),
      action: t('removeAction'),
      danger: true,
    });
    if (!sure) return;
    await remove.mutateAsync(reference).then(
      () => {
        say(t('removed', { id: manifest.id }));
        onGone();
      },
      // The error is on the screen already; the pack stays in view.
      () => undefined,
    );
  };
  const { calibration } = manifest;
  return (
    <Stack gap="sm">
      {problem !== null && <Tone tone="alarm">{problem}</Tone>}
      <Group gap="xs">
        <Button variant="default" disabled={verify.running} onClick={() => void verifyThis()}>
          {t('verify')}
        </Button>
        <Button
          variant="default"
          disabled={bench.running}
          onClick={() => void bench.start({ id: manifest.id, providers: ['cpu'], batches: [1, 4] })}
        >
          {t('bench')}
        </Button>
        <Button
          variant="default"
          loading={setDefault.isPending}
          onClick={() => setDefault.mutate({ task: manifest.task, pack: isDefault ? null : reference })}
        >
          {isDefault ? t('clearDefault') : t('setDefault')}
        </Button>
        {pack.origin === 'user' && (
          <Button variant="outline" color="ember" loading={remove.isPending} onClick={() => void removeThis()}>
            {t('remove')}
          </Button>
        )}
      </Group>
      {verify.running && <WorkProgress progress={verify.progress} onCancel={verify.stop} />}
      {bench.running && <WorkProgress progress={bench.progress} label={t('bench')} onCancel={bench.stop} />}
      {verify.error !== null && <ErrorNotice error={verify.error} />}
      {bench.error !== null && <ErrorNotice error={bench.error} />}
      {bench.result !== null && <BenchTable figures={bench.result} />}
      <Panel title={t('usedFor')}>
        <Group gap="lg">
          {TASK_MEDIA[manifest.task].map((medium: MediaType) => (
            <Checkbox
              key={medium}
              label={word(`media.${medium}`)}
              checked={media.includes(medium)}
              disabled={enable.isPending}
              onChange={(event) =>
                enable.mutate({ ...reference, enabled: event.currentTarget.checked, media: [medium] })
              }
            />
          ))}
        </Group>
      </Panel>
      <Panel title={t('identity')}>
        <Facts
          facts={[
            ['id', <span key="id" className="mono">{`${manifest.id}@${manifest.version}`}</span>],
            [t('task'), word(`task.${manifest.task}`)],
            [t('family'), word(`family.${manifest.family}`)],
            [t('architecture'), manifest.architecture],
            [t('origin'), word(`origin.${pack.origin}`)],
            [t('licence'), manifest.licence],
            [t('source'), `${manifest.source.name} ${manifest.source.url}`],
            [
              t('folder'),
              <span key="folder" className="mono">
                {pack.folder}
              </span>,
            ],
            [t('threshold'), format.number(manifest.thresholds.decision, 3)],
            [t('band'), manifest.thresholds.uncertainBand.map((edge) => format.number(edge, 3)).join(' – ')],
            [
              t('calibration'),
              calibration === null || calibration.kind === 'none' ? t('notCalibrated') : t('calibratedOn', calibration),
            ],
            [t('envelope'), limitsOf(manifest.envelope) || t('noEnvelope')],
          ]}
        />
      </Panel>
      <Rates pack={pack} />
      <Card id={manifest.id} version={manifest.version} />
      <Panel title={t('hashes')} flush>
        <Table>
          <Table.Tbody>
            {manifest.files.map(({ path, bytes, sha256 }) => (
              <Table.Tr key={path}>
                <Table.Td className="mono">{path}</Table.Td>
                <Table.Td ta="right">{format.bytes(bytes)}</Table.Td>
                <Table.Td>
                  <Hash value={sha256} digits={24} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Panel>
    </Stack>
  );
}

/** What was measured, apart from what its authors claim. */
function Rates({ pack: { manifest } }: { readonly pack: PackListing }) {
  const { t } = useTranslation('models');
  const format = useFormat();
  return (
    <Panel title={t('performance')}>
      <Stack gap="sm">
        {manifest.validation.length === 0 ? (
          <Tone tone="warning">{t('notValidated')}</Tone>
        ) : (
          <Table aria-label={t('measuredHere')} captionSide="top">
            <Table.Caption>{t('measuredHere')}</Table.Caption>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('set')}</Table.Th>
                <Table.Th ta="right">{t('files')}</Table.Th>
                <Table.Th ta="right">{t('auc')}</Table.Th>
                <Table.Th ta="right">{t('eer')}</Table.Th>
                <Table.Th ta="right">{t('interval')}</Table.Th>
                <Table.Th>{t('date')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {manifest.validation.map((v) => (
                <Table.Tr key={`${v.set} ${v.date}`}>
                  <Table.Td>{v.set}</Table.Td>
                  <Table.Td ta="right">{format.number(v.n)}</Table.Td>
                  <Table.Td ta="right">{format.number(v.auc, 3)}</Table.Td>
                  <Table.Td ta="right">{format.percent(v.eer)}</Table.Td>
                  <Table.Td ta="right">
                    {v.ci95 === null ? '–' : v.ci95.map((edge) => format.number(edge, 3)).join(' – ')}
                  </Table.Td>
                  <Table.Td>{v.date}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
        {manifest.published.length > 0 && (
          <div>
            <Text size="xs" c="dimmed">
              {t('published')}
            </Text>
            {manifest.published.map((p) => (
              <Text size="xs" key={`${p.set} ${p.metric}`}>
                {p.set}: {p.metric} {p.value} ({p.reference})
              </Text>
            ))}
          </div>
        )}
      </Stack>
    </Panel>
  );
}
