/** Opens the system's own dialog for files or a folder; hidden where the host has none. */
import { Button } from '@mantine/core';
import { FolderOpen } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { call } from '../client.ts';
import { sayError } from '../ui/toasts.tsx';
import { useAsk } from './api.ts';

export interface BrowseButtonProps {
  readonly kind: 'files' | 'folder' | 'case';
  readonly title: string;
  readonly onChosen: (paths: readonly string[]) => void;
}

export function BrowseButton({ kind, title, onChosen }: BrowseButtonProps) {
  const { t } = useTranslation();
  const host = useAsk('host.info', {});
  if (host.data?.kind !== 'desktop') return null;
  return (
    <Button
      variant="default"
      leftSection={<FolderOpen size={14} aria-hidden />}
      aria-label={`${t('browse')} ${title}`}
      onClick={() =>
        call('dialog.open', { kind, title }).then(({ paths }) => {
          if (paths.length > 0) onChosen(paths);
        }, sayError)
      }
    >
      {t('browse')}
    </Button>
  );
}
