/** Progress of long work with the way to stop it. */
import { Progress as Bar, Button, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Progress } from '../../contract/result.ts';
import { useFormat } from './format.ts';
import './notice.css';

export interface WorkProgressProps {
  readonly progress: Progress | null;
  readonly label?: string;
  readonly onCancel?: (() => void) | undefined;
}

export function WorkProgress({ progress, label, onCancel }: WorkProgressProps) {
  const { t } = useTranslation();
  const { t: word } = useTranslation('words');
  const format = useFormat();
  const known = progress?.total !== null && progress !== null && progress.total > 0;
  const percent = known ? Math.min(100, (100 * progress.done) / (progress.total ?? 1)) : 100;
  const count = (value: number): string =>
    progress?.unit === 'bytes' ? format.bytes(value) : format.number(value, progress?.unit === 'seconds' ? 1 : 0);
  const figures =
    progress === null
      ? ''
      : progress.total === null
        ? `${count(progress.done)} ${progress.unit === 'bytes' ? '' : word(`unit.${progress.unit}`)}`
        : `${t('step', { done: count(progress.done), total: count(progress.total) })} ${progress.unit === 'bytes' ? '' : word(`unit.${progress.unit}`)}`;
  const what = label ?? (progress ? word(`stage.${progress.stage}`) : t('loading'));
  return (
    <div className="progress-line">
      <div>
        <Text size="xs" className="numbers" truncate>
          {what} <span className="tone-none">{label && progress ? word(`stage.${progress.stage}`) : ''}</span> {figures}
        </Text>
        <Bar value={percent} striped={!known} animated={!known} size={6} aria-label={what} />
      </div>
      {onCancel && (
        <Button variant="default" size="compact-xs" onClick={onCancel}>
          {t('cancel')}
        </Button>
      )}
    </div>
  );
}
