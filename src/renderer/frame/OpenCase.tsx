/** The open case in the header, with the way back to it. */
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useAsk } from '../data/api.ts';
import { useCurrentCase } from '../data/cases.ts';

export function OpenCase() {
  const { t } = useTranslation('frame');
  const handle = useCurrentCase();
  const info = useAsk('case.info', { case: handle ?? '' }, { enabled: handle !== null });
  return (
    <span className="brand-case">
      {handle !== null && info.data ? (
        <Link href={`/case/${handle}`}>
          {t('case')} {info.data.info.number}
        </Link>
      ) : (
        t('noCase')
      )}
    </span>
  );
}
