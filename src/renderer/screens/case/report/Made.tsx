/** What the making of a report gave, and how anybody can check it. */
import { Button, Text } from '@mantine/core';
import { Copy } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { MadeReport } from '../../../../contract/report.ts';
import { copyText } from '../../../ui/clipboard.ts';
import { type Fact, Facts } from '../../../ui/Facts.tsx';
import { useFormat } from '../../../ui/format.ts';
import { Hash } from '../../../ui/Hash.tsx';
import { Panel } from '../../../ui/Panel.tsx';
import { Tone } from '../../../ui/Tone.tsx';
import { say } from '../../../ui/toasts.tsx';
import { verifyCommand } from './files.ts';

export function Made({ made }: { readonly made: MadeReport }) {
  const { t } = useTranslation('report');
  const { t: common } = useTranslation();
  const format = useFormat();
  const { state, pdf, html, json, tables, sha256, bytes, signed, auditSeq, auditHead, exhibits, notes } = made;
  const command = verifyCommand(pdf);
  const beside: Fact[] = [html, json, ...tables].flatMap((path): Fact[] =>
    path === null ? [] : [['', <Path key={path} path={path} />]],
  );
  const checking: Fact =
    state === 'preview'
      ? [t('check'), t('previewText')]
      : [
          t('check'),
          signed ? (
            <>
              <div className="report-command">
                <code className="mono">{command}</code>
                <Button
                  variant="default"
                  size="compact-xs"
                  leftSection={<Copy size={12} aria-hidden />}
                  aria-label={common('copyNamed', { what: t('command') })}
                  onClick={() => void copyText(command).then((done) => done && say(common('copied')))}
                >
                  {common('copy')}
                </Button>
              </div>
              <Text size="xs" c="dimmed">
                {t('checkText')}
              </Text>
            </>
          ) : (
            t('checkUnsigned')
          ),
        ];
  return (
    <Panel title={t(state === 'preview' ? 'madePreview' : 'madeFinal')}>
      <div role="status">
        <Facts
          facts={[
            [t('file'), <Path key="pdf" path={pdf} />],
            ...beside,
            [common('hash'), <Hash key="hash" value={sha256} digits={null} />],
            [t('size'), `${format.bytes(bytes)} (${format.number(bytes)} B)`],
            [
              t('signature'),
              <Tone key="signed" tone={signed ? 'good' : 'idle'}>
                {t(signed ? 'signed' : 'notSigned')}
              </Tone>,
            ],
            [
              t('audit'),
              <span key="audit">
                {t('auditEntry', { seq: auditSeq })} <Hash value={auditHead} name={t('auditHead')} digits={16} />
              </span>,
            ],
            [t('count'), format.number(exhibits.length)],
            [
              t('notes'),
              notes.length === 0
                ? t('noNotes')
                : notes.map((note) => (
                    <Text size="sm" key={note}>
                      {note}
                    </Text>
                  )),
            ],
            checking,
          ]}
        />
      </div>
    </Panel>
  );
}

const Path = ({ path }: { readonly path: string }) => <span className="mono">{path}</span>;
