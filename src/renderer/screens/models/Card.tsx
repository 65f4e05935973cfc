/** The card of a pack, as its author wrote it. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useAsk } from '../../data/api.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Panel } from '../../ui/Panel.tsx';
import './card.css';

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
            <div className="card-text">{markdown}</div>
          )
        }
      </Answer>
    </Panel>
  );
}
