import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long a browser may remember what it may send. */
const PREFLIGHT_MAX_AGE_SECONDS = 600;

const METHODS = 'GET, POST';

/** What a page may read of an answer, besides what it always may. */
const exposedHeaders = 'Retry-After, X-Request-Id';

/**
 * Tells a browser that a page of one of these origins may read the answer (Fetch, section "CORS protocol"). Other origins
 * are told nothing, and so is "null", which pages without an origin send. Credentials are never allowed for: there are no
 * cookies.
 */
export function allowOrigin(request: IncomingMessage, response: ServerResponse, origins: readonly string[]): void {
  if (origins.length === 0) return;
  response.setHeader('Vary', 'Origin');
  const { origin } = request.headers;
  if (origin === undefined || !origins.includes(origin)) return;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Expose-Headers', exposedHeaders);
}

/** Answers OPTIONS, for an origin that was allowed with what it asks to send, for all others with the methods alone. */
export function sendPreflight(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Allow', `${METHODS}, OPTIONS`);
  if (response.hasHeader('Access-Control-Allow-Origin')) {
    const asked = request.headers['access-control-request-headers'];
    response.setHeader('Vary', 'Origin, Access-Control-Request-Headers');
    response.setHeader('Access-Control-Allow-Methods', METHODS);
    response.setHeader('Access-Control-Max-Age', PREFLIGHT_MAX_AGE_SECONDS);
    if (asked !== undefined) response.setHeader('Access-Control-Allow-Headers', asked);
  }
  response.writeHead(204).end();
}
