/** The cases of this workstation: create, open, find, archive. */
import { Button, Checkbox, Group, Modal, Table, Text, TextInput } from '@mantine/core';
import { BriefcaseBusiness, FolderOpen, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import type { ListedCase } from '../../../contract/apiCases.ts';
import { fromWire } from '../../../contract/errors.ts';
import { useAsk, useChange } from '../../data/api.ts';
import { lookAt } from '../../data/cases.ts';
import { BrowseButton } from '../../data/DialogButtons.tsx';
import { Answer } from '../../ui/Answer.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { wordsOfError } from '../../ui/errorWords.ts';
import { useFormat } from '../../ui/format.ts';
import { Moment } from '../../ui/Moment.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { Tone } from '../../ui/Tone.tsx';
import { CreateCase } from './CreateCase.tsx';
import { type CaseOpener, useOpenCase } from './useOpenCase.tsx';

const fits = ({ info, folder }: ListedCase, filter: string): boolean =>
  [folder, info?.number, info?.agency, info?.matter].some((text) => text?.toLowerCase().includes(filter.toLowerCase()));

export function Cases() {
  const { t } = useTranslation('cases');
  const list = useAsk('cases.list', {});
  const opener = useOpenCase();
  const [creating, setCreating] = useState(false);
  const [byPath, setByPath] = useState(false);
  const [filter, setFilter] = useState('');
  const [archived, setArchived] = useState(true);
  return (
    <Screen
      title={t('title')}
      subtitle={t('subtitle')}
      actions={
        <>
          <Button variant="default" leftSection={<FolderOpen size={14} aria-hidden />} onClick={() => setByPath(true)}>
            {t('openByPath')}
          </Button>
          <Button leftSection={<Plus size={14} aria-hidden />} onClick={() => setCreating(true)}>
            {t('create')}
          </Button>
        </>
      }
    >
      <div className="stack">
        {opener.error !== null && (
          <ErrorNotice error={opener.error.error}>
            <Text size="xs" className="mono">
              {opener.error.folder}
            </Text>
          </ErrorNotice>
        )}
        <Answer of={list}>
          {(cases) =>
            cases.length === 0 ? (
              <Panel title={t('title')}>
                <Empty
                  icon={BriefcaseBusiness}
                  title={t('empty')}
                  action={
                    <Button mt="xs" onClick={() => setCreating(true)}>
                      {t('create')}
                    </Button>
                  }
                >
                  {t('emptyText')}
                </Empty>
              </Panel>
            ) : (
              <Panel
                title={t('title')}
                flush
                actions={
                  <>
                    <Checkbox
                      label={t('showArchived')}
                      checked={archived}
                      onChange={(event) => setArchived(event.currentTarget.checked)}
                    />
                    <TextInput
                      w={280}
                      aria-label={t('filter')}
                      placeholder={t('filter')}
                      value={filter}
                      onChange={(event) => setFilter(event.currentTarget.value)}
                    />
                  </>
                }
              >
                <CaseTable
                  cases={cases.filter((c) => fits(c, filter) && (archived || c.info?.state !== 'closed'))}
                  opener={opener}
                />
              </Panel>
            )
          }
        </Answer>
      </div>
      <CreateCase opened={creating} onClose={() => setCreating(false)} />
      <OpenByPath opened={byPath} opener={opener} onClose={() => setByPath(false)} />
      {opener.dialog}
    </Screen>
  );
}

function CaseTable({ cases, opener }: { readonly cases: readonly ListedCase[]; readonly opener: CaseOpener }) {
  const { t, i18n } = useTranslation('cases');
  const { t: word } = useTranslation('words');
  const { t: common } = useTranslation();
  const { number } = useFormat();
  const [, go] = useLocation();
  const forget = useChange('cases.forget', ['cases.list']);
  if (cases.length === 0) return <Empty title={t('nothingFits')} />;
  const visit = (listed: ListedCase): void => {
    if (listed.handle === null) void opener.open(listed.folder, listed.encrypted);
    else {
      lookAt(listed.handle);
      go(`/case/${listed.handle}`);
    }
  };
  return (
    <Table highlightOnHover>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('number')}</Table.Th>
          <Table.Th>{t('matterColumn')}</Table.Th>
          <Table.Th>{common('state')}</Table.Th>
          <Table.Th ta="right">{t('exhibits')}</Table.Th>
          <Table.Th>{t('opened')}</Table.Th>
          <Table.Th>{t('folder')}</Table.Th>
          <Table.Th />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {cases.map((listed) => {
          const { folder, info, exhibits, encrypted, handle, problem } = listed;
          const known = problem === null ? null : fromWire(problem);
          const locked = known?.code === 'case.passphrase';
          return (
            <Table.Tr key={folder}>
              <Table.Td fw={600}>{info?.number ?? folder.split(/[\\/]/).at(-1)}</Table.Td>
              <Table.Td>
                {info?.matter}
                {info?.agency && (
                  <Text size="xs" c="dimmed">
                    {info.agency}
                  </Text>
                )}
                {known !== null && !locked && (
                  <>
                    <Tone tone="alarm">{wordsOfError(known, i18n.language).title}</Tone>
                    <Text size="xs">{known.message}</Text>
                    <Text size="xs" c="dimmed">
                      {wordsOfError(known, i18n.language).advice}
                    </Text>
                  </>
                )}
              </Table.Td>
              <Table.Td>
                {handle !== null ? (
                  <Tone tone="active">{t('isOpen')}</Tone>
                ) : info !== null ? (
                  <Tone tone="idle">{word(`caseState.${info.state}`)}</Tone>
                ) : locked ? (
                  <Tone tone="warning">{t('encrypted')}</Tone>
                ) : (
                  <Tone tone="alarm">{t('problem')}</Tone>
                )}
                {info?.kind === 'export' && <Text size="xs">{word('caseKind.export')}</Text>}
                {info?.state === 'closed' && handle !== null && <Text size="xs">{word('caseState.closed')}</Text>}
                {encrypted && !locked && <Text size="xs">{t('encrypted')}</Text>}
              </Table.Td>
              <Table.Td ta="right">{exhibits === null ? '–' : number(exhibits)}</Table.Td>
              <Table.Td>{info && <Moment utc={info.openedUtc} />}</Table.Td>
              <Table.Td className="mono" maw={280}>
                {folder}
              </Table.Td>
              <Table.Td ta="right">
                {known?.code === 'case.not-found' && (
                  <Button variant="subtle" size="compact-xs" onClick={() => forget.mutate({ folder })}>
                    {t('forget')}
                  </Button>
                )}
                <Button
                  variant="default"
                  size="compact-xs"
                  loading={opener.busy === folder}
                  onClick={() => visit(listed)}
                  aria-label={`${common('open')}: ${info?.number ?? folder}`}
                >
                  {common('open')}
                </Button>
              </Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}

interface OpenByPathProps {
  readonly opened: boolean;
  readonly opener: CaseOpener;
  readonly onClose: () => void;
}

function OpenByPath({ opened, opener, onClose }: OpenByPathProps) {
  const { t } = useTranslation('cases');
  const { t: common } = useTranslation();
  const [path, setPath] = useState('');
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('openTitle')}
      size="lg"
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (path.trim() === '') return;
          onClose();
          void opener.open(path.trim(), false);
        }}
      >
        <TextInput
          label={t('openPath')}
          description={t('openPathHint')}
          data-autofocus
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap="xs">
          <BrowseButton kind="case" title={t('openTitle')} onChosen={([chosen]) => chosen && setPath(chosen)} />
          <Button variant="default" onClick={onClose}>
            {common('cancel')}
          </Button>
          <Button type="submit" disabled={path.trim() === ''}>
            {common('open')}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
