/** Addresses of pictures of an exhibit. The desktop has a scheme of its own; in a browser they come from the host. */
import type { HostInfo } from '../../contract/apiLab.ts';
import { useAsk } from './api.ts';

/** The address of a part of an exhibit that is open for viewing (see contract/apiEvidence.ts). */
export const evidenceAddress = (host: HostInfo['kind'], id: string, part: string): string =>
  host === 'desktop' ? `evidence://${id}/${part}` : `/evidence/${id}/${part}`;

/** The thumbnail of an exhibit; null while it is not known or where it has no picture. */
export function useThumbnail(handle: string, exhibit: string, enabled: boolean): string | null {
  const host = useAsk('host.info', {});
  const view = useAsk('evidence.open', { case: handle, exhibit }, { enabled });
  if (!enabled || host.data === undefined || view.data === undefined || view.data.mediaType === 'audio') return null;
  return evidenceAddress(host.data.kind, view.data.id, 'thumbnail.png');
}
