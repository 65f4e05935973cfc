/** Backup of a case, and packages that travel between workstations. */
import { Button, Checkbox, Group, Modal, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OpenCase } from '../../../contract/apiCases.ts';
import { useAsk, useWork } from '../../data/api.ts';
import { BrowseButton } from '../../data/DialogButtons.tsx';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { WorkProgress } from '../../ui/WorkProgress.tsx';

type Kind = 'backup' | 'exportPackage' | 'importPackage';

export function Exchange({ opened }: { readonly opened: OpenCase }) {
  const { t } = useTranslation('case');
  const { t: common } = useTranslation();
  const [kind, setKind] = useState<Kind | null>(null);
  const writable = opened.info.kind === 'working' && opened.info.state === 'open';
  return (
    <Panel title={t('exchange')}>
      <Group gap="xs">
        <Button variant="default" onClick={() => setKind('backup')}>
          {t('backup')}
        </Button>
        {opened.info.kind === 'working' && (
          <Button variant="default" onClick={() => setKind('exportPackage')}>
            {t('exportPackage')}
          </Button>
        )}
        {writable && (
          <Button variant="default" onClick={() => setKind('importPackage')}>
            {t('importPackage')}
          </Button>
        )}
      </Group>
      <Modal
        opened={kind !== null}
        onClose={() => setKind(null)}
        title={kind === null ? '' : t(kind)}
        size="lg"
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        {kind !== null && <ExchangeForm kind={kind} handle={opened.handle} onClose={() => setKind(null)} />}
      </Modal>
    </Panel>
  );
}

interface ExchangeFormProps {
  readonly kind: Kind;
  readonly handle: string;
  readonly onClose: () => void;
}

function ExchangeForm({ kind, handle, onClose }: ExchangeFormProps) {
  const { t } = useTranslation('case');
  const { t: common } = useTranslation();
  const known = useAsk('case.tags', { case: handle });
  const backup = useWork('case.backup', ['audit.read'], { goesOn: true });
  const give = useWork('case.exportPackage', ['audit.read'], { goesOn: true });
  const take = useWork('case.importPackage', ['case.info', 'case.exhibits', 'audit.read'], { goesOn: true });
  const work = { backup, exportPackage: give, importPackage: take }[kind];
  const [path, setPath] = useState('');
  const [evidence, setEvidence] = useState(true);
  const [tags, setTags] = useState<string[]>([]);
  const [purpose, setPurpose] = useState('');
  const target = path.trim();
  const ready = target !== '' && (kind !== 'exportPackage' || purpose.trim() !== '');
  const start = (): void => {
    if (kind === 'backup') void backup.start({ case: handle, target, evidence });
    else if (kind === 'importPackage') void take.start({ case: handle, path: target });
    else void give.start({ case: handle, target, evidence, tags, purpose: purpose.trim() });
  };
  const done =
    (backup.result && t('backupDone', backup.result)) ??
    (give.result && t('exportDone', { files: give.result.files.length })) ??
    (take.result && t('importDone', take.result));
  if (done !== null) {
    return (
      <Stack gap="sm">
        <Text size="sm" role="status">
          {done}
        </Text>
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
        if (ready) start();
      }}
    >
      <Stack gap="sm">
        <TextInput
          label={kind === 'importPackage' ? t('packagePath') : t('target')}
          required
          data-autofocus
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
        />
        <Group>
          <BrowseButton kind="folder" title={t(kind)} onChosen={([chosen]) => chosen && setPath(chosen)} />
        </Group>
        {kind === 'exportPackage' && (
          <>
            <TextInput
              label={t('purpose')}
              required
              value={purpose}
              onChange={(event) => setPurpose(event.currentTarget.value)}
            />
            <TagsInput
              label={t('onlyTags')}
              data={(known.data ?? []).map(({ tag }) => tag)}
              value={tags}
              onChange={setTags}
            />
          </>
        )}
        {kind !== 'importPackage' && (
          <Checkbox
            label={t('withEvidence')}
            checked={evidence}
            onChange={(event) => setEvidence(event.currentTarget.checked)}
          />
        )}
        {work.running && <WorkProgress progress={work.progress} onCancel={work.stop} />}
        {work.error !== null && <ErrorNotice error={work.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {common('cancel')}
          </Button>
          <Button type="submit" loading={work.running} disabled={!ready}>
            {t(kind)}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
