/** Asks what to import and how; shows what the import did. */
import { Button, Group, Modal, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PackId } from '../../../contract/pack.ts';
import { useAsk, useWork } from '../../data/api.ts';
import { BrowseButton } from '../../data/DialogButtons.tsx';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { WorkProgress } from '../../ui/WorkProgress.tsx';
import { keepChecks } from './checked.ts';

export interface ImportDialogProps {
  /** Paths to begin with; null keeps the dialog closed. */
  readonly paths: readonly string[] | null;
  readonly onClose: () => void;
}

export function ImportDialog({ paths, onClose }: ImportDialogProps) {
  const { t } = useTranslation('models');
  const { t: common } = useTranslation();
  return (
    <Modal
      opened={paths !== null}
      onClose={onClose}
      title={t('importTitle')}
      size="lg"
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      {paths && <ImportForm paths={paths} onClose={onClose} />}
    </Modal>
  );
}

function ImportForm({ paths, onClose }: { readonly paths: readonly string[]; readonly onClose: () => void }) {
  const { t } = useTranslation('models');
  const { t: common } = useTranslation();
  const architectures = useAsk('models.architectures', {});
  const work = useWork('models.import', ['models.list', 'doctor']);
  const [text, setText] = useState(paths.join('\n'));
  const [architecture, setArchitecture] = useState<string | null>(null);
  const [id, setId] = useState('');
  const [fake, setFake] = useState('');
  useEffect(() => setText(paths.join('\n')), [paths]);
  const files = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const idBad = id !== '' && !PackId.safeParse(id).success;
  const start = (): void => {
    const index = /^\d+$/.test(fake) ? Number(fake) : null;
    // An .onnx file brings its own weights, so that its architecture is only a preset for its input and output.
    const preset = files.some((file) => file.toLowerCase().endsWith('.onnx')) ? architecture : null;
    const wish = {
      files,
      architecture: preset === null ? architecture : null,
      preset,
      id: id === '' ? null : id,
      fakeIndex: index,
      fakeLabel: index === null && fake !== '' ? fake : null,
    };
    // An import hashes what it installed.
    void work.start(wish).then((done) => done && keepChecks([done.listing]));
  };
  if (work.result) {
    const { listing, recognised, unusedKeys, notes } = work.result;
    return (
      <Stack gap="sm">
        <Text size="sm" fw={600}>
          {t('imported', listing.manifest)}
        </Text>
        {recognised !== null && <Text size="sm">{t('recognised', { name: recognised })}</Text>}
        {/* A ready pack is no checkpoint: only what an architecture was chosen for can be an official one. */}
        {recognised === null && architecture !== null && <Text size="sm">{t('notRecognised')}</Text>}
        {unusedKeys.length > 0 && <Text size="sm">{t('unusedKeys', { count: unusedKeys.length })}</Text>}
        {notes.map((note) => (
          <Text size="sm" key={note}>
            {note}
          </Text>
        ))}
        <Group justify="flex-end">
          <Button onClick={onClose}>{common('close')}</Button>
        </Group>
      </Stack>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <Stack gap="sm">
        <Textarea
          label={t('importPaths')}
          description={t('importFilesHint')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autosize
          minRows={2}
          maxRows={6}
          data-autofocus
          classNames={{ input: 'mono' }}
        />
        <BrowseButton
          kind="files"
          title={t('importTitle')}
          onChosen={(chosen) =>
            setText((before) => [before.trim(), ...chosen].filter((line) => line !== '').join('\n'))
          }
        />
        <Select
          label={t('importArchitecture')}
          description={t('importArchitectureHint')}
          placeholder={t('importArchitectureNone')}
          data={(architectures.data ?? []).map(({ name, title }) => ({ value: name, label: `${title} (${name})` }))}
          value={architecture}
          onChange={setArchitecture}
          clearable
          searchable
        />
        <Group grow align="flex-start">
          <TextInput
            label={t('importId')}
            description={t('importIdHint')}
            value={id}
            onChange={(event) => setId(event.currentTarget.value)}
            error={idBad && t('importIdBad')}
          />
          <TextInput
            label={t('importFake')}
            description={t('importFakeHint')}
            value={fake}
            onChange={(event) => setFake(event.currentTarget.value)}
          />
        </Group>
        {work.running && <WorkProgress progress={work.progress} onCancel={work.stop} />}
        {work.error !== null && <ErrorNotice error={work.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {common('cancel')}
          </Button>
          <Button type="submit" disabled={files.length === 0 || idBad} loading={work.running}>
            {t('importStart')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
