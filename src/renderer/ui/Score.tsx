/**
 * A score as number and bar. Only beside its threshold does it lean to a side, in colour and in words: a label without
 * the threshold it came from would say more than is known here.
 */
import { useTranslation } from 'react-i18next';
import type { Label } from '../../contract/words.ts';
import { useFormat } from './format.ts';
import './data.css';

export interface ScoreProps {
  /** 0..1, higher = more likely manipulated; null where nothing was scored. */
  readonly score: number | null;
  readonly label: Label;
  readonly threshold?: number | null;
}

export function Score({ score, label, threshold = null }: ScoreProps) {
  const { t } = useTranslation('words');
  const { number } = useFormat();
  if (score === null) return <span className="tone-none">{t(`label.${label}`)}</span>;
  return (
    <span className="score">
      <span className="score-track" aria-hidden>
        <span
          className="score-fill"
          data-leaning={threshold === null ? 'uncertain' : label}
          style={{ width: `${score * 100}%` }}
        />
        {threshold !== null && <span className="score-threshold" style={{ left: `${threshold * 100}%` }} />}
      </span>
      <span>{number(score, 3)}</span>
      {threshold !== null && <span className="unseen">{t(`label.${label}`)}</span>}
    </span>
  );
}
