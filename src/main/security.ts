/** Electron's security checklist: no permissions, no navigation, no new windows, no network. */
import { session, type WebContents } from 'electron';
import { isOwnPage } from './protocol.ts';

const ALLOWED_SCHEMES = new Set(['app:', 'evidence:', 'data:', 'blob:', 'devtools:']);

/** Denies every permission and every request that would leave the machine. */
export function hardenSession(): void {
  const own = session.defaultSession;
  own.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  own.setPermissionCheckHandler(() => false);
  own.setDevicePermissionHandler(() => false);
  own.webRequest.onBeforeRequest((details, answer) => {
    answer({ cancel: !ALLOWED_SCHEMES.has(new URL(details.url).protocol) });
  });
}

/** Keeps a page where it is: our own origin, no windows, no embedded views. */
export function hardenWebContents(contents: WebContents): void {
  const stay = (event: { preventDefault(): void }, url: string): void => {
    if (!isOwnPage(url)) event.preventDefault();
  };
  contents.on('will-navigate', (event) => stay(event, event.url));
  contents.on('will-redirect', (event) => stay(event, event.url));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}
