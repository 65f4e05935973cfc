/** The bar at the top: mark, open case, search, appearance, language. */
import { ActionIcon, Button, Group, Kbd, Tooltip, UnstyledButton } from '@mantine/core';
import { CircleHelp, Languages, Moon, PanelLeft, Search, Sun } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useAppearance } from '../data/settings.ts';
import { prefer, usePreferences } from '../preferences.ts';
import { Mark } from './Mark.tsx';
import { OpenCase } from './OpenCase.tsx';

export interface HeaderProps {
  readonly dark: boolean;
  readonly onSearch: () => void;
  readonly onHelp: () => void;
  readonly onTheme: () => void;
}

export function Header({ dark, onSearch, onHelp, onTheme }: HeaderProps) {
  const { t, i18n } = useTranslation('frame');
  const narrow = usePreferences((p) => p.narrow);
  const change = useAppearance();
  const other = i18n.language === 'de' ? 'en' : 'de';
  return (
    <header className="frame-head">
      <div className="brand">
        <ActionIcon aria-label={t('navigation')} aria-expanded={!narrow} onClick={() => prefer({ narrow: !narrow })}>
          <PanelLeft size={16} aria-hidden />
        </ActionIcon>
        <Mark />
        <span className="brand-name">Vidimus</span>
        <OpenCase />
      </div>
      <UnstyledButton className="seek" onClick={onSearch} aria-keyshortcuts="Control+K">
        <Search size={14} aria-hidden />
        <span>{t('searchHint')}</span>
        <Kbd size="xs">Ctrl K</Kbd>
      </UnstyledButton>
      <Group gap={4} justify="flex-end" wrap="nowrap">
        <Tooltip label={t('language')}>
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            leftSection={<Languages size={14} aria-hidden />}
            onClick={() => change({ language: other })}
            lang={other}
          >
            {other === 'de' ? t('toGerman') : t('toEnglish')}
          </Button>
        </Tooltip>
        <Tooltip label={dark ? t('light') : t('dark')}>
          <ActionIcon aria-label={dark ? t('light') : t('dark')} aria-keyshortcuts="d" onClick={onTheme}>
            {dark ? <Sun size={16} aria-hidden /> : <Moon size={16} aria-hidden />}
          </ActionIcon>
        </Tooltip>
        <Tooltip label={`${t('shortcuts')}  (?)`}>
          <ActionIcon aria-label={t('shortcuts')} aria-keyshortcuts="?" onClick={onHelp}>
            <CircleHelp size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Group>
    </header>
  );
}
