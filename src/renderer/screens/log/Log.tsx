/** The audit log of the open case: every entry, the head of the chain, and its verification. */
import { Button, Checkbox, Text } from '@mantine/core';
import { ScrollText, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../client.ts';
import { useAsk, useWork } from '../../data/api.ts';
import { useCurrentCase } from '../../data/cases.ts';
import { PAGE, usePages } from '../../data/pages.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { useFormat } from '../../ui/format.ts';
import { Hash } from '../../ui/Hash.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { WorkProgress } from '../../ui/WorkProgress.tsx';
import { EntryTable } from './EntryTable.tsx';
import { VerificationView } from './VerificationView.tsx';
import './log.css';

export function Log() {
  const { t } = useTranslation('watch');
  const handle = useCurrentCase();
  if (handle === null) {
    return (
      <Screen title={t('log.title')}>
        <Empty icon={ScrollText} title={t('log.noCase')}>
          {t('log.noCaseText')}
        </Empty>
      </Screen>
    );
  }
  return <CaseLog key={handle} handle={handle} />;
}

function CaseLog({ handle }: { readonly handle: string }) {
  const { t } = useTranslation('watch');
  const { number } = useFormat();
  const info = useAsk('case.info', { case: handle });
  const first = useAsk('audit.read', { case: handle, offset: 0, limit: PAGE });
  const head = first.data?.head ?? null;
  // The newest entries come first, so that every page moves when one is added: pages belong to one head.
  const pages = usePages(['audit.read', handle, head], first.data !== undefined, async (offset, limit, signal) => {
    const answer = await call('audit.read', { case: handle, offset, limit }, signal ? { signal } : {});
    return answer.rows;
  });
  const verify = useWork('case.verify', ['case.info', 'audit.read']);
  const [evidence, setEvidence] = useState(true);
  return (
    <Screen
      fill
      title={t('log.title')}
      subtitle={
        <span className="numbers">
          {info.data?.info.number} · {number(first.data?.total ?? 0)} {t('log.entries')}
          {head !== null && (
            <>
              {' · '}
              {t('log.head')} <Hash value={head} name={t('log.head')} digits={16} />
            </>
          )}
        </span>
      }
      actions={
        <>
          <Checkbox
            label={t('log.withEvidence')}
            checked={evidence}
            onChange={(event) => setEvidence(event.currentTarget.checked)}
          />
          <Button
            leftSection={<ShieldCheck size={14} aria-hidden />}
            loading={verify.running}
            onClick={() => void verify.start({ case: handle, evidence })}
          >
            {t('log.verify')}
          </Button>
        </>
      }
    >
      <div className="log-answer">
        {verify.running && (
          <WorkProgress progress={verify.progress} label={t('log.verifying')} onCancel={verify.stop} />
        )}
        {verify.error !== null && <ErrorNotice error={verify.error} />}
        {verify.result !== null ? (
          <VerificationView answer={verify.result} />
        ) : (
          !verify.running && (
            <Text size="xs" c="dimmed">
              {t('log.notVerified')}
            </Text>
          )
        )}
        {pages.error !== null && <ErrorNotice error={pages.error} />}
      </div>
      <div className="log-table">
        <Answer of={first} rows={12}>
          {(value) => (
            <EntryTable
              count={value.total}
              entryAt={(index) => (index < PAGE ? value.rows[index] : pages.rowAt(index))}
              onView={pages.onView}
            />
          )}
        </Answer>
      </div>
    </Screen>
  );
}
