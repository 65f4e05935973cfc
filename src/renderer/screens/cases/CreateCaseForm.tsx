/** A new case: who it belongs to, what it is about, who works on it, and whether it is encrypted. */
import { Button, Group, PasswordInput, Stack, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';

export interface CaseDraft {
  readonly number: string;
  readonly agency: string | null;
  readonly matter: string | null;
  readonly description: string | null;
  readonly examiner: string;
  readonly passphrase: string | null;
}

/** The number becomes the name of a folder, on every system. */
export const isCaseNumber = (text: string): boolean =>
  text.trim() !== '' &&
  text.length <= 120 &&
  !/[\\/:*?"<>|]/.test(text) &&
  ![...text].some((letter) => letter < ' ') &&
  !/^\.|[. ]$/.test(text.trim());

export interface CreateCaseFormProps {
  readonly busy: boolean;
  readonly error: unknown;
  /** The name of whoever worked here last. */
  readonly examiner: string;
  readonly onCreate: (draft: CaseDraft) => void;
  readonly onCancel: () => void;
}

export function CreateCaseForm({ busy, error, examiner, onCreate, onCancel }: CreateCaseFormProps) {
  const { t } = useTranslation('cases');
  const { t: common } = useTranslation();
  const [values, setValues] = useState({
    number: '',
    agency: '',
    matter: '',
    description: '',
    examiner,
    passphrase: '',
    again: '',
  });
  const [tried, setTried] = useState(false);
  const field = (name: keyof typeof values) => ({
    value: values[name],
    onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => {
      const { value } = event.currentTarget;
      setValues((before) => ({ ...before, [name]: value }));
    },
  });
  const numberError =
    values.number.trim() === ''
      ? tried && common('required')
      : isCaseNumber(values.number)
        ? false
        : t('numberBad', { interpolation: { escapeValue: false } });
  const examinerError = tried && values.examiner.trim() === '' && common('required');
  const differs = values.passphrase !== values.again;
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (!isCaseNumber(values.number) || values.examiner.trim() === '' || differs) return;
    onCreate({
      number: values.number.trim(),
      agency: values.agency.trim() || null,
      matter: values.matter.trim() || null,
      description: values.description.trim() || null,
      examiner: values.examiner.trim(),
      passphrase: values.passphrase === '' ? null : values.passphrase,
    });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <Group grow align="flex-start" gap="xs">
          <TextInput
            label={t('number')}
            description={t('numberHint')}
            required
            data-autofocus
            error={numberError}
            {...field('number')}
          />
          <TextInput
            label={t('examiner')}
            description={t('examinerHint')}
            required
            error={examinerError}
            {...field('examiner')}
          />
        </Group>
        <Group grow gap="xs">
          <TextInput label={t('agency')} {...field('agency')} />
          <TextInput label={t('matter')} {...field('matter')} />
        </Group>
        <Textarea label={t('description')} autosize minRows={2} maxRows={6} {...field('description')} />
        <Group grow align="flex-start" gap="xs">
          <PasswordInput
            label={t('passphrase')}
            description={t('passphraseHint')}
            autoComplete="new-password"
            {...field('passphrase')}
          />
          <PasswordInput
            label={t('passphraseAgain')}
            description=" "
            autoComplete="new-password"
            error={differs && values.again !== '' && t('passphraseDiffers')}
            {...field('again')}
          />
        </Group>
        {error !== null && <ErrorNotice error={error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>
            {common('cancel')}
          </Button>
          <Button type="submit" loading={busy}>
            {common('create')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
