/** Makes a case and enters its first examiner, in whose name the work begins. */
import { Modal } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { call } from '../../client.ts';
import { lookAt } from '../../data/cases.ts';
import { prefer, usePreferences } from '../../preferences.ts';
import { type CaseDraft, CreateCaseForm } from './CreateCaseForm.tsx';

export function CreateCase({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const { t } = useTranslation('cases');
  const { t: common } = useTranslation();
  const [, go] = useLocation();
  const queries = useQueryClient();
  const known = usePreferences((p) => p.examiner);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const create = async ({ examiner, ...fields }: CaseDraft): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const made = await call('case.create', { ...fields, folder: null });
      const person = await call('case.addExaminer', {
        case: made.handle,
        name: examiner,
        role: 'examiner',
        qualification: null,
        organisation: null,
        certificatePem: null,
      });
      await call('case.actAs', { case: made.handle, examiner: person.id });
      prefer({ examiner });
      lookAt(made.handle);
      onClose();
      go(`/case/${made.handle}`);
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
      void queries.invalidateQueries({ queryKey: ['cases.list'] });
    }
  };
  const close = (): void => {
    setError(null);
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t('createTitle')}
      size="lg"
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <CreateCaseForm busy={busy} error={error} examiner={known} onCreate={(d) => void create(d)} onCancel={close} />
    </Modal>
  );
}
