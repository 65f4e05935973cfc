/** An error as the examiner reads it: what happened, the sentence, what to do, and the code for the log. */
import { Button, Code, Group, Text } from '@mantine/core';
import { Bug, CircleSlash, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { asVidimusError } from '../../contract/errors.ts';
import { wordsOfError } from './errorWords.ts';
import './notice.css';

const ICONS = { cancelled: CircleSlash, expected: TriangleAlert, bug: Bug } as const;

export interface ErrorNoticeProps {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
  /** Offers a way out that fits the place, next to "try again". */
  readonly children?: React.ReactNode;
}

export function ErrorNotice({ error: thrown, onRetry, children }: ErrorNoticeProps) {
  const { t, i18n } = useTranslation();
  const error = asVidimusError(thrown);
  const { title, advice } = wordsOfError(error, i18n.language);
  const Icon = ICONS[error.family];
  return (
    <div className="notice" data-family={error.family} role={error.family === 'cancelled' ? 'status' : 'alert'}>
      <Icon size={16} aria-hidden className="notice-icon" />
      <div className="notice-body">
        <Text fw={600} size="sm">
          {title}
        </Text>
        <Text size="sm">{error.message}</Text>
        <Text size="sm" c="dimmed">
          {advice}
        </Text>
        <Group gap="xs" mt={6}>
          {onRetry && (
            <Button variant="default" size="compact-xs" onClick={onRetry}>
              {t('retry')}
            </Button>
          )}
          {children}
          <Code className="notice-code">{error.code}</Code>
        </Group>
      </div>
    </div>
  );
}
