/** What the file is and says of itself: identity, streams, tags, structure, and the three answers of its credentials. */
import { Stack, Tabs, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AnalysisResult, Structure } from '../../contract/result.ts';
import { Empty } from '../ui/Empty.tsx';
import { Facts } from '../ui/Facts.tsx';
import { useFormat } from '../ui/format.ts';
import { Hash } from '../ui/Hash.tsx';
import { Moment } from '../ui/Moment.tsx';
import { Panel } from '../ui/Panel.tsx';
import { Credentials } from './Credentials.tsx';
import { FieldTable } from './FieldTable.tsx';
import { Streams } from './Streams.tsx';
import { StructureTree } from './StructureTree.tsx';
import './metadata.css';

/** Kinds that are tags rather than parts of the file. */
const isFields = ({ kind }: Structure): boolean => kind === 'exif' || kind === 'mediainfo';

export function Metadata({ result }: { readonly result: AnalysisResult }) {
  const { t } = useTranslation('viewer');
  const { t: common } = useTranslation();
  const { bytes } = useFormat();
  const { evidence, structures, observations } = result;
  return (
    <Stack gap="sm">
      <Panel title={t('identity')}>
        <Facts
          facts={[
            [common('name'), evidence.name],
            [t('fileSize'), `${bytes(evidence.bytes)} (${evidence.bytes} B)`],
            ['SHA-256', <Hash key="sha256" value={evidence.sha256} digits={null} />],
            ['SHA-512', <Hash key="sha512" value={evidence.sha512} digits={null} name="SHA-512" />],
            ['MD5', <Hash key="md5" value={evidence.md5} digits={null} name="MD5" />],
            [t('container'), evidence.container],
            [t('mime'), evidence.mime],
            [t('extension'), evidence.extensionMatches ? common('yes') : common('no')],
            [t('modified'), <Moment key="modified" utc={evidence.modified} both />],
          ]}
        />
        {evidence.warnings.length > 0 && (
          <>
            <Text size="sm" fw={600} mt="xs">
              {t('warnings')}
            </Text>
            <ul className="plain-list">
              {evidence.warnings.map((warning) => (
                <li key={warning}>{warning}</li>
              ))}
            </ul>
          </>
        )}
      </Panel>
      <Streams streams={evidence.streams} />
      <Credentials observations={observations} />
      {structures.length === 0 ? (
        <Empty title={t('noStructure')} />
      ) : (
        <Panel title={t('structureOf')} flush>
          <Tabs defaultValue={structures[0]?.id ?? null}>
            <Tabs.List>
              {structures.map(({ id, title }) => (
                <Tabs.Tab key={id} value={id}>
                  {title}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            {structures.map((structure) => (
              <Tabs.Panel key={structure.id} value={structure.id}>
                {structure.truncated && (
                  <Text size="sm" className="structure-cut">
                    {t('truncated')}
                  </Text>
                )}
                {isFields(structure) ? <FieldTable structure={structure} /> : <StructureTree structure={structure} />}
              </Tabs.Panel>
            ))}
          </Tabs>
        </Panel>
      )}
    </Stack>
  );
}
