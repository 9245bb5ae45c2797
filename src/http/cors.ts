import type { IncomingMessage, ServerResponse } from 'node:http';
import { formOf } from '../domain/credential-form.ts';
import type { MaybePromise } from '../domain/maybe-promise.ts';
import type { RequestOrigin } from '../domain/origin.ts';
import type { PortalOrigins } from '../subjects/portal-origins.ts';

/** How long a browser may cache a preflight response. */
const PREFLIGHT_MAX_AGE_SECONDS = 600;

const METHODS = 'GET, POST';

/** The response headers that a page may read beside the CORS-safelisted ones. */
const exposedHeaders = 'Retry-After, X-Request-Id';

/**
 * Sets the CORS headers that let a page of an allowed origin read the response (Fetch, section "CORS protocol"). Other
 * origins, and "null", get none. Credentials are never allowed: the cookie of the console is for its own pages alone.
 */
export function allowOrigin(request: IncomingMessage, response: ServerResponse, origins: readonly string[]): void {
  if (origins.length === 0) return;
  response.setHeader('Vary', 'Origin');
  const { origin } = request.headers;
  if (origin === undefined || !origins.includes(origin)) return;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Expose-Headers', exposedHeaders);
}

/**
 * Sets the same headers for a page with portal sessions: for a preflight, which names no token, and for a request with the token of
 * a portal session. With another credential such a page may not read the response.
 */
export function allowPortalOrigin(
  request: IncomingMessage,
  response: ServerResponse,
  origins: PortalOrigins,
): MaybePromise<void> {
  const { origin, authorization } = request.headers;
  if (origin === undefined || response.hasHeader('Access-Control-Allow-Origin')) return;
  if (request.method !== 'OPTIONS' && !sendsPortalToken(authorization)) return;
  return origins.has(origin).then((isKnown) => {
    if (isKnown) allowOrigin(request, response, [origin]);
  });
}

function sendsPortalToken(authorization: string | undefined): boolean {
  const [, credential = ''] = /^Bearer +([^\s]+)$/i.exec(authorization?.trim() ?? '') ?? [];
  return formOf(credential) === 'PORTAL_SESSION';
}

/**
 * Whether the page that opened a socket may send any credential: an Origin, which browsers send, is the gateway's own or an allowed
 * one.
 */
export function isOwnOrigin(
  { headers: { origin, host } }: IncomingMessage,
  allowedOrigins: readonly string[],
): boolean {
  const isOurs = origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
  return isOurs || allowedOrigins.includes(origin);
}

/** Returns what a request says of the page that sent it. A browser sends Origin with every POST of a script. */
export function originOf({ headers, method }: IncomingMessage): RequestOrigin {
  return { value: headers.origin ?? null, mayBeMissing: method === 'POST' };
}

/**
 * Answers OPTIONS. After `allowOrigin` has allowed the origin, the response allows the headers that the preflight
 * requests; otherwise it lists the methods only.
 */
export function sendPreflight(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Allow', `${METHODS}, OPTIONS`);
  if (response.hasHeader('Access-Control-Allow-Origin')) {
    const requestedHeaders = request.headers['access-control-request-headers'];
    response.setHeader('Vary', 'Origin, Access-Control-Request-Headers');
    response.setHeader('Access-Control-Allow-Methods', METHODS);
    response.setHeader('Access-Control-Max-Age', PREFLIGHT_MAX_AGE_SECONDS);
    if (requestedHeaders !== undefined) response.setHeader('Access-Control-Allow-Headers', requestedHeaders);
  }
  response.writeHead(204).end();
}
