import { isFailure } from '../domain/failure.ts';
import { Sensitive } from '../domain/sensitive.ts';
import { EXCHANGED_KEY_LIFETIME_MS, exchangeToken, type ExchangeCore } from '../issuers/exchange.ts';
import { TOKEN_MAX_LENGTH } from '../issuers/parse-token.ts';
import { grantSignedToken, KEY_TYPE } from './grant-signed-token.ts';
import type { Metrics } from './metrics.ts';
import { OauthError, oauthRoute, type OauthForm } from './oauth-route.ts';
import type { Route } from './find-route.ts';
import { DEVICE_CODE_GRANT, grantDeviceToken } from './devices/device-grant.ts';

/** The longest body, in bytes: the longest token, and as much again for the other fields. */
const BODY_MAX = 2 * TOKEN_MAX_LENGTH;

const TOKEN_EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const SUBJECT_TYPES = ['urn:ietf:params:oauth:token-type:jwt', 'urn:ietf:params:oauth:token-type:id_token'];

/** The grants of the token endpoint. */
export const tokenGrants: readonly string[] = [TOKEN_EXCHANGE_GRANT, DEVICE_CODE_GRANT];

type TokenCore = ExchangeCore &
  Parameters<typeof grantDeviceToken>[0] &
  Parameters<typeof grantSignedToken>[0] & { readonly metrics: Metrics };

/**
 * Returns the route of POST /token, the one token endpoint. It exchanges the token of a job for a key, and a key for a
 * signed token (RFC 8693), and answers the polls of devices (RFC 8628). Clients have no credential of their own.
 */
export function tokenRoute(core: TokenCore): Route {
  return oauthRoute(async (form, address) => {
    const grant = form.getRequired('grant_type');
    if (grant === TOKEN_EXCHANGE_GRANT) {
      const isKey = form.get('subject_token_type') === KEY_TYPE;
      return isKey ? grantSignedToken(core, form, address) : grantKey(core, form, address);
    }
    if (grant === DEVICE_CODE_GRANT) return grantDeviceToken(core, form);
    throw new OauthError('unsupported_grant_type', `grant_type must be ${tokenGrants.join(' or ')}.`);
  }, BODY_MAX);
}

/** Exchanges the token of a job for a key that lives 15 minutes, sent as an access token. */
async function grantKey(core: TokenCore, form: OauthForm, address: string): Promise<object> {
  const token = new Sensitive(readSubjectToken(form));
  const requestId = readRequestId(form);
  const issued = await exchangeToken(core, { token, publicKey: null, idempotencyKey: requestId }, address);
  const outcome = isFailure(issued) ? String(issued.details['problem']) : 'EXCHANGED';
  core.metrics.tokenExchanges.inc({ outcome });
  if (isFailure(issued)) throw new OauthError('invalid_request', issued.message);
  if (issued.delivery.text === null) {
    const found = 'This token was already exchanged, and its key is in use: the answer is not repeated.';
    throw new OauthError('invalid_request', found);
  }
  return {
    access_token: issued.delivery.text.reveal(),
    issued_token_type: ACCESS_TOKEN,
    token_type: 'Bearer',
    expires_in: requestId === null ? EXCHANGED_KEY_LIFETIME_MS / 1000 : await readRemainingSeconds(core, issued.keyId),
    key_id: issued.keyId,
  };
}

/**
 * Returns the request id, under which a lost response is repeated: 32 random bytes that the client makes and also sends
 * the first time. Null: the client sends none, so that a lost response cannot be repeated.
 */
function readRequestId({ get }: OauthForm): string | null {
  const id = get('request_id') ?? null;
  if (id === null || /^(?:[\w-]{43}=?|[\da-f]{64})$/i.test(id)) return id;
  throw new OauthError('invalid_request', 'request_id must be 32 random bytes, in base64url or in hexadecimal.');
}

/** Returns how long a key still lives. A repeated response is sent later than the key was issued. */
async function readRemainingSeconds({ prisma, clock }: TokenCore, keyId: string): Promise<number> {
  const { expiresAt } = await prisma.key.findUniqueOrThrow({ where: { id: keyId }, select: { expiresAt: true } });
  const endsAt = expiresAt?.getTime() ?? clock.now().getTime() + EXCHANGED_KEY_LIFETIME_MS;
  return Math.max(0, Math.floor((endsAt - clock.now().getTime()) / 1000));
}

/**
 * Checks a request's fields (RFC 8693, sections 2.1 and 2.2.2) and returns its subject token, the only field that is
 * used.
 */
function readSubjectToken({ getRequired, get }: OauthForm): string {
  const token = getRequired('subject_token');
  if (!SUBJECT_TYPES.includes(getRequired('subject_token_type'))) {
    throw new OauthError(
      'invalid_request',
      `subject_token_type must be one of ${[...SUBJECT_TYPES, KEY_TYPE].join(' ')}.`,
    );
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
