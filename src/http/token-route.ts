import { isFailure } from '../domain/failure.ts';
import { Sensitive } from '../domain/sensitive.ts';
import { EXCHANGED_LIFE_MS, exchangeToken, type ExchangingCore } from '../issuers/exchange.ts';
import { TOKEN_MAX } from '../issuers/read-token.ts';
import type { Metrics } from './metrics.ts';
import { OauthError, oauthRoute, type Fields } from './oauth.ts';
import type { Route } from './server.ts';

/** In bytes: the longest token, and as much again for what stands around it. */
const BODY_MAX = 2 * TOKEN_MAX;

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const SUBJECT_TYPES = ['urn:ietf:params:oauth:token-type:jwt', 'urn:ietf:params:oauth:token-type:id_token'];

/**
 * POST /token (RFC 8693): a token of a job against a key that lives a quarter of an hour, as an access token. Clients have no
 * credential but that token.
 */
export function tokenRoute(core: ExchangingCore & { readonly metrics: Metrics }): Route {
  return oauthRoute(async (fields, address) => {
    const token = new Sensitive(readRequest(fields));
    const issued = await exchangeToken(core, { token, publicKey: null }, address);
    const outcome = isFailure(issued) ? String(issued.details['problem']) : 'EXCHANGED';
    core.metrics.tokenExchanges.inc({ outcome });
    if (isFailure(issued)) throw new OauthError('invalid_request', issued.message);
    return {
      access_token: issued.delivery.text?.reveal(),
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      expires_in: EXCHANGED_LIFE_MS / 1000,
      key_id: issued.keyId,
    };
  }, BODY_MAX);
}

/** The token that a request is about, which is all that is read of one that is well (RFC 8693, sections 2.1 and 2.2.2). */
function readRequest({ need, find }: Fields): string {
  if (need('grant_type') !== TOKEN_EXCHANGE) {
    throw new OauthError('unsupported_grant_type', `The grant_type that is known is ${TOKEN_EXCHANGE}.`);
  }
  const token = need('subject_token');
  if (!SUBJECT_TYPES.includes(need('subject_token_type'))) {
    throw new OauthError('invalid_request', `The subject_token_type is none of ${SUBJECT_TYPES.join(' ')}.`);
  }
  if ((find('requested_token_type') ?? ACCESS_TOKEN) !== ACCESS_TOKEN) {
    throw new OauthError('invalid_request', `The requested_token_type that is known is ${ACCESS_TOKEN}.`);
  }
  if (find('actor_token') !== undefined) {
    throw new OauthError('invalid_request', 'Nobody acts for another here: there is an actor_token.');
  }
  if (find('scope') !== undefined) {
    throw new OauthError('invalid_scope', 'The scopes are those that a rule gives; ask for none.');
  }
  if (find('audience') !== undefined || find('resource') !== undefined) {
    throw new OauthError(
      'invalid_target',
      'The token itself says whom it is for; ask for no audience and no resource.',
    );
  }
  return token;
}
