import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long a browser may cache a preflight response. */
const PREFLIGHT_MAX_AGE_SECONDS = 600;

const METHODS = 'GET, POST';

/** The response headers that a page may read beside the CORS-safelisted ones. */
const exposedHeaders = 'Retry-After, X-Request-Id';

/**
 * Sets the CORS headers that let a page of an allowed origin read the response (Fetch, section "CORS protocol"). Other
 * origins, and "null", get none. Credentials are never allowed, as the gateway has no cookies.
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
