/** Language and appearance of this window. */
import { Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useAppearance } from '../../data/settings.ts';
import { isLanguage } from '../../i18n/i18n.ts';
import { usePreferences } from '../../preferences.ts';
import { Panel } from '../../ui/Panel.tsx';

export function Appearance() {
  const { t } = useTranslation('watch');
  const { language, theme } = usePreferences();
  const change = useAppearance();
  return (
    <Panel title={t('settings.appearance')}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Text size="sm" id="settings-language">
            {t('settings.language')}
          </Text>
          <SegmentedControl
            aria-labelledby="settings-language"
            data={[
              { value: 'en', label: 'English' },
              { value: 'de', label: 'Deutsch' },
            ]}
            value={language}
            onChange={(value) => isLanguage(value) && change({ language: value })}
          />
        </Group>
        <Group justify="space-between">
          <Text size="sm" id="settings-theme">
            {t('settings.theme')}
          </Text>
          <SegmentedControl
            aria-labelledby="settings-theme"
            data={[
              { value: 'system', label: t('settings.themeAuto') },
              { value: 'light', label: t('settings.themeLight') },
              { value: 'dark', label: t('settings.themeDark') },
            ]}
            value={theme}
            onChange={(value) => change({ theme: value === 'light' || value === 'dark' ? value : 'system' })}
          />
        </Group>
      </Stack>
    </Panel>
  );
}
