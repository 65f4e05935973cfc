/** A small picture of an exhibit, or a sign for what it is. */
import { AudioLines, FileQuestionMark, Film, Image } from 'lucide-react';
import { useState } from 'react';
import type { Exhibit } from '../../../contract/case.ts';
import { useThumbnail } from '../../data/evidence.ts';

const ICONS = { image: Image, video: Film, audio: AudioLines } as const;

export function Thumbnail({ handle, exhibit }: { readonly handle: string; readonly exhibit: Exhibit }) {
  const [broken, setBroken] = useState(false);
  const pictured = exhibit.mediaType === 'image' || exhibit.mediaType === 'video';
  const address = useThumbnail(handle, exhibit.id, pictured);
  if (address !== null && !broken)
    return <img className="thumb" src={address} alt="" loading="lazy" onError={() => setBroken(true)} />;
  const Icon = exhibit.mediaType === null ? FileQuestionMark : ICONS[exhibit.mediaType];
  return (
    <span className="thumb-none">
      <Icon size={15} aria-hidden />
    </span>
  );
}
