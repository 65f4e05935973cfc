/** The rail of screens on the left. */
import { Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { usePreferences } from '../preferences.ts';
import { PLACES } from './places.ts';

/** Whether a place is the one shown; a case and its exhibits belong to "Cases". */
const isAt = (href: string, location: string): boolean =>
  href === '/' ? location === '/' || location.startsWith('/case/') : location.startsWith(href);

export function Navigation() {
  const { t } = useTranslation('frame');
  const [location] = useLocation();
  const narrow = usePreferences((p) => p.narrow);
  return (
    <nav className="rail" aria-label={t('navigation')} data-narrow={narrow || undefined}>
      {PLACES.map(({ id, href, key, icon: Icon }) => (
        <Tooltip key={id} label={`${t(id)}  (g ${key})`} position="right" disabled={!narrow}>
          <Link href={href} className="rail-link" aria-current={isAt(href, location) ? 'page' : undefined}>
            <Icon size={17} strokeWidth={1.7} aria-hidden />
            <span className="rail-text">{t(id)}</span>
          </Link>
        </Tooltip>
      ))}
    </nav>
  );
}
