/** A digest in short form: the first digits, the whole on hover, a click copies it. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { copyText } from './clipboard.ts';
import './data.css';

export interface HashProps {
  readonly value: string;
  readonly name?: string;
  /** Digits shown; all where null. */
  readonly digits?: number | null;
}

export function Hash({ value, name, digits = 12 }: HashProps) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = (event: React.MouseEvent): void => {
    event.stopPropagation();
    void copyText(value).then((done) => {
      setCopied(done);
      setTimeout(() => setCopied(false), 1500);
    });
  };
  const label = name ?? t('hash');
  return (
    <button type="button" className="hash" onClick={copy} title={copied ? t('copied') : value}>
      <span className="unseen">{t('copyNamed', { what: label })} </span>
      {digits === null ? value : value.slice(0, digits)}
      {copied && <span aria-live="polite"> ✓</span>}
    </button>
  );
}
