/** A digest in short form: the first digits, the whole on hover, a click copies it. */
import { Tooltip, UnstyledButton, VisuallyHidden } from '@mantine/core';
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
    <Tooltip label={copied ? t('copied') : value} multiline maw={360} style={{ overflowWrap: 'anywhere' }}>
      <UnstyledButton className="hash" onClick={copy}>
        <VisuallyHidden>{t('copyNamed', { what: label })} </VisuallyHidden>
        {digits === null ? value : value.slice(0, digits)}
      </UnstyledButton>
    </Tooltip>
  );
}
