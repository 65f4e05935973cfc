/** Ctrl+K: screens to go to, and hits of the open case. */
import { Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export function SearchDialog({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const { t } = useTranslation('frame');
  return <Modal opened={opened} onClose={onClose} title={t('search')} />;
}
