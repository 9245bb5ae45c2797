import type { IncomingMessage } from 'node:http';
import { formOf } from '../../domain/credential-form.ts';
import { SECOND_MS } from '../../domain/duration.ts';
import { pathOf } from '../find-route.ts';

/** The path at which the console begins and ends its session. */
export const SESSION_PATH = '/session';

/** The path at which the person of a session gives the password again. */
export const CONFIRM_PATH = '/session/confirm';

const loopbackHosts = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Returns the credential in the session cookie of a request, in the form of an Authorization header; null: the request has
 * none that counts. A browser attaches cookies to requests that it sends for any page, so a cookie counts only if all of these
 * hold. Otherwise the request is that of a stranger, as if it had no cookie.
 *
 * 1. The caller has looked for another credential first: an Authorization header, or `authorization` of connectionParams,
 *    wins, also if it is wrong. So a program always acts as whom it names.
 * 2. The request is a POST to /graphql, the handshake of a WebSocket to /graphql, or one of those to /session and
 *    /session/confirm. No other GET counts: a link, an image or a redirect of another page sends it.
 * 3. Origin is present and is the gateway's own (`isOwnPage`): a page of another site, or a page that a rebound DNS name
 *    serves, has another one. Host is not compared with it: after DNS rebinding both are the attacker's.
 * 4. Sec-Fetch-Site, where the browser sends it, is `same-origin`. SameSite=Strict lets in other ports and subdomains.
 * 5. The request has exactly one cookie of the name, with the form of a session token. A second one was set by another host
 *    or path, and might be the attacker's session. The secret of a key never counts in a cookie.
 * 6. A POST has Content-Type application/json, which the route of /graphql requires, and no response allows credentials
 *    to other origins (Access-Control-Allow-Credentials). So a form sends nothing, and no foreign page reads anything.
 */
export function cookieCredential(request: IncomingMessage, publicUrl: string): string | null {
  if (request.headers.cookie === undefined || !mayUseCookie(request) || !isOwnPage(request, publicUrl)) return null;
  const value = readCookie(request, cookieName(publicUrl));
  return value !== null && formOf(value) === 'SESSION' ? `Bearer ${value}` : null;
}

/** Returns the value of a cookie; null: the request has none of that name, or several. */
export function readCookie({ headers: { cookie = '' } }: IncomingMessage, name: string): string | null {
  const pairs = cookie.split(';').map((pair) => pair.trim());
  const values = pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1));
  const [value] = values;
  return value !== undefined && values.length === 1 ? value : null;
}

/**
 * Whether a request was sent by a page of the gateway itself: its Origin is that of the public URL, and Sec-Fetch-Site, if it
 * is there, agrees. On loopback the names localhost, 127.0.0.1 and [::1] count as one, with the same scheme and port.
 */
export function isOwnPage({ headers }: IncomingMessage, publicUrl: string): boolean {
  const { origin, 'sec-fetch-site': site } = headers;
  if (origin === undefined || (site !== undefined && site !== 'same-origin')) return false;
  const own = new URL(publicUrl);
  if (origin === own.origin) return true;
  if (!loopbackHosts.includes(own.hostname)) return false;
  const port = own.port === '' ? '' : `:${own.port}`;
  return loopbackHosts.some((host) => origin === `${own.protocol}//${host}${port}`);
}

/** Returns the value of Set-Cookie that stores a session token for a time in ms, whatever the browser's clock shows. */
export function storeCookie(publicUrl: string, token: string, ms: number): string {
  return `${cookieName(publicUrl)}=${token}; ${attributes}; Max-Age=${Math.floor(ms / SECOND_MS)}`;
}

/** Returns the value of Set-Cookie that removes the session token from the browser. */
export function removeCookie(publicUrl: string): string {
  return `${cookieName(publicUrl)}=; ${attributes}; Max-Age=0`;
}

/** Returns the value of Set-Cookie that stores the proof of a password for a time in ms; null removes it. */
export function passwordCookie(publicUrl: string, proof: string | null, ms = 0): string {
  return `${passwordCookieName(publicUrl)}=${proof ?? ''}; ${attributes}; Max-Age=${Math.floor(ms / SECOND_MS)}`;
}

/** Returns the name of the cookie with the proof that the password was given lately. */
export function passwordCookieName(publicUrl: string): string {
  return `${cookieName(publicUrl)}-password`;
}

/** No script reads it, and only https sends it. The prefix __Host- has the browser refuse it with any weaker attribute. */
const attributes = 'Path=/; Secure; HttpOnly; SameSite=Strict';

/** Cookies know no ports: two gateways on one host would otherwise replace each other's sessions. */
function cookieName(publicUrl: string): string {
  const { port, protocol } = new URL(publicUrl);
  return `__Host-keytide-${port || (protocol === 'https:' ? '443' : '80')}`;
}

function mayUseCookie({ method, url = '', headers }: IncomingMessage): boolean {
  const path = pathOf(url);
  if (path === SESSION_PATH) return method === 'DELETE';
  if (path === CONFIRM_PATH) return method === 'POST';
  if (path !== '/graphql') return false;
  return method === 'POST' || (method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket');
}
