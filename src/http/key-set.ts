import type { JSONWebKeySet } from 'jose';
import { answerJson } from './answers.ts';
import type { Handler } from './exchange.ts';

/** How long anyone may keep the key set; well below the hour for which a new key is published before it signs. */
const KEPT_SECONDS = 300;

/** GET /.well-known/jwks.json: the public keys that verify what this gateway signed (RFC 7517, section 5). */
export function keySetHandler(signingKeys: { jwks(): Promise<JSONWebKeySet> }): Handler {
  return async (_request, response) => {
    const keySet = await signingKeys.jwks();
    response.setHeader('Cache-Control', `public, max-age=${KEPT_SECONDS}`);
    response.setHeader('Access-Control-Allow-Origin', '*');
    answerJson(response, 200, keySet, 'application/jwk-set+json');
  };
}
