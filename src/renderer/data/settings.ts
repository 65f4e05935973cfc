/** Settings of the workstation: asked for once, changed as a whole. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Settings } from '../../contract/apiLab.ts';
import { call } from '../client.ts';
import { prefer, usePreferences } from '../preferences.ts';
import { sayError } from '../ui/toasts.tsx';
import { useAsk } from './api.ts';

/** Changes some settings and keeps them. */
export function useChangeSettings(): (changes: Partial<Omit<Settings, 'schema'>>) => Promise<boolean> {
  const queries = useQueryClient();
  return async (changes) => {
    try {
      const before = await call('settings.read', {});
      const after = await call('settings.write', { ...before, ...changes });
      queries.setQueryData(['settings.read', {}], after);
      return true;
    } catch (thrown) {
      sayError(thrown);
      return false;
    }
  };
}

/** Keeps language and appearance of this window in step with the settings of the workstation. */
export function useAppearance(): (changes: Partial<Pick<Settings, 'language' | 'theme'>>) => void {
  const change = useChangeSettings();
  return (changes) => {
    prefer(changes);
    void change(changes);
  };
}

/** Takes language and appearance over once the settings are known. */
export function useSettingsAtStart(): void {
  const settings = useAsk('settings.read', {});
  const { language, theme } = settings.data ?? {};
  useEffect(() => {
    if (language === undefined || theme === undefined) return;
    const now = usePreferences.getState();
    if (now.language !== language || now.theme !== theme) prefer({ language, theme });
  }, [language, theme]);
}
