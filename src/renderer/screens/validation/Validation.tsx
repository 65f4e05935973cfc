/** Error rates on the laboratory's own files: evaluation, profiles, certificates. */
import { Tabs } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Screen } from '../../ui/Screen.tsx';
import { Certificates } from './Certificates.tsx';
import { Evaluate } from './Evaluate.tsx';
import { Profiles } from './Profiles.tsx';

export function Validation() {
  const { t } = useTranslation('validation');
  return (
    <Screen title={t('title')} subtitle={t('subtitle')}>
      <Tabs defaultValue="evaluate" keepMounted>
        <Tabs.List mb="sm">
          <Tabs.Tab value="evaluate">{t('evaluate')}</Tabs.Tab>
          <Tabs.Tab value="profiles">{t('profiles')}</Tabs.Tab>
          <Tabs.Tab value="certificates">{t('certificates')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="evaluate">
          <Evaluate />
        </Tabs.Panel>
        <Tabs.Panel value="profiles">
          <Profiles />
        </Tabs.Panel>
        <Tabs.Panel value="certificates">
          <Certificates />
        </Tabs.Panel>
      </Tabs>
    </Screen>
  );
}
