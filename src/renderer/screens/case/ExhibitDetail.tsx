/** Everything recorded about one exhibit, beside the table. */
import { Button, CloseButton, Stack, Tabs, Text } from '@mantine/core';
import { Microscope } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { ApiName } from '../../../contract/api.ts';
import type { ExhibitDetails } from '../../../contract/apiCases.ts';
import { useAsk, useChange, useWork } from '../../data/api.ts';
import { EXHIBIT_ANSWERS } from '../../data/cases.ts';
import { Answer } from '../../ui/Answer.tsx';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { useFormat } from '../../ui/format.ts';
import { Hash } from '../../ui/Hash.tsx';
import { Moment } from '../../ui/Moment.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Tone } from '../../ui/Tone.tsx';
import { say } from '../../ui/toasts.tsx';
import { WorkProgress } from '../../ui/WorkProgress.tsx';
import { Analyses } from './Analyses.tsx';
import { Bookmarks } from './Bookmarks.tsx';
import { CustodyForm, CustodyList, VerificationList } from './Custody.tsx';
import { FieldsForm } from './FieldsForm.tsx';
import { Notes } from './Notes.tsx';
import { Tags } from './Tags.tsx';
import { MediaKind } from './Thumbnail.tsx';

export interface ExhibitDetailProps {
  readonly handle: string;
  readonly id: string;
  readonly readOnly: boolean;
  readonly covered: boolean;
  readonly knownTags: readonly string[];
  readonly onAnalyse: () => void;
  readonly onClose: () => void;
}

/** Calls whose answers a step on an exhibit changes. */
const STALE: readonly ApiName[] = [...EXHIBIT_ANSWERS, 'case.info', 'case.tags'];

export function ExhibitDetail(props: ExhibitDetailProps) {
  const { handle, id, readOnly, onAnalyse, onClose } = props;
  const { t } = useTranslation('case');
  const { t: common } = useTranslation();
  const details = useAsk('case.exhibit', { case: handle, exhibit: id });
  const label = t('detail', { item: details.data?.exhibit.itemNumber ?? '' });
  return (
    <aside className="case-detail" aria-label={label}>
      <div className="case-detail-head">
        <Text fw={600} size="sm" truncate flex={1} title={details.data?.exhibit.originalName}>
          {label} · {details.data?.exhibit.originalName}
        </Text>
        {!readOnly && (
          <Button variant="default" size="compact-xs" onClick={onAnalyse}>
            {t('analyse')}
          </Button>
        )}
        <Button
          component={Link}
          href={`/case/${handle}/exhibit/${id}`}
          size="compact-xs"
          leftSection={<Microscope size={13} aria-hidden />}
        >
          {t('examine')}
        </Button>
        <CloseButton size="sm" aria-label={common('close')} onClick={onClose} />
      </div>
      <div className="case-detail-body">
        <Answer of={details} rows={8}>
          {(value) => <DetailTabs details={value} {...props} />}
        </Answer>
      </div>
    </aside>
  );
}

function DetailTabs({
  details,
  handle,
  readOnly,
  covered,
  knownTags,
}: ExhibitDetailProps & { details: ExhibitDetails }) {
  const { t } = useTranslation('case');
  const { exhibit } = details;
  const of = { case: handle, exhibit: exhibit.id };
  const update = useChange('case.updateExhibit', STALE);
  const custody = useChange('case.addCustody', STALE);
  const note = useChange('case.addNote', STALE);
  const tag = useChange('case.setTag', STALE);
  return (
    <Tabs defaultValue="identity">
      <Tabs.List mb="sm">
        <Tabs.Tab value="identity">{t('tabIdentity')}</Tabs.Tab>
        <Tabs.Tab value="fields">{t('tabFields')}</Tabs.Tab>
        <Tabs.Tab value="custody">{t('tabCustody')}</Tabs.Tab>
        <Tabs.Tab value="notes">{t('tabNotes')}</Tabs.Tab>
        <Tabs.Tab value="analyses">{t('tabAnalyses')}</Tabs.Tab>
        <Tabs.Tab value="bookmarks">{t('tabBookmarks')}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="identity">
        <Identity details={details} handle={handle} readOnly={readOnly} />
      </Tabs.Panel>
      <Tabs.Panel value="fields">
        <FieldsForm
          exhibit={exhibit}
          readOnly={readOnly}
          saving={update.isPending}
          onSave={(fields, reason) =>
            update.mutate({ ...of, fields, reason }, { onSuccess: () => say(t('fieldsSaved')) })
          }
        />
      </Tabs.Panel>
      <Tabs.Panel value="custody">
        <Stack gap="sm">
          <CustodyList events={details.custody} />
          {!readOnly && (
            <CustodyForm
              saving={custody.isPending}
              onSave={(draft) =>
                custody.mutateAsync({ ...of, ...draft }).then(
                  () => {
                    say(t('custodySaved'));
                    return true;
                  },
                  // Shown at the edge already; the form keeps what was typed.
                  () => false,
                )
              }
            />
          )}
        </Stack>
      </Tabs.Panel>
      <Tabs.Panel value="notes">
        <Stack gap="md">
          <Panel title={t('tagTitle')}>
            <Tags
              tags={details.tags}
              known={knownTags}
              readOnly={readOnly}
              onSet={(name) => tag.mutate({ case: handle, exhibits: [exhibit.id], tag: name, state: 'set' })}
              onRemove={(name) => tag.mutate({ case: handle, exhibits: [exhibit.id], tag: name, state: 'removed' })}
            />
          </Panel>
          <Notes
            notes={details.notes}
            readOnly={readOnly}
            saving={note.isPending}
            onAdd={(text, supersedes) =>
              note.mutateAsync({ ...of, text, supersedes }).then(
                () => {
                  say(t('noteSaved'));
                  return true;
                },
                // Shown at the edge already; the form keeps what was typed.
                () => false,
              )
            }
          />
        </Stack>
      </Tabs.Panel>
      <Tabs.Panel value="analyses">
        <Analyses handle={handle} details={details} covered={covered} readOnly={readOnly} />
      </Tabs.Panel>
      <Tabs.Panel value="bookmarks">
        <Bookmarks bookmarks={details.bookmarks} handle={handle} />
      </Tabs.Panel>
    </Tabs>
  );
}

interface IdentityProps {
  readonly details: ExhibitDetails;
  readonly handle: string;
  readonly readOnly: boolean;
}

function Identity({ details: { exhibit, verifications, findings }, handle, readOnly }: IdentityProps) {
  const { t } = useTranslation('case');
  const { t: word } = useTranslation('words');
  const format = useFormat();
  const verify = useWork('case.verifyExhibits', STALE);
  const verifyThis = async (): Promise<void> => {
    const list = await verify.start({ case: handle, exhibits: [exhibit.id] });
    if (list === null) return;
    const matching = list.filter(({ outcome }) => outcome === 'match').length;
    say(t('verifyResult', { matching, total: list.length }));
  };
  return (
    <Stack gap="sm">
      {findings.map((finding) => (
        <Text size="sm" key={finding.id}>
          <Tone tone={finding.effect === 'blocks-signing' ? 'alarm' : 'warning'}>
            {word(`finding.${finding.kind}`)} ({word(`effect.${finding.effect}`)})
          </Tone>{' '}
          {finding.message}
        </Text>
      ))}
      <Facts
        facts={[
          [t('originalName'), exhibit.originalName],
          [
            t('originalPath'),
            <span key="path" className="mono">
              {exhibit.originalPath}
            </span>,
          ],
          [t('mediaType'), <MediaKind key="kind" handle={handle} exhibit={exhibit} />],
          [t('bytes'), `${format.bytes(exhibit.bytes)} (${format.number(exhibit.bytes)} B)`],
          ['SHA-256', <Hash key="sha256" value={exhibit.sha256} digits={null} />],
          ['SHA-512', <Hash key="sha512" value={exhibit.sha512} name="SHA-512" digits={32} />],
          [
            'MD5',
            <span key="md5">
              <Hash value={exhibit.md5} name="MD5" digits={null} /> <span className="tone-none">({t('md5Note')})</span>
            </span>,
          ],
          [t('modified'), <Moment key="modified" utc={exhibit.fileModifiedUtc} both />],
          [t('storage'), word(`storage.${exhibit.storage}`)],
          [
            t('storedAt'),
            <span key="stored" className="mono">
              {exhibit.path}
            </span>,
          ],
          [t('addedAt'), <Moment key="added" utc={exhibit.addedUtc} both />],
          [t('addedBy'), exhibit.addedBy],
        ]}
      />
      <Panel
        title={t('verifications')}
        actions={
          !readOnly && (
            <Button variant="default" size="compact-xs" disabled={verify.running} onClick={() => void verifyThis()}>
              {t('verify')}
            </Button>
          )
        }
      >
        {verify.running && <WorkProgress progress={verify.progress} label={t('verify')} onCancel={verify.stop} />}
        {verify.error !== null && <ErrorNotice error={verify.error} />}
        <VerificationList list={verifications} />
      </Panel>
    </Stack>
  );
}
