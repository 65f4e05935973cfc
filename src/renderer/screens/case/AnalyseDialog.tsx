/** Queues analyses of exhibits under a plan. */
import { Modal, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../data/api.ts';
import { say } from '../../ui/toasts.tsx';
import { PlanForm } from './PlanForm.tsx';

export interface AnalyseDialogProps {
  readonly handle: string;
  /** Ids, all exhibits of the case, or null for a closed dialog. */
  readonly exhibits: readonly string[] | 'all' | null;
  readonly total: number;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function AnalyseDialog({ handle, exhibits, total, onClose, onDone }: AnalyseDialogProps) {
  const { t } = useTranslation('case');
  const { t: common } = useTranslation();
  const enqueue = useChange('queue.enqueue', ['queue.list', 'case.exhibits', 'audit.read']);
  return (
    <Modal
      opened={exhibits !== null}
      onClose={onClose}
      title={t('analyseTitle', { count: exhibits === 'all' ? total : (exhibits?.length ?? 0) })}
      size="lg"
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      {exhibits !== null && (
        <Stack>
          <PlanForm
            busy={enqueue.isPending}
            onCancel={onClose}
            onStart={(wishes, priority, again) =>
              enqueue.mutate(
                { case: handle, exhibits: exhibits === 'all' ? null : [...exhibits], wishes, priority, again },
                {
                  onSuccess: ({ queued, known }) => {
                    say(t('plan.queued', { count: queued }));
                    if (known > 0) say(t('plan.known', { count: known }));
                    onClose();
                    onDone();
                  },
                },
              )
            }
          />
        </Stack>
      )}
    </Modal>
  );
}
