/** Buttons that ask for a path with the system's own dialog; hidden where the host has none. */
import { Button } from '@mantine/core';
import { FolderOpen } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { call } from '../client.ts';
import { sayError } from '../ui/toasts.tsx';
import { useAsk } from './api.ts';

interface DialogButtonProps {
  readonly title: string;
  readonly ask: () => Promise<void>;
}

function DialogButton({ title, ask }: DialogButtonProps) {
  const { t } = useTranslation();
  const host = useAsk('host.info', {});
  if (host.data?.kind !== 'desktop') return null;
  return (
    <Button
      variant="default"
      leftSection={<FolderOpen size={14} aria-hidden />}
      aria-label={`${t('browse')} ${title}`}
      onClick={() => void ask().catch(sayError)}
    >
      {t('browse')}
    </Button>
  );
}

export interface BrowseButtonProps {
  readonly kind: 'files' | 'folder' | 'case';
  readonly title: string;
  readonly onChosen: (paths: readonly string[]) => void;
}

/** Asks for files or a folder that exist. */
export function BrowseButton({ kind, title, onChosen }: BrowseButtonProps) {
  const ask = async (): Promise<void> => {
    const { paths } = await call('dialog.open', { kind, title });
    if (paths.length > 0) onChosen(paths);
  };
  return <DialogButton title={title} ask={ask} />;
}

export interface SaveButtonProps {
  /** Suggested name. */
  readonly name: string;
  readonly title: string;
  readonly onChosen: (path: string) => void;
}

/** Asks where a file shall go. */
export function SaveButton({ name, title, onChosen }: SaveButtonProps) {
  const ask = async (): Promise<void> => {
    const { path } = await call('dialog.save', { name: name.slice(-255), title });
    if (path !== null) onChosen(path);
  };
  return <DialogButton title={title} ask={ask} />;
}
