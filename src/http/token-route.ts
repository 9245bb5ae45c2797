import { isFailure } from '../domain/failure.ts';
import { Sensitive } from '../domain/sensitive.ts';
import { EXCHANGED_KEY_LIFETIME_MS, exchangeToken, type ExchangeCore } from '../issuers/exchange.ts';
import { TOKEN_MAX_LENGTH } from '../issuers/parse-token.ts';
import type { Metrics } from './metrics.ts';
import { OauthError, oauthRoute, type OauthForm } from './oauth-route.ts';
import type { Route } from './http-server.ts';

/** In bytes: the longest token, and as much again for the other fields. */
const BODY_MAX = 2 * TOKEN_MAX_LENGTH;

export const TOKEN_EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const SUBJECT_TYPES = ['urn:ietf:params:oauth:token-type:jwt', 'urn:ietf:params:oauth:token-type:id_token'];

/**
 * Returns the route of POST /token (RFC 8693), which exchanges the token of a job for a key that lives 15 minutes, sent
 * as an access token. The job's token is the client's only credential.
 */
export function tokenRoute(core: ExchangeCore & { readonly metrics: Metrics }): Route {
  return oauthRoute(async (form, address) => {
    const token = new Sensitive(readSubjectToken(form));
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

/**
 * Checks a request's fields (RFC 8693, sections 2.1 and 2.2.2) and returns its subject token, the only field that is
 * used.
 */
function readSubjectToken({ getRequired, get }: OauthForm): string {
  if (getRequired('grant_type') !== TOKEN_EXCHANGE_GRANT) {
    throw new OauthError('unsupported_grant_type', `grant_type must be ${TOKEN_EXCHANGE_GRANT}.`);
  }
  const token = getRequired('subject_token');
  if (!SUBJECT_TYPES.includes(getRequired('subject_token_type'))) {
    throw new OauthError('invalid_request', `subject_token_type must be one of ${SUBJECT_TYPES.join(' ')}.`);
  }
  if ((get('requested_token_type') ?? ACCESS_TOKEN) !== ACCESS_TOKEN) {
    throw new OauthError('invalid_request', `requested_token_type must be ${ACCESS_TOKEN}.`);
  }
  if (get('actor_token') !== undefined) {
    throw new OauthError('invalid_request', 'actor_token is not supported. Leave it out.');
  }
  if (get('scope') !== undefined) {
    throw new OauthError(
      'invalid_scope',
      'scope is not supported: the rule that matches the token sets the scopes. Leave it out.',
    );
  }
  if (get('audience') !== undefined || get('resource') !== undefined) {
    throw new OauthError(
      'invalid_target',
      'audience and resource are not supported: the token has its own audience. Leave both out.',
    );
  }
  return token;
}
