/** Names and values in two columns. */
import { useTranslation } from 'react-i18next';
import './data.css';

export type Fact = readonly [name: string, value: React.ReactNode];

export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  const { t } = useTranslation();
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value === null || value === '' ? <span className="tone-none">{t('notStated')}</span> : value}</dd>
        </div>
      ))}
    </dl>
  );
}
