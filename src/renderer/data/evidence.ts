/** Pictures of exhibits for lists, and what kind of medium they are. */
import { useEffect, useState } from 'react';
import type { Exhibit } from '../../contract/case.ts';
import type { MediaType } from '../../contract/words.ts';
import { evidenceUrl } from '../client.ts';
import { useAsk } from './api.ts';

/** A row that is only scrolled past asks for nothing. */
const LINGER_MS = 200;

export interface Look {
  /** Null while it is not known, or where the file holds no medium. */
  readonly mediaType: MediaType | null;
  /** Address of the thumbnail; null where there is no picture, or not yet. */
  readonly thumbnail: string | null;
}

/** How an exhibit looks in a list; the file is opened for viewing when its row stays in view. */
export function useLook(handle: string, exhibit: Exhibit): Look {
  const [stays, setStays] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setStays(true), LINGER_MS);
    return () => clearTimeout(timer);
  }, []);
  const enabled = stays && exhibit.mediaType !== 'audio' && exhibit.bytes > 0;
  const view = useAsk('evidence.open', { case: handle, exhibit: exhibit.id }, { enabled });
  const mediaType = exhibit.mediaType ?? view.data?.mediaType ?? null;
  const pictured = view.data !== undefined && view.data.mediaType !== 'audio';
  return { mediaType, thumbnail: pictured ? evidenceUrl(view.data.id, 'thumbnail.png') : null };
}
