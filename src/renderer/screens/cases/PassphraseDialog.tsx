/** Asks for the pass phrase of an encrypted case; a wrong one says so and asks again. */
import { Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

export interface PassphraseDialogProps {
  /** The folder of the case; null keeps the dialog closed. */
  readonly folder: string | null;
  readonly busy: boolean;
  /** What the last try answered. */
  readonly problem: string | null;
  readonly onEnter: (passphrase: string) => void;
  readonly onClose: () => void;
}

export function PassphraseDialog({ folder, busy, problem, onEnter, onClose }: PassphraseDialogProps) {
  const { t } = useTranslation('cases');
  const { t: common } = useTranslation();
  const [text, setText] = useState('');
  const close = (): void => {
    setText('');
    onClose();
  };
  return (
    <Modal
      opened={folder !== null}
      onClose={close}
      title={t('passphraseTitle')}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onEnter(text);
          setText('');
        }}
      >
        <Stack gap="sm">
          <Text size="sm">{t('passphraseText', { folder: folder ?? '' })}</Text>
          <PasswordInput
            label={t('passphrase')}
            autoComplete="current-password"
            data-autofocus
            value={text}
            error={problem}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              {common('cancel')}
            </Button>
            <Button type="submit" loading={busy} disabled={text === ''}>
              {common('open')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
