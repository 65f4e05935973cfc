/** Pictures of an exhibit for lists. */
import { evidenceUrl } from '../client.ts';
import { useAsk } from './api.ts';

/** The thumbnail of an exhibit; null while it is not known or where it has no picture. */
export function useThumbnail(handle: string, exhibit: string, enabled: boolean): string | null {
  const view = useAsk('evidence.open', { case: handle, exhibit }, { enabled });
  if (!enabled || view.data === undefined || view.data.mediaType === 'audio') return null;
  return evidenceUrl(view.data.id, 'thumbnail.png');
}
