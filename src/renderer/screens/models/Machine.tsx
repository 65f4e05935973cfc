/** What was found on this machine: providers and tools, with advice for what is missing. */
import { Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { DoctorItem } from '../../../contract/api.ts';
import { useAsk } from '../../data/api.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Tone } from '../../ui/Tone.tsx';

const TONES = { ok: 'good', limited: 'idle', missing: 'alarm' } as const;

function Items({ title, items }: { readonly title: string; readonly items: readonly DoctorItem[] }) {
  const { t } = useTranslation('models');
  const { t: word } = useTranslation('words');
  return (
    <Panel title={title} flush>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={170}>{title}</Table.Th>
            <Table.Th w={130}>{t('state')}</Table.Th>
            <Table.Th>{t('found')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map(({ name, state, found, advice }) => (
            <Table.Tr key={name}>
              <Table.Td>{name.replace(/^provider /, '')}</Table.Td>
              <Table.Td>
                <Tone tone={TONES[state]}>{word(`doctor.${state}`)}</Tone>
              </Table.Td>
              <Table.Td>
                {found} {advice !== null && <span className="tone-none">{advice}</span>}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}

export function Machine() {
  const { t } = useTranslation('models');
  const doctor = useAsk('doctor', {});
  return (
    <Answer of={doctor}>
      {(items) => (
        <div className="stack">
          <Items title={t('providers')} items={items.filter(({ name }) => name.startsWith('provider '))} />
          <Items title={t('tools')} items={items.filter(({ name }) => !/^(provider|pack|model packs)/.test(name))} />
        </div>
      )}
    </Answer>
  );
}
