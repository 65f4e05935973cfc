/** Asks with the system's own dialog where a file shall go; hidden where the host has none. */
import { Button } from '@mantine/core';
import { FolderOpen } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { call } from '../client.ts';
import { sayError } from '../ui/toasts.tsx';
import { useAsk } from './api.ts';

export interface SaveButtonProps {
  /** Suggested name. */
  readonly name: string;
  readonly title: string;
  readonly onChosen: (path: string) => void;
}

export function SaveButton({ name, title, onChosen }: SaveButtonProps) {
  const { t } = useTranslation();
  const host = useAsk('host.info', {});
  if (host.data?.kind !== 'desktop') return null;
  return (
    <Button
      variant="default"
      leftSection={<FolderOpen size={14} aria-hidden />}
      aria-label={`${t('browse')} ${title}`}
      onClick={() =>
        call('dialog.save', { name: name.slice(-255), title }).then(({ path }) => {
          if (path !== null) onChosen(path);
        }, sayError)
      }
    >
      {t('browse')}
    </Button>
  );
}
