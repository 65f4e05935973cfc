/** The line at the bottom: what the queue does, and the promise that nothing leaves the machine. */
import { useTranslation } from 'react-i18next';

export function StatusBar() {
  const { t } = useTranslation('frame');
  return (
    <footer className="frame-foot">
      <span className="frame-foot-end">{t('offline')}</span>
    </footer>
  );
}
