/** The case itself: what it is, who works on it, archive, backup and exchange. */
import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OpenCase } from '../../../contract/apiCases.ts';
import { ExaminerRole } from '../../../contract/case.ts';
import { useAsk, useChange } from '../../data/api.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { Moment } from '../../ui/Moment.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Exchange } from './Exchange.tsx';

export function About({ opened }: { readonly opened: OpenCase }) {
  const { t } = useTranslation('case');
  const { t: words } = useTranslation('cases');
  const { t: word } = useTranslation('words');
  const { info, folder, encrypted } = opened;
  return (
    <div className="tiles">
      <div className="stack">
        <Panel title={t('about')} actions={info.kind === 'working' && <Archive opened={opened} />}>
          <Facts
            facts={[
              [words('number'), info.number],
              [words('agency'), info.agency],
              [words('matter'), info.matter],
              [words('description'), info.description],
              [words('opened'), <Moment key="opened" utc={info.openedUtc} both />],
              ['', word(`caseKind.${info.kind}`) + (encrypted ? ` · ${words('encrypted')}` : '')],
              [
                words('folder'),
                <span key="folder" className="mono">
                  {folder}
                </span>,
              ],
            ]}
          />
        </Panel>
        <Exchange opened={opened} />
      </div>
      <div className="stack">
        <Examiners opened={opened} />
      </div>
    </div>
  );
}

function Archive({ opened: { handle, info } }: { readonly opened: OpenCase }) {
  const { t } = useTranslation('cases');
  const { t: common } = useTranslation();
  const change = useChange('case.setState', ['case.info', 'cases.list', 'audit.read']);
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const archive = info.state === 'open';
  const said = archive
    ? { title: t('archiveTitle', { number: info.number }), text: t('archiveText'), action: t('archiveAction') }
    : { title: t('reopenTitle', { number: info.number }), text: t('reopenText'), action: t('reopenAction') };
  return (
    <>
      <Button variant="default" size="compact-xs" onClick={() => setAsking(true)}>
        {archive ? t('archive') : t('reopen')}
      </Button>
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={said.title}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (reason.trim() === '') return;
            change.mutate(
              { case: handle, state: archive ? 'closed' : 'open', reason: reason.trim() },
              { onSuccess: () => setReason(''), onSettled: () => setAsking(false) },
            );
          }}
        >
          <Stack gap="sm">
            <Text size="sm">{said.text}</Text>
            <TextInput
              label={t('reasonLabel')}
              required
              data-autofocus
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={() => setAsking(false)}>
                {common('cancel')}
              </Button>
              <Button type="submit" loading={change.isPending} disabled={reason.trim() === ''}>
                {said.action}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

function Examiners({ opened }: { readonly opened: OpenCase }) {
  const { t } = useTranslation('case');
  const { t: words } = useTranslation('cases');
  const { t: word } = useTranslation('words');
  const { t: common } = useTranslation();
  const list = useAsk('case.examiners', { case: opened.handle });
  const actAs = useChange('case.actAs', ['case.info']);
  const add = useChange('case.addExaminer', ['case.examiners', 'audit.read']);
  const [draft, setDraft] = useState({ name: '', role: 'examiner', qualification: '', organisation: '' });
  const writable = opened.info.kind === 'working' && opened.info.state === 'open';
  const field = (name: 'name' | 'qualification' | 'organisation') => ({
    value: draft[name],
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => {
      const { value } = event.currentTarget;
      setDraft((before) => ({ ...before, [name]: value }));
    },
  });
  return (
    <Panel title={t('examiners')}>
      <Answer of={list}>
        {(people) => (
          <Stack gap="sm">
            {people.map((person) => (
              <Text size="sm" key={person.id}>
                <b>{person.name}</b> · {word(`role.${person.role}`)}
                {person.qualification && ` · ${person.qualification}`}
                {person.organisation && ` · ${person.organisation}`}
                {person.id === opened.examiner?.id && ` · ${t('you')}`}
              </Text>
            ))}
            {writable && (
              <Select
                label={t('actAs')}
                data={[
                  { value: '', label: t('account', { account: opened.account }) },
                  ...people.map(({ id, name }) => ({ value: id, label: name })),
                ]}
                value={opened.examiner?.id ?? ''}
                allowDeselect={false}
                disabled={actAs.isPending}
                onChange={(id) => actAs.mutate({ case: opened.handle, examiner: id || null })}
              />
            )}
          </Stack>
        )}
      </Answer>
      {writable && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (draft.name.trim() === '') return;
            add.mutate(
              {
                case: opened.handle,
                name: draft.name.trim(),
                role: ExaminerRole.parse(draft.role),
                qualification: draft.qualification.trim() || null,
                organisation: draft.organisation.trim() || null,
                certificatePem: null,
              },
              { onSuccess: () => setDraft({ name: '', role: 'examiner', qualification: '', organisation: '' }) },
            );
          }}
        >
          <Stack gap={6} mt="md">
            <Text size="xs" fw={600}>
              {t('addExaminer')}
            </Text>
            <Group grow gap="xs">
              <TextInput label={common('name')} {...field('name')} />
              <Select
                label={t('column.type')}
                data={ExaminerRole.options.map((value) => ({ value, label: word(`role.${value}`) }))}
                value={draft.role}
                allowDeselect={false}
                onChange={(role) => role !== null && setDraft((before) => ({ ...before, role }))}
              />
            </Group>
            <Group grow gap="xs">
              <TextInput label={words('qualification')} {...field('qualification')} />
              <TextInput label={words('organisation')} {...field('organisation')} />
            </Group>
            <Group justify="flex-end">
              <Button type="submit" loading={add.isPending} disabled={draft.name.trim() === ''}>
                {common('add')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Panel>
  );
}
