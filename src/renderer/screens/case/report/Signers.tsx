/** Who signs: up to two key files, each with its pass phrase. */
import { Group, PasswordInput, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { BrowseButton } from '../../../data/DialogButtons.tsx';

/** By the number of key files. */
const COUNTS = ['none', 'one', 'two'] as const;

export interface SignersProps {
  readonly keys: readonly string[];
  readonly passphrases: readonly string[];
  readonly onKeys: (keys: readonly string[]) => void;
  readonly onPassphrases: (passphrases: readonly string[]) => void;
}

const replaced = (list: readonly string[], at: number, value: string): string[] =>
  Array.from({ length: Math.max(list.length, at + 1) }, (_, i) => (i === at ? value : (list[i] ?? '')));

export function Signers({ keys, passphrases, onKeys, onPassphrases }: SignersProps) {
  const { t } = useTranslation('report');
  const choose = (value: string): void => {
    const count = Number(value);
    onKeys(Array.from({ length: count }, (_, i) => keys[i] ?? ''));
    onPassphrases(passphrases.slice(0, count));
  };
  const label = (what: 'key' | 'passphrase', i: number): string =>
    keys.length > 1 ? t(`${what}N`, { n: i + 1 }) : t(what);
  return (
    <Stack gap="xs">
      <Radio.Group size="xs" label={t('signing')} value={String(keys.length)} onChange={choose}>
        <Group gap="lg" mt={4}>
          {COUNTS.map((count, i) => (
            <Radio size="xs" key={count} value={String(i)} label={t(`signers.${count}`)} />
          ))}
        </Group>
      </Radio.Group>
      {keys.length === 0 && (
        <Text size="xs" c="dimmed">
          {t('unsigned')}
        </Text>
      )}
      {keys.map((key, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the first and the second signature are places, not things
        <Stack key={i} gap={4}>
          <Group align="flex-start" gap="xs" wrap="nowrap" className="report-row">
            <TextInput
              flex={1}
              label={label('key', i)}
              required
              value={key}
              onChange={(event) => onKeys(replaced(keys, i, event.currentTarget.value))}
            />
            <BrowseButton
              kind="files"
              title={label('key', i)}
              onChosen={([path]) => path && onKeys(replaced(keys, i, path))}
            />
          </Group>
          <PasswordInput
            label={label('passphrase', i)}
            description={t('passphraseHint')}
            autoComplete="off"
            value={passphrases[i] ?? ''}
            onChange={(event) => onPassphrases(replaced(passphrases, i, event.currentTarget.value))}
          />
        </Stack>
      ))}
    </Stack>
  );
}
