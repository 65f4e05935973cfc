/** What can be done with the selected exhibits. */
import { Button, Popover, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useWork } from '../../data/api.ts';
import { EXHIBIT_ANSWERS } from '../../data/cases.ts';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { say } from '../../ui/toasts.tsx';
import type { Selection } from '../../ui/VirtualTable.tsx';
import { WorkProgress } from '../../ui/WorkProgress.tsx';
import { Tags } from './Tags.tsx';

export interface SelectionBarProps {
  readonly handle: string;
  readonly selection: Selection;
  readonly readOnly: boolean;
  readonly knownTags: readonly string[];
  readonly onAnalyse: () => void;
  readonly onReport: () => void;
}

export function SelectionBar({ handle, selection, readOnly, knownTags, onAnalyse, onReport }: SelectionBarProps) {
  const { t } = useTranslation('case');
  const { t: report } = useTranslation('report');
  const exhibits = [...selection.selected];
  const verify = useWork('case.verifyExhibits', [...EXHIBIT_ANSWERS, 'case.info']);
  const tagging = useChange('case.setTag', [...EXHIBIT_ANSWERS, 'case.tags']);
  const [open, setOpen] = useState(false);
  const verifyAll = async (): Promise<void> => {
    const list = await verify.start({ case: handle, exhibits });
    if (list === null) return;
    const matching = list.filter(({ outcome }) => outcome === 'match').length;
    say(t('verifyResult', { matching, total: list.length }));
    if (matching < list.length) say(t('verifyBad', { count: list.length - matching }));
  };
  return (
    <div className="toolbar selection-bar" role="toolbar" aria-label={t('selected', { count: exhibits.length })}>
      <Text size="sm" fw={600} aria-live="polite">
        {t('selected', { count: exhibits.length })}
      </Text>
      {!readOnly && (
        <>
          <Button size="compact-xs" onClick={onAnalyse}>
            {t('analyse')}
          </Button>
          <Popover opened={open} onChange={setOpen} position="bottom-start" trapFocus>
            <Popover.Target>
              <Button size="compact-xs" variant="default" onClick={() => setOpen(!open)} aria-expanded={open}>
                {t('tag')}
              </Button>
            </Popover.Target>
            <Popover.Dropdown aria-label={t('tagTitle')}>
              <Tags
                tags={[]}
                known={knownTags}
                readOnly={false}
                onSet={(tag) => {
                  tagging.mutate({ case: handle, exhibits, tag, state: 'set' });
                  setOpen(false);
                }}
                onRemove={(tag) => tagging.mutate({ case: handle, exhibits, tag, state: 'removed' })}
              />
            </Popover.Dropdown>
          </Popover>
          <Button size="compact-xs" variant="default" disabled={verify.running} onClick={() => void verifyAll()}>
            {t('verifySelected')}
          </Button>
        </>
      )}
      <Button size="compact-xs" variant="default" onClick={onReport}>
        {report('reportOf')}
      </Button>
      <Button size="compact-xs" variant="subtle" onClick={selection.clear}>
        {t('clearSelection')}
      </Button>
      {verify.running && (
        <div className="selection-progress">
          <WorkProgress progress={verify.progress} label={t('verifySelected')} onCancel={verify.stop} />
        </div>
      )}
      {verify.error !== null && <ErrorNotice error={verify.error} />}
    </div>
  );
}
