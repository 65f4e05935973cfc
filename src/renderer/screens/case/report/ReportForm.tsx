/** What goes into a report, where it goes, and who signs it. */
import { Button, Checkbox, Group, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiArgs } from '../../../../contract/api.ts';
import type { OpenCase } from '../../../../contract/apiCases.ts';
import { useAsk } from '../../../data/api.ts';
import { isReadOnly } from '../../../data/cases.ts';
import { BrowseButton, SaveButton } from '../../../data/DialogButtons.tsx';
import { confirm } from '../../../ui/confirm.tsx';
import { draftReport, makeReport, type ReportDraft, useReportDesk } from './desk.ts';
import { EXTRAS, extraPath, freeName, inReports, nameOf, pathProblem, previewPath, withEnding } from './files.ts';
import type { ReportProps } from './Report.tsx';
import { Signers } from './Signers.tsx';

export function ReportForm({ opened, selected }: ReportProps) {
  const { t } = useTranslation('report');
  const { t: word } = useTranslation('case');
  const queries = useQueryClient();
  const { handle, info, examiner, account } = opened;
  const { draft, running } = useReportDesk(handle);
  const issued = useAsk('case.reports', { case: handle });
  // Kept in the form alone, and only until they are used.
  const [passphrases, setPassphrases] = useState<readonly string[]>([]);
  const change = (part: Partial<ReportDraft>): void => draftReport(handle, part);

  const taken = (issued.data ?? []).map(({ fileName }) => fileName);
  const out = draft.out ?? inReports(opened.folder, freeName(t('word'), info.number, taken));
  const problem = pathProblem(out.trim());
  const chosen = draft.scope === 'selected' && selected.size > 0 ? [...selected] : null;
  const readOnly = isReadOnly(opened);
  const ready = problem === null && running === null;

  const request = (preview: boolean): ApiArgs<'report.make'> => {
    const pdf = out.trim();
    const beside = (extra: (typeof EXTRAS)[number]): string | null =>
      !preview && draft.extras.includes(extra) ? extraPath(pdf, extra) : null;
    return {
      case: handle,
      preview,
      out: preview ? previewPath(pdf) : pdf,
      html: beside('html'),
      json: beside('json'),
      tables: beside('tables'),
      template: draft.template.trim() || null,
      exhibits: chosen,
      sign: preview ? [] : draft.keys.map((p12, i) => ({ p12: p12.trim(), passphrase: passphrases[i] ?? '' })),
    };
  };
  const issue = async (): Promise<void> => {
    const wanted = request(false);
    const files = [wanted.out, wanted.html, wanted.json, wanted.tables];
    const yes = await confirm({
      title: t('confirmTitle'),
      text: t('confirmText'),
      points: [
        t('confirmVerify', { count: chosen?.length ?? opened.exhibits }),
        t('confirmIssue', { who: examiner?.name ?? word('account', { account }) }),
        ...(draft.keys.length === 0
          ? [t('confirmUnsigned')]
          : draft.keys.map((key) => t('confirmSigned', { name: nameOf(key.trim()) }))),
        ...files.flatMap((path) => (path ? [t('confirmFile', { path })] : [])),
      ],
      action: t('confirmAction'),
    });
    if (!yes) return;
    setPassphrases([]);
    await makeReport(wanted, queries);
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !readOnly && draft.keys.every((key) => key.trim() !== '')) void issue();
      }}
    >
      <Stack gap="md">
        <Standing opened={opened} chosen={chosen} />
        <Radio.Group
          size="xs"
          label={t('exhibits')}
          value={chosen === null ? 'all' : 'selected'}
          onChange={(value) => change({ scope: value === 'selected' ? 'selected' : 'all' })}
        >
          <Stack gap={6} mt={4}>
            <Radio size="xs" value="all" label={t('all', { count: opened.exhibits })} />
            <Radio
              size="xs"
              value="selected"
              disabled={selected.size === 0}
              label={t('selected', { count: selected.size })}
            />
          </Stack>
        </Radio.Group>
        <Group align="flex-start" gap="xs" wrap="nowrap" className="report-row">
          <TextInput
            flex={1}
            label={t('out')}
            required
            value={out}
            description={problem === null ? t('outHint', { name: nameOf(previewPath(out.trim())) }) : null}
            error={problem !== null ? t(`outProblem.${problem}`) : taken.includes(nameOf(out.trim())) && t('outTaken')}
            onChange={(event) => change({ out: event.currentTarget.value })}
          />
          <SaveButton
            name={nameOf(out.trim())}
            title={t('out')}
            onChosen={(path) => change({ out: withEnding(path) })}
          />
        </Group>
        <Checkbox.Group
          size="xs"
          label={t('extras')}
          value={[...draft.extras]}
          onChange={(values) => change({ extras: EXTRAS.filter((extra) => values.includes(extra)) })}
        >
          <Group gap="lg" mt={4}>
            {EXTRAS.map((extra) => (
              <Checkbox
                key={extra}
                value={extra}
                label={t(`extra.${extra}`)}
                description={problem === null ? nameOf(extraPath(out.trim(), extra)) : null}
              />
            ))}
          </Group>
        </Checkbox.Group>
        <Group align="flex-start" gap="xs" wrap="nowrap" className="report-row">
          <TextInput
            flex={1}
            label={t('template')}
            description={t('templateHint')}
            value={draft.template}
            onChange={(event) => change({ template: event.currentTarget.value })}
          />
          <BrowseButton kind="files" title={t('template')} onChosen={([path]) => path && change({ template: path })} />
        </Group>
        <Signers
          keys={draft.keys}
          passphrases={passphrases}
          onKeys={(keys) => change({ keys })}
          onPassphrases={setPassphrases}
        />
        <Group justify="flex-end" gap="xs">
          <Button
            variant="default"
            disabled={!ready}
            loading={running === 'preview'}
            onClick={() => void makeReport(request(true), queries)}
          >
            {t('preview')}
          </Button>
          <Button
            type="submit"
            disabled={!ready || readOnly || draft.keys.some((key) => key.trim() === '')}
            loading={running === 'final'}
          >
            {t('make')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What the examiner should know before a report is made. */
function Standing({ opened, chosen }: { readonly opened: OpenCase; readonly chosen: readonly string[] | null }) {
  const { t } = useTranslation('report');
  const waiting = useAsk('case.exhibits', { case: opened.handle, offset: 0, limit: 1, state: 'none' });
  const unfinished = waiting.data?.total ?? 0;
  const blocks = opened.findings.filter(
    ({ effect, exhibit }) =>
      effect === 'blocks-signing' && exhibit !== null && (chosen === null || chosen.includes(exhibit)),
  );
  const lines = [
    isReadOnly(opened) && t('archived'),
    chosen === null && unfinished > 0 && t('unfinished', { count: unfinished }),
    opened.encrypted && t('plain'),
  ].filter((line) => line !== false);
  return (
    <>
      {blocks.length > 0 && (
        <div className="notice" data-family="expected" role="alert">
          <div className="notice-body">
            <Text size="sm" fw={600}>
              {t('blocked')}
            </Text>
            {blocks.map(({ id, message }) => (
              <Text size="sm" key={id}>
                {message}
              </Text>
            ))}
          </div>
        </div>
      )}
      {lines.map((line) => (
        <Text size="sm" className="report-hint" key={line}>
          {line}
        </Text>
      ))}
    </>
  );
}
