/** A small picture of an exhibit, or a sign for what it is. */
import { AudioLines, FileQuestionMark, Film, Image } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Exhibit } from '../../../contract/case.ts';
import { useLook } from '../../data/evidence.ts';

const ICONS = { image: Image, video: Film, audio: AudioLines } as const;

interface OfExhibit {
  readonly handle: string;
  readonly exhibit: Exhibit;
}

export function Thumbnail({ handle, exhibit }: OfExhibit) {
  const [broken, setBroken] = useState(false);
  const { mediaType, thumbnail } = useLook(handle, exhibit);
  if (thumbnail !== null && !broken)
    return <img className="thumb" src={thumbnail} alt="" loading="lazy" onError={() => setBroken(true)} />;
  const Icon = mediaType === null ? FileQuestionMark : ICONS[mediaType];
  return (
    <span className="thumb-none">
      <Icon size={15} aria-hidden />
    </span>
  );
}

/** The kind of medium: as it was recorded, or as the file looks when it is opened. */
export function MediaKind({ handle, exhibit }: OfExhibit) {
  const { t } = useTranslation('words');
  const { mediaType } = useLook(handle, exhibit);
  return t(`media.${mediaType ?? 'none'}`);
}
