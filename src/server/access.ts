/** Who may talk to the server: the page that was opened with the one-time token, and programs with the key. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const COOKIE = 'vidimus';
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

export class Access {
  /** In the address that is opened; good for one use. */
  #token: string | null = randomBytes(24).toString('base64url');
  /** For `Authorization: Bearer`. */
  readonly key: string;
  readonly #sessions = new Set<string>();

  constructor(key?: string) {
    this.key = key ?? randomBytes(24).toString('base64url');
  }

  /** A fresh one-time token; an earlier one that was not used ends. */
  newToken(): string {
    this.#token = randomBytes(24).toString('base64url');
    return this.#token;
  }

  /** Spends the token and answers the cookie header of the session, or null where the token is not ours. */
  enter(token: string): string | null {
    if (this.#token === null || !same(token, this.#token)) return null;
    this.#token = null;
    const session = randomBytes(24).toString('base64url');
    this.#sessions.add(session);
    return `${COOKIE}=${session}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Whether a request comes from a page that entered, or brings the key. */
  allows(request: Pick<IncomingMessage, 'headers'>): boolean {
    const { authorization, cookie } = request.headers;
    if (authorization !== undefined)
      return authorization.startsWith('Bearer ') && same(authorization.slice(7), this.key);
    for (const part of (cookie ?? '').split(';')) {
      const [name, value] = part.trim().split('=', 2);
      if (name === COOKIE && value !== undefined && this.#sessions.has(value)) return true;
    }
    return false;
  }
}

/**
 * Whether a request was meant for us: named by our loopback address (another name that resolves to it is an attack by
 * DNS rebinding) and, where the browser says where it came from, from our own page.
 */
export function isOurs(request: Pick<IncomingMessage, 'headers'>, port: number): boolean {
  const { host, origin } = request.headers;
  const names = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (host === undefined || !names.includes(host)) return false;
  return origin === undefined || names.some((name) => origin === `http://${name}`);
}
