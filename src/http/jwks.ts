import type { JSONWebKeySet } from 'jose';
import { sendJson } from './responses.ts';
import type { HttpHandler } from './http-exchange.ts';

/** How long clients may cache the key set: well below the hour for which a new key is published before it signs. */
const MAX_AGE_SECONDS = 300;

/**
 * Returns the handler of GET /.well-known/jwks.json: the public keys for this gateway's signatures (RFC 7517, section
 * 5).
 */
export function jwksHandler(signingKeys: { jwks(): Promise<JSONWebKeySet> }): HttpHandler {
  return async (_request, response) => {
    const keySet = await signingKeys.jwks();
    response.setHeader('Cache-Control', `public, max-age=${MAX_AGE_SECONDS}`);
    response.setHeader('Access-Control-Allow-Origin', '*');
    sendJson(response, 200, keySet, 'application/jwk-set+json');
  };
}
