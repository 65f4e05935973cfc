/** The card of a pack, as its author wrote it. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useAsk } from '../../data/api.ts';
import { Markdown } from '../../findings/Markdown.tsx';
import { Answer } from '../../ui/Answer.tsx';
import { Panel } from '../../ui/Panel.tsx';

export function Card({ id, version }: { readonly id: string; readonly version: string }) {
  const { t } = useTranslation('models');
  const card = useAsk('models.card', { id, version });
  return (
    <Panel title={t('card')}>
      <Answer of={card} rows={3}>
        {({ markdown }) =>
          markdown === null ? (
            <Text size="sm" c="dimmed">
              {t('noCard')}
            </Text>
          ) : (
            <Markdown text={markdown} />
          )
        }
      </Answer>
    </Panel>
  );
}
