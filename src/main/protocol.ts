/** Serves the built renderer under `app://vidimus` and exhibits under `evidence://<id>`. */
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { protocol } from 'electron';
import type { Application } from '../workbench/application/application.ts';
import { pageFile } from '../workbench/application/page.ts';
import { fileAnswer } from '../workbench/application/rangeFile.ts';

export const APP_ORIGIN = 'app://vidimus';

/** Whether an address is one of our pages. Node's `URL.origin` knows no schemes of ours and says "null" for them. */
export function isOwnPage(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol: scheme, host } = new URL(address);
  return `${scheme}//${host}` === APP_ORIGIN;
}

const rendererFolder = join(import.meta.dirname, '../renderer');
const notFound = (): Response => new Response('not found', { status: 404 });

/** Must run before the application is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    {
      scheme: 'evidence',
      privileges: { standard: true, secure: true, stream: true, supportFetchAPI: true, corsEnabled: true },
    },
  ]);
}

/** Answers requests for the renderer's files; whatever lies outside its folder is not found. */
export function serveApp(): void {
  protocol.handle('app', async (request) => {
    const url = new URL(request.url);
    if (url.host !== 'vidimus' || request.method !== 'GET') return notFound();
    const file = await pageFile(rendererFolder, url.pathname, 'evidence:');
    return file === null ? notFound() : new Response(file.body, { headers: file.headers });
  });
}

/** Answers requests for exhibits that are open for viewing, with ranges. */
export function serveEvidence(application: Pick<Application, 'evidence'>): void {
  protocol.handle('evidence', async (request) => {
    const url = new URL(request.url);
    if (request.method !== 'GET') return notFound();
    try {
      const shown = await application.evidence(url.host, url.pathname.slice(1));
      const { status, headers, body } = await fileAnswer(shown, request.headers.get('range'));
      const stream = body === null ? null : Readable.toWeb(body());
      return new Response(stream, { status, headers: { ...headers, 'Access-Control-Allow-Origin': APP_ORIGIN } });
    } catch {
      return notFound();
    }
  });
}
