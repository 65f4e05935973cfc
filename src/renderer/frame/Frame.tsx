/** The frame around every screen. */
import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { useAppearance, useSettingsAtStart } from '../data/settings.ts';
import { usePreferences } from '../preferences.ts';
import { ConfirmHost } from '../ui/confirm.tsx';
import { Toasts } from '../ui/toasts.tsx';
import { Header } from './Header.tsx';
import { Navigation } from './Navigation.tsx';
import { SearchDialog } from './SearchDialog.tsx';
import { ShortcutList } from './ShortcutList.tsx';
import { StatusBar } from './StatusBar.tsx';
import { useShortcuts } from './shortcuts.ts';
import './frame.css';

export function Frame({ children }: { readonly children: React.ReactNode }) {
  const { t } = useTranslation('frame');
  const [, go] = useLocation();
  const [searching, setSearching] = useState(false);
  const [helping, setHelping] = useState(false);
  const wanted = usePreferences((p) => p.theme);
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  useEffect(() => setColorScheme(wanted === 'system' ? 'auto' : wanted), [wanted, setColorScheme]);
  useSettingsAtStart();
  const change = useAppearance();
  const onTheme = (): void => change({ theme: dark ? 'light' : 'dark' });
  useShortcuts({ search: () => setSearching(true), help: () => setHelping(true), theme: onTheme, go });
  return (
    <div className="frame">
      <button type="button" className="skip" onClick={() => document.getElementById('content')?.focus()}>
        {t('skip')}
      </button>
      <Header dark={dark} onSearch={() => setSearching(true)} onHelp={() => setHelping(true)} onTheme={onTheme} />
      <Navigation />
      <main id="content" className="frame-main" tabIndex={-1}>
        {children}
      </main>
      <StatusBar />
      <SearchDialog opened={searching} onClose={() => setSearching(false)} />
      <ShortcutList opened={helping} onClose={() => setHelping(false)} />
      <ConfirmHost />
      <Toasts />
    </div>
  );
}
