/** Model packs: what is installed, whether its files are sound, what it is used for, and what runs it. */
import { Button, Table, Text, Tooltip } from '@mantine/core';
import { Cpu, Download, ShieldCheck, Timer } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PackList } from '../../../contract/api.ts';
import { VidimusError } from '../../../contract/errors.ts';
import { useAsk, useWork } from '../../data/api.ts';
import { useDroppedPaths } from '../../data/useDroppedPaths.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { useFormat } from '../../ui/format.ts';
import { Panel } from '../../ui/Panel.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { Tone } from '../../ui/Tone.tsx';
import { say, sayError } from '../../ui/toasts.tsx';
import { WorkProgress } from '../../ui/WorkProgress.tsx';
import { BenchTable } from './BenchTable.tsx';
import { keepChecks, nameOf } from './checked.ts';
import { ImportDialog } from './ImportDialog.tsx';
import { Machine } from './Machine.tsx';
import { PackDrawer } from './PackDrawer.tsx';
import { PackState } from './PackState.tsx';

export function Models() {
  const { t } = useTranslation('models');
  const list = useAsk('models.list', {});
  const verify = useWork('models.verify', ['models.list']);
  const bench = useWork('models.bench');
  const [opened, setOpened] = useState<string | null>(null);
  const [importing, setImporting] = useState<readonly string[] | null>(null);
  const drop = useDroppedPaths(setImporting);
  const verifyAll = async (): Promise<void> => {
    const answer = await verify.start({ id: null });
    if (!answer) return;
    keepChecks(answer.packs);
    const wrong = answer.packs.filter(({ problem }) => problem !== null).length + answer.broken.length;
    if (wrong === 0) say(t('verified'));
    else sayError(new VidimusError('pack.damaged', t('verifyFailed', { count: wrong })));
  };
  const shown = list.data?.packs.find((pack) => nameOf(pack) === opened) ?? null;
  return (
    <Screen
      title={t('packs')}
      subtitle={t('subtitle')}
      actions={
        <>
          <Button
            variant="default"
            leftSection={<ShieldCheck size={14} aria-hidden />}
            onClick={() => void verifyAll()}
            disabled={verify.running}
          >
            {t('verifyAll')}
          </Button>
          <Button
            variant="default"
            leftSection={<Timer size={14} aria-hidden />}
            disabled={bench.running || !list.data?.packs.length}
            onClick={() => void bench.start({ id: null, providers: ['cpu'], batches: [1] })}
          >
            {t('benchAll')}
          </Button>
          <Button leftSection={<Download size={14} aria-hidden />} onClick={() => setImporting([])}>
            {t('import')}
          </Button>
        </>
      }
    >
      <div className="stack" {...drop}>
        {verify.running && <WorkProgress progress={verify.progress} label={t('verify')} onCancel={verify.stop} />}
        {verify.error !== null && <ErrorNotice error={verify.error} />}
        {bench.running && <WorkProgress progress={bench.progress} label={t('bench')} onCancel={bench.stop} />}
        {bench.error !== null && <ErrorNotice error={bench.error} />}
        <Answer of={list}>
          {(value) => (
            <>
              <Packs list={value} onOpen={setOpened} onImport={() => setImporting([])} />
              {value.broken.length > 0 && (
                <Panel title={t('broken')}>
                  {value.broken.map(({ folder, problem }) => (
                    <Text key={folder} size="sm">
                      <span className="mono">{folder}</span> <Tone tone="alarm">{problem}</Tone>
                    </Text>
                  ))}
                </Panel>
              )}
            </>
          )}
        </Answer>
        {bench.result !== null && <BenchTable figures={bench.result} />}
        <Machine />
      </div>
      <PackDrawer pack={shown} onClose={() => setOpened(null)} />
      <ImportDialog paths={importing} onClose={() => setImporting(null)} />
    </Screen>
  );
}

interface PacksProps {
  readonly list: PackList;
  readonly onOpen: (name: string) => void;
  readonly onImport: () => void;
}

function Packs({ list, onOpen, onImport }: PacksProps) {
  const { t } = useTranslation('models');
  const { t: word } = useTranslation('words');
  const format = useFormat();
  if (list.packs.length === 0) {
    return (
      <Panel title={t('packs')}>
        <Empty
          icon={Cpu}
          title={t('empty')}
          action={
            <Button mt="xs" onClick={onImport}>
              {t('emptyAction')}
            </Button>
          }
        >
          {t('emptyText')}
        </Empty>
      </Panel>
    );
  }
  return (
    <Panel title={t('packs')} flush actions={<Text size="xs">{t('dropHint')}</Text>}>
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('packs')}</Table.Th>
            <Table.Th>{t('task')}</Table.Th>
            <Table.Th>{t('family')}</Table.Th>
            <Table.Th>{t('usedFor')}</Table.Th>
            <Table.Th>{t('origin')}</Table.Th>
            <Table.Th ta="right">{t('size')}</Table.Th>
            <Table.Th>{t('performance')}</Table.Th>
            <Table.Th>{t('hashes')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {list.packs.map((pack) => {
            const { manifest, media, origin, isDefault } = pack;
            // The worst of its sets: what a reader of one number may count on.
            const [measured] = [...manifest.validation].sort((a, b) => b.eer - a.eer);
            return (
              <Table.Tr key={nameOf(pack)}>
                <Table.Td>
                  <Button
                    variant="transparent"
                    size="compact-sm"
                    px={0}
                    color="var(--vidimus-accent-text)"
                    onClick={() => onOpen(nameOf(pack))}
                  >
                    {manifest.name}
                  </Button>
                  <Text size="xs" c="dimmed" className="mono">
                    {manifest.id} {manifest.version}
                  </Text>
                </Table.Td>
                <Table.Td>
                  {word(`task.${manifest.task}`)}
                  {isDefault && (
                    <Text size="xs" c="dimmed">
                      {t('default')}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>{word(`family.${manifest.family}`)}</Table.Td>
                <Table.Td>
                  {media.length === 0 ? (
                    <Tone tone="idle">{t('off')}</Tone>
                  ) : (
                    media.map((m) => word(`media.${m}`)).join(', ')
                  )}
                </Table.Td>
                <Table.Td>{word(`origin.${origin}`)}</Table.Td>
                <Table.Td ta="right">{format.bytes(manifest.files.reduce((sum, f) => sum + f.bytes, 0))}</Table.Td>
                <Table.Td>
                  {measured === undefined ? (
                    <Tooltip label={t('notValidated')} multiline maw={260}>
                      <span>
                        <Tone tone="warning">{t('notValidatedShort')}</Tone>
                      </span>
                    </Tooltip>
                  ) : (
                    `EER ${format.percent(measured.eer)} (n ${format.number(measured.n)})`
                  )}
                </Table.Td>
                <Table.Td>
                  <PackState pack={pack} />
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}
