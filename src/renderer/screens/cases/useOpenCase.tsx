/** Opening a case: asks for a pass phrase where one is needed, and goes there. */

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { asVidimusError } from '../../../contract/errors.ts';
import { call } from '../../client.ts';
import { lookAt } from '../../data/cases.ts';
import { wordsOfError } from '../../ui/errorWords.ts';
import { PassphraseDialog } from './PassphraseDialog.tsx';

export interface CaseOpener {
  /** Opens the case in a folder; `encrypted` asks for the pass phrase at once. */
  open(folder: string, encrypted: boolean): Promise<void>;
  readonly busy: string | null;
  readonly error: { readonly folder: string; readonly error: unknown } | null;
  /** Put it somewhere on the screen. */
  readonly dialog: React.ReactNode;
}

export function useOpenCase(): CaseOpener {
  const { i18n } = useTranslation();
  const [, go] = useLocation();
  const queries = useQueryClient();
  const [busy, setBusy] = useState<string | null>(null);
  const [asking, setAsking] = useState<{ readonly folder: string; readonly problem: string | null } | null>(null);
  const [error, setError] = useState<CaseOpener['error']>(null);
  const attempt = async (folder: string, passphrase: string | null): Promise<void> => {
    setBusy(folder);
    setError(null);
    try {
      const opened = await call('case.open', { folder, passphrase });
      setAsking(null);
      lookAt(opened.handle);
      void queries.invalidateQueries({ queryKey: ['cases.list'] });
      go(`/case/${opened.handle}`);
    } catch (thrown) {
      const known = asVidimusError(thrown);
      if (known.code === 'case.passphrase') {
        setAsking({ folder, problem: passphrase === null ? null : wordsOfError(known, i18n.language).title });
      } else {
        setAsking(null);
        setError({ folder, error: known });
      }
    } finally {
      setBusy(null);
    }
  };
  return {
    open: (folder, encrypted) => {
      if (!encrypted) return attempt(folder, null);
      setAsking({ folder, problem: null });
      return Promise.resolve();
    },
    busy,
    error,
    dialog: (
      <PassphraseDialog
        folder={asking?.folder ?? null}
        problem={asking?.problem ?? null}
        busy={busy !== null}
        onEnter={(text) => asking && void attempt(asking.folder, text)}
        onClose={() => setAsking(null)}
      />
    ),
  };
}
