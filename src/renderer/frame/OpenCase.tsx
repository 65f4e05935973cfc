/** The open case in the header. */
import { useTranslation } from 'react-i18next';

export function OpenCase() {
  const { t } = useTranslation('frame');
  return <span className="brand-case">{t('noCase')}</span>;
}
