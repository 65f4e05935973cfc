/** Streams of a file, each with what its container states. */
import { SimpleGrid } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Stream } from '../../contract/result.ts';
import { type Fact, Facts } from '../ui/Facts.tsx';
import { useFormat } from '../ui/format.ts';
import { Panel } from '../ui/Panel.tsx';

export function Streams({ streams }: { readonly streams: readonly Stream[] }) {
  const { t: word } = useTranslation('words');
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="sm">
      {streams.map((stream) => (
        <Panel key={`${stream.kind} ${stream.index}`} title={`${word(`media.${stream.kind}`)} #${stream.index}`}>
          <StreamFacts stream={stream} />
        </Panel>
      ))}
    </SimpleGrid>
  );
}

function StreamFacts({ stream }: { readonly stream: Stream }) {
  const { t } = useTranslation('viewer');
  const { t: common } = useTranslation();
  const { number, duration } = useFormat();
  const yes = (value: boolean | null): string | null => (value === null ? null : value ? common('yes') : common('no'));
  const amount = (value: number | null, unit: string, decimals = 0): string | null =>
    value === null ? null : `${number(value, decimals)} ${unit}`;
  const s = (name: 'codec' | 'profile' | 'size' | 'pixelFormat' | 'colorSpace' | 'duration' | 'bitRate') =>
    t(`stream.${name}`);
  const facts: Fact[] = [[s('codec'), stream.codec]];
  if (stream.kind === 'video') {
    facts.push(
      [s('profile'), stream.profile],
      [s('size'), `${stream.width} × ${stream.height} px`],
      [s('pixelFormat'), stream.pixelFormat],
      [t('stream.frameRate'), amount(stream.frameRate, '1/s', 3)],
      [t('stream.variable'), yes(stream.variableFrameRate)],
      [t('stream.rotation'), `${stream.rotation}°`],
      [s('duration'), stream.duration === null ? null : duration(stream.duration)],
      [s('bitRate'), amount(stream.bitRate, 'bit/s')],
      [s('colorSpace'), stream.colorSpace],
      [t('stream.colorRange'), stream.colorRange],
    );
  } else if (stream.kind === 'audio') {
    facts.push(
      [t('stream.sampleRate'), amount(stream.sampleRate, 'Hz')],
      [t('stream.channels'), String(stream.channels)],
      [t('stream.layout'), stream.layout],
      [t('stream.sampleFormat'), stream.sampleFormat],
      [s('duration'), stream.duration === null ? null : duration(stream.duration)],
      [s('bitRate'), amount(stream.bitRate, 'bit/s')],
    );
  } else {
    facts.push(
      [s('size'), `${stream.width} × ${stream.height} px`],
      [t('stream.channels'), String(stream.channels)],
      [t('stream.bitDepth'), stream.bitDepth],
      [t('stream.pages'), String(stream.pages)],
      [t('stream.orientation'), String(stream.orientation)],
      [s('colorSpace'), stream.colorSpace],
      [t('stream.alpha'), yes(stream.hasAlpha)],
      [t('stream.colourProfile'), yes(stream.hasProfile)],
    );
  }
  return <Facts facts={facts} />;
}
