/** The list of keys, opened with "?". */
import { Kbd, Modal, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { PLACES } from './places.ts';

interface Line {
  readonly keys: readonly string[];
  readonly text: string;
}

function Lines({ title, lines }: { readonly title: string; readonly lines: readonly Line[] }) {
  return (
    <Stack gap={6}>
      <Title order={3}>{title}</Title>
      <dl className="keys">
        {lines.map(({ keys, text }) => (
          <div key={text}>
            <dt>
              {keys.map((key) => (
                <Kbd key={key} size="xs">
                  {key}
                </Kbd>
              ))}
            </dt>
            <dd>
              <Text size="sm">{text}</Text>
            </dd>
          </div>
        ))}
      </dl>
    </Stack>
  );
}

export function ShortcutList({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const { t } = useTranslation('frame');
  const { t: common } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('shortcuts')}
      size="xl"
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <SimpleGrid cols={2} spacing="xl">
        <Lines
          title={t('shortcutGroupEverywhere')}
          lines={[
            { keys: ['Ctrl', 'K'], text: t('shortcutSearch') },
            { keys: ['?'], text: t('shortcutHelp') },
            { keys: ['d'], text: t('shortcutTheme') },
            { keys: ['Esc'], text: t('shortcutClose') },
            ...PLACES.map(({ id, key }) => ({ keys: ['g', key], text: t('shortcutGo', { where: t(id) }) })),
          ]}
        />
        <Lines
          title={t('shortcutGroupTables')}
          lines={[
            { keys: ['↑', '↓', 'PgUp', 'PgDn'], text: t('shortcutRows') },
            { keys: ['Space'], text: t('shortcutSelect') },
            { keys: ['Ctrl', 'A'], text: t('shortcutSelectAll') },
            { keys: ['Enter'], text: t('shortcutOpen') },
          ]}
        />
      </SimpleGrid>
    </Modal>
  );
}
