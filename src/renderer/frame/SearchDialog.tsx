/** Ctrl+K: screens to go to, and hits of all cases of this workstation. */
import { Modal, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import type { CaseSearchHit } from '../../contract/apiCases.ts';
import { useAsk } from '../data/api.ts';
import { lookAt } from '../data/cases.ts';
import { useOpenCase } from '../screens/cases/useOpenCase.tsx';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { PLACES } from './places.ts';
import './search.css';

export function SearchDialog({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const { t } = useTranslation('frame');
  const { t: common } = useTranslation();
  const opener = useOpenCase();
  return (
    <>
      <Modal
        opened={opened}
        onClose={onClose}
        title={t('search')}
        size="lg"
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <Search onClose={onClose} onOpenCase={(folder) => void opener.open(folder, false)} />
      </Modal>
      {opener.dialog}
    </>
  );
}

interface SearchProps {
  readonly onClose: () => void;
  readonly onOpenCase: (folder: string) => void;
}

interface Choice {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly text: string;
  readonly act: () => void;
}

function Search({ onClose, onOpenCase }: SearchProps) {
  const { t } = useTranslation('frame');
  const [, go] = useLocation();
  const list = useId();
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text.trim(), 180);
  const [active, setActive] = useState(0);
  const enough = asked.length >= 2;
  const cases = useAsk('cases.list', {});
  const found = useAsk('cases.search', { text: asked, limit: 50 }, { enabled: enough, keep: true });
  const jump = (hit: CaseSearchHit): void => {
    const handle = cases.data?.find(({ folder }) => folder === hit.folder)?.handle ?? null;
    if (handle === null) onOpenCase(hit.folder);
    else {
      lookAt(handle);
      const tab = hit.kind === 'finding' ? 'tab=findings' : hit.kind === 'exhibit' ? `exhibit=${hit.ref}` : 'tab=about';
      go(`/case/${handle}?${hit.kind === 'note' ? 'tab=exhibits' : tab}`);
    }
  };
  const places: Choice[] = PLACES.filter(({ id }) => t(id).toLowerCase().includes(text.trim().toLowerCase())).map(
    ({ id, href }) => ({ id, kind: t('goTo'), title: t(id), text: '', act: () => go(href) }),
  );
  const hits: Choice[] = (enough ? (found.data?.hits ?? []) : []).map((hit) => ({
    id: `${hit.kind} ${hit.ref}`,
    kind: t(`hitKind.${hit.kind}`),
    title: hit.kind === 'case' ? hit.caseNumber : `${hit.caseNumber} · ${hit.title}`,
    text: hit.excerpt,
    act: () => jump(hit),
  }));
  const choices = [...hits, ...places];
  const at = Math.min(active, choices.length - 1);
  const take = (choice: Choice | undefined): void => {
    if (choice === undefined) return;
    onClose();
    choice.act();
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setActive(Math.min(choices.length - 1, at + 1));
    else if (event.key === 'ArrowUp') setActive(Math.max(0, at - 1));
    else if (event.key === 'Enter') take(choices[at]);
    else return;
    event.preventDefault();
  };
  return (
    <div className="stack">
      <TextInput
        size="sm"
        data-autofocus
        role="combobox"
        aria-label={t('searchPlaceholder')}
        aria-expanded
        aria-controls={list}
        aria-activedescendant={choices[at] ? `${list}-${at}` : undefined}
        placeholder={t('searchPlaceholder')}
        value={text}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
        }}
      />
      <Text size="xs" c="dimmed" aria-live="polite">
        {!enough
          ? t('searchStart')
          : found.data && (hits.length === 0 ? t('searchNothing') : t('searchHits', { count: hits.length }))}
      </Text>
      {found.isError && <ErrorNotice error={found.error} />}
      {enough &&
        found.data?.notSearched.map((folder) => (
          <Text size="xs" c="dimmed" key={folder}>
            {t('searchLeftOut', { folder })}
          </Text>
        ))}
      <div role="listbox" id={list} aria-label={t('search')} className="choices" tabIndex={-1}>
        {choices.map((choice, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above hears the keys for all choices
          <div
            key={choice.id}
            id={`${list}-${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === at}
            className="choice"
            onClick={() => take(choice)}
          >
            <span className="choice-kind">{choice.kind}</span>
            <span className="choice-title">{choice.title}</span>
            {choice.text !== '' && <span className="choice-text">{choice.text}</span>}
          </div>
        ))}
      </div>
    </div>
  );
}
