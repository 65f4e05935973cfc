/** The line at the bottom: what the queue does, the head of the audit log, and that nothing leaves the machine. */
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useAsk } from '../data/api.ts';
import { useCurrentCase } from '../data/cases.ts';
import { Tone } from '../ui/Tone.tsx';

const EVERY_MS = 3000;

function CaseStatus({ handle }: { readonly handle: string }) {
  const { t } = useTranslation('frame');
  const queue = useAsk('queue.list', { case: handle }, { every: EVERY_MS });
  const view = queue.data;
  if (view === undefined) return null;
  const running = view.counts.running;
  const waiting = view.counts.queued;
  return (
    <Link href="/queue">
      {running > 0 ? (
        <Tone tone="active">{t('statusRunning', { running, waiting })}</Tone>
      ) : view.paused && waiting > 0 ? (
        <Tone tone="warning">{t('statusPaused', { waiting })}</Tone>
      ) : (
        <Tone tone="idle">{t('statusIdle')}</Tone>
      )}
    </Link>
  );
}

export function StatusBar() {
  const { t } = useTranslation('frame');
  const handle = useCurrentCase();
  const host = useAsk('host.info', {});
  return (
    <footer className="frame-foot">
      {handle !== null && <CaseStatus handle={handle} />}
      <span className="frame-foot-end">
        {t('offline')} {host.data && `· Vidimus ${host.data.version}`}
      </span>
    </footer>
  );
}
