/** The page of a method, or the card of a model pack, beside the findings. */
import { Drawer, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useAsk } from '../data/api.ts';
import { Answer } from '../ui/Answer.tsx';
import { Markdown } from './Markdown.tsx';

export type MethodSource =
  | { readonly kind: 'method'; readonly page: string; readonly detector: string }
  | { readonly kind: 'card'; readonly id: string; readonly version: string; readonly detector: string };

/** Where the method of a detector is described: its page, else the card of its pack; null where neither is named. */
export function sourceOf(detector: string, page: string | null, pack: string | null): MethodSource | null {
  if (page !== null) return { kind: 'method', page, detector };
  const [id, version] = pack?.split('@') ?? [];
  return id && version ? { kind: 'card', id, version, detector } : null;
}

export function MethodPage({
  source,
  onClose,
}: {
  readonly source: MethodSource | null;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation('viewer');
  const { t: common } = useTranslation();
  const title =
    source === null
      ? ''
      : source.kind === 'method'
        ? t('methodOf', { detector: source.detector })
        : t('cardOf', { detector: source.detector });
  return (
    <Drawer
      opened={source !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={title}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      {source?.kind === 'method' && <Page page={source.page} />}
      {source?.kind === 'card' && <Card id={source.id} version={source.version} />}
    </Drawer>
  );
}

function Page({ page }: { readonly page: string }) {
  return <Answer of={useAsk('methods.read', { page })}>{({ markdown }) => <Markdown text={markdown} />}</Answer>;
}

function Card({ id, version }: { readonly id: string; readonly version: string }) {
  const { t } = useTranslation('viewer');
  return (
    <Answer of={useAsk('models.card', { id, version })}>
      {({ markdown }) => (markdown === null ? <Text size="sm">{t('noCard')}</Text> : <Markdown text={markdown} />)}
    </Answer>
  );
}
