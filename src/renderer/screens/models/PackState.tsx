/** Whether a pack's files are those of its manifest, and when that was looked at. */
import { Text, Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { PackListing } from '../../../contract/api.ts';
import { Moment } from '../../ui/Moment.tsx';
import { Tone } from '../../ui/Tone.tsx';
import { nameOf, useChecked } from './checked.ts';

export function PackState({ pack }: { readonly pack: PackListing }) {
  const { t } = useTranslation('models');
  const check = useChecked((all) => all[nameOf(pack)]);
  const problem = pack.problem ?? check?.problem ?? null;
  if (problem !== null) {
    return (
      <Tooltip label={problem} multiline maw={320}>
        <span>
          <Tone tone="alarm">{t('problem')}</Tone>
        </span>
      </Tooltip>
    );
  }
  if (check === undefined) {
    return (
      <Tooltip label={t('uncheckedHint')} multiline maw={320}>
        <span>
          <Tone tone="idle">{t('unchecked')}</Tone>
        </span>
      </Tooltip>
    );
  }
  return (
    <>
      <Tone tone="good">{t('ok')}</Tone>
      <Text size="xs" c="dimmed">
        <Moment utc={check.utc} />
      </Text>
    </>
  );
}
