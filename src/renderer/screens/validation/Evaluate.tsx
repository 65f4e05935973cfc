/** Measures a folder of known files and shows what came of it. */
import { Button, Group, MultiSelect, Stack, Text, TextInput } from '@mantine/core';
import { FlaskConical } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAsk, useWork } from '../../data/api.ts';
import { BrowseButton } from '../../data/DialogButtons.tsx';
import { useDroppedPaths } from '../../data/useDroppedPaths.ts';
import { Empty } from '../../ui/Empty.tsx';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { WorkProgress } from '../../ui/WorkProgress.tsx';
import { EvaluationView } from './EvaluationView.tsx';

/** Where the answer lies unless somebody names another place: beside the folder, never in it. */
const besides = (folder: string): string => `${folder.replace(/[\\/]+$/, '')}-evaluation`;

export function Evaluate() {
  const { t } = useTranslation('validation');
  const packs = useAsk('models.list', {});
  const work = useWork('evaluate.run', ['profiles.list']);
  const [folder, setFolder] = useState('');
  const [out, setOut] = useState<string | null>(null);
  const [calibrate, setCalibrate] = useState<string[]>([]);
  const drop = useDroppedPaths(([path]) => path && setFolder(path));
  const ids = [...new Set((packs.data?.packs ?? []).map(({ manifest }) => manifest.id))];
  const target = out ?? (folder.trim() === '' ? '' : besides(folder.trim()));
  return (
    <div className="stack" {...drop}>
      <Panel title={t('evaluate')}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (folder.trim() !== '' && target.trim() !== '')
              void work.start({ folder: folder.trim(), out: target.trim(), calibrate });
          }}
        >
          <Stack gap="sm">
            <Text size="xs" c="dimmed">
              {t('evaluateHint')}
            </Text>
            <Group align="flex-end" gap="xs" wrap="nowrap">
              <TextInput
                flex={1}
                label={t('folder')}
                value={folder}
                onChange={(event) => setFolder(event.currentTarget.value)}
              />
              <BrowseButton kind="folder" title={t('folder')} onChosen={([path]) => path && setFolder(path)} />
            </Group>
            <Group align="flex-start" gap="xs" grow>
              <TextInput
                label={t('out')}
                description={t('outHint')}
                value={target}
                onChange={(event) => setOut(event.currentTarget.value)}
              />
              <MultiSelect
                label={t('calibrate')}
                description={t('calibrateHint')}
                data={[...ids, { value: 'ensemble', label: t('ensemble') }]}
                value={calibrate}
                onChange={setCalibrate}
                clearable
              />
            </Group>
            {work.running && <WorkProgress progress={work.progress} label={t('evaluate')} onCancel={work.stop} />}
            {work.error !== null && <ErrorNotice error={work.error} />}
            <Group justify="flex-end">
              <Button type="submit" loading={work.running} disabled={folder.trim() === '' || target.trim() === ''}>
                {t('start')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Panel>
      {work.result !== null ? (
        <EvaluationView evaluation={work.result} />
      ) : (
        !work.running && (
          <Empty icon={FlaskConical} title={t('noResult')}>
            {t('noResultText')}
          </Empty>
        )
      )}
    </div>
  );
}
