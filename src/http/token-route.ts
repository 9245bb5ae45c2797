import { isFailure } from '../domain/failure.ts';
import { Sensitive } from '../domain/sensitive.ts';
import { EXCHANGED_KEY_LIFETIME_MS, exchangeToken, type ExchangeCore } from '../issuers/exchange.ts';
import { TOKEN_MAX_LENGTH } from '../issuers/parse-token.ts';
import type { Metrics } from './metrics.ts';
import { OauthError, oauthRoute, type OauthForm } from './oauth-route.ts';
import type { Route } from './http-server.ts';

/** In bytes: the longest token, and as much again for what stands around it. */
const BODY_MAX = 2 * TOKEN_MAX_LENGTH;

export const TOKEN_EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const SUBJECT_TYPES = ['urn:ietf:params:oauth:token-type:jwt', 'urn:ietf:params:oauth:token-type:id_token'];

/**
 * POST /token (RFC 8693): a token of a job against a key that lives a quarter of an hour, as an access token. Clients have no
 * credential but that token.
 */
export function tokenRoute(core: ExchangeCore & { readonly metrics: Metrics }): Route {
  return oauthRoute(async (fields, address) => {
    const token = new Sensitive(readSubjectToken(fields));
    const issued = await exchangeToken(core, { token, publicKey: null }, address);
    const outcome = isFailure(issued) ? String(issued.details['problem']) : 'EXCHANGED';
    core.metrics.tokenExchanges.inc({ outcome });
    if (isFailure(issued)) throw new OauthError('invalid_request', issued.message);
    return {
      access_token: issued.delivery.text?.reveal(),
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      expires_in: EXCHANGED_KEY_LIFETIME_MS / 1000,
      key_id: issued.keyId,
    };
  }, BODY_MAX);
}

/** The token that a request is about, which is all that is read of one that is well (RFC 8693, sections 2.1 and 2.2.2). */
function readSubjectToken({ getRequired, get }: OauthForm): string {
  if (getRequired('grant_type') !== TOKEN_EXCHANGE_GRANT) {
    throw new OauthError('unsupported_grant_type', `The grant_type that is known is ${TOKEN_EXCHANGE_GRANT}.`);
  }
  const token = getRequired('subject_token');
  if (!SUBJECT_TYPES.includes(getRequired('subject_token_type'))) {
    throw new OauthError('invalid_request', `The subject_token_type is none of ${SUBJECT_TYPES.join(' ')}.`);
  }
  if ((get('requested_token_type') ?? ACCESS_TOKEN) !== ACCESS_TOKEN) {
    throw new OauthError('invalid_request', `The requested_token_type that is known is ${ACCESS_TOKEN}.`);
  }
  if (get('actor_token') !== undefined) {
    throw new OauthError('invalid_request', 'Nobody acts for another here: there is an actor_token.');
  }
  if (get('scope') !== undefined) {
    throw new OauthError('invalid_scope', 'The scopes are those that a rule gives; ask for none.');
  }
  if (get('audience') !== undefined || get('resource') !== undefined) {
    throw new OauthError(
      'invalid_target',
      'The token itself says whom it is for; ask for no audience and no resource.',
    );
  }
  return token;
}
