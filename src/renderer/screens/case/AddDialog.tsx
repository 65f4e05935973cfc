/** Takes files or a folder into the case: where the bytes stay, and why they were received. */
import { Button, Group, Modal, Radio, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AddReport } from '../../../contract/apiCases.ts';
import { fromWire } from '../../../contract/errors.ts';
import { useAsk, useWork } from '../../data/api.ts';
import { BrowseButton } from '../../data/DialogButtons.tsx';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { say } from '../../ui/toasts.tsx';
import { WorkProgress } from '../../ui/WorkProgress.tsx';

export interface AddRequest {
  readonly paths: readonly string[];
  readonly folder?: boolean;
}

export interface AddDialogProps {
  readonly handle: string;
  /** Null keeps the dialog closed. */
  readonly request: AddRequest | null;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function AddDialog({ request, ...rest }: AddDialogProps) {
  const { t } = useTranslation('case');
  const { t: common } = useTranslation();
  return (
    <Modal
      opened={request !== null}
      onClose={rest.onClose}
      title={t('addTitle')}
      size="lg"
      closeButtonProps={{ 'aria-label': common('close') }}
      closeOnClickOutside={false}
    >
      {request && <AddForm request={request} {...rest} />}
    </Modal>
  );
}

function AddForm({ handle, request, onClose, onDone }: AddDialogProps & { readonly request: AddRequest }) {
  const { t } = useTranslation('case');
  const { t: common } = useTranslation();
  const settings = useAsk('settings.read', {});
  const work = useWork('case.addFiles', [], { goesOn: true });
  const [text, setText] = useState(request.paths.join('\n'));
  const [storage, setStorage] = useState<'reference' | 'copy' | null>(null);
  const [purpose, setPurpose] = useState<string>(t('addPurposeDefault'));
  const [report, setReport] = useState<AddReport | null>(null);
  useEffect(() => setText(request.paths.join('\n')), [request]);
  const chosen = storage ?? settings.data?.storage ?? 'copy';
  const paths = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const start = async (): Promise<void> => {
    const answer = await work.start({ case: handle, paths, storage: chosen, purpose: purpose.trim() });
    onDone();
    if (answer === null) return;
    say(t('addDone', { count: answer.added.length }));
    if (answer.refused.length === 0) onClose();
    else setReport(answer);
  };
  if (report !== null) {
    return (
      <Stack gap="sm">
        <Text size="sm">{t('addDone', { count: report.added.length })}</Text>
        <Text size="sm" fw={600}>
          {t('addFailed', { count: report.refused.length })}
        </Text>
        {report.refused.map(({ path, error }) => (
          <ErrorNotice key={path} error={fromWire(error)}>
            <Text size="xs" className="mono">
              {path}
            </Text>
          </ErrorNotice>
        ))}
        <Group justify="flex-end">
          <Button onClick={onClose}>{common('close')}</Button>
        </Group>
      </Stack>
    );
  }
  const append = (more: readonly string[]): void =>
    setText((before) => [before.trim(), ...more].filter((line) => line !== '').join('\n'));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (paths.length > 0 && purpose.trim() !== '') void start();
      }}
    >
      <Stack gap="sm">
        {request.folder ? (
          <TextInput
            label={t('addFolderPath')}
            description={t('addRecursive')}
            value={text}
            data-autofocus
            onChange={(event) => setText(event.currentTarget.value)}
          />
        ) : (
          <Textarea
            label={t('addPaths')}
            value={text}
            autosize
            minRows={3}
            maxRows={10}
            data-autofocus
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
        <Group>
          <BrowseButton kind={request.folder ? 'folder' : 'files'} title={t('addTitle')} onChosen={append} />
        </Group>
        <Radio.Group
          label={t('addStorage')}
          value={chosen}
          onChange={(value) => setStorage(value === 'reference' ? 'reference' : 'copy')}
        >
          <Stack gap={6} mt={4}>
            <Radio size="xs" value="copy" label={t('addStorageCopy')} />
            <Radio size="xs" value="reference" label={t('addStorageReference')} />
          </Stack>
        </Radio.Group>
        <TextInput
          label={t('addPurpose')}
          required
          value={purpose}
          onChange={(event) => setPurpose(event.currentTarget.value)}
        />
        {work.running && <WorkProgress progress={work.progress} onCancel={work.stop} />}
        {work.error !== null && <ErrorNotice error={work.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {common('cancel')}
          </Button>
          <Button type="submit" loading={work.running} disabled={paths.length === 0 || purpose.trim() === ''}>
            {t('addStart')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
