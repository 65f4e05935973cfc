/** Tags of a file as a table that is searched while one types. */
import { Group, Text, TextInput } from '@mantine/core';
import { Search } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Structure } from '../../contract/result.ts';
import { type Column, VirtualTable } from '../ui/VirtualTable.tsx';
import { type FieldRow, fieldRows } from './tree.ts';

export function FieldTable({ structure }: { readonly structure: Structure }) {
  const { t } = useTranslation('viewer');
  const [words, setWords] = useState('');
  const wanted = useDeferredValue(words);
  const rows = useMemo(() => fieldRows(structure.tree, wanted), [structure, wanted]);
  const columns: Column<FieldRow>[] = [
    { id: 'group', header: t('group'), width: 'minmax(8rem, 1fr)', cell: ({ group }) => group },
    { id: 'name', header: t('field'), width: 'minmax(10rem, 1fr)', cell: ({ name }) => name },
    {
      id: 'value',
      header: t('value'),
      width: 'minmax(16rem, 3fr)',
      cell: ({ value }) => (
        <span className="mono" title={value}>
          {value}
        </span>
      ),
    },
  ];
  return (
    <div className="structure">
      <Group gap="sm" className="structure-head">
        <TextInput
          aria-label={t('searchFields')}
          placeholder={t('searchFields')}
          leftSection={<Search size={14} aria-hidden />}
          value={words}
          w={280}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <Text size="xs" c="dimmed" role="status">
          {t('fieldsFound', { count: rows.length })}
        </Text>
      </Group>
      <div className="structure-list">
        <VirtualTable
          key={wanted}
          label={structure.title}
          columns={columns}
          count={rows.length}
          rowAt={(index) => rows[index]}
          keyOf={({ key }) => key}
          rowHeight={26}
        />
      </div>
    </div>
  );
}
