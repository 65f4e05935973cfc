/** Pictures of exhibits for lists. */
import { evidenceUrl } from '../client.ts';
import { useAsk } from './api.ts';

/** The address of an exhibit's thumbnail; null while it is not known or where there is no picture. */
export function useThumbnail(handle: string, exhibit: string, enabled: boolean): string | null {
  const view = useAsk('evidence.open', { case: handle, exhibit }, { enabled });
  if (!enabled || view.data === undefined || view.data.mediaType === 'audio') return null;
  return evidenceUrl(view.data.id, 'thumbnail.png');
}
