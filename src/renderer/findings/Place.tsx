/** Where something was found, in words; a click shows it. */
import { UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Where } from '../../contract/result.ts';
import { clock } from '../charts/scale.ts';
import { useFormat } from '../ui/format.ts';

export interface PlaceProps {
  readonly where: Where | undefined;
  readonly onShow: (where: Where) => void;
}

export function Place({ where, onShow }: PlaceProps) {
  const { t } = useTranslation('viewer');
  const { number } = useFormat();
  if (where === undefined) return null;
  const { box, track, frames, seconds, bytes, channel } = where;
  const parts: string[] = [];
  if (track !== undefined) parts.push(t('whereTrack', { track }));
  if (frames) {
    const [from, to] = frames;
    parts.push(from === to ? t('whereFrame', { from }) : t('whereFrames', { from, to }));
  }
  if (seconds) parts.push(t('whereSeconds', { from: clock(seconds[0]), to: clock(seconds[1]) }));
  if (bytes) parts.push(t('whereBytes', { from: number(bytes[0]), to: number(bytes[1]) }));
  if (channel !== undefined) parts.push(t('whereChannel', { channel }));
  if (box) {
    parts.push(
      t('whereBox', {
        x: Math.round(box.x),
        y: Math.round(box.y),
        width: Math.round(box.width),
        height: Math.round(box.height),
      }),
    );
  }
  const text = parts.join(', ');
  if (!box && !frames && !seconds) return <span>{text}</span>;
  return (
    <UnstyledButton className="place" title={t('goThere')} onClick={() => onShow(where)}>
      {text}
    </UnstyledButton>
  );
}
