import { RequestError } from '../domain/request-error.ts';
import { parseScopeTokens } from '../domain/scope-token.ts';
import { Sensitive } from '../domain/sensitive.ts';
import { textProblem } from '../domain/text.ts';
import { signToken, type RefusedSigning, type SigningCore } from '../issuers/sign-token.ts';
import type { Metrics } from './metrics.ts';
import { OauthError, type OauthForm } from './oauth-route.ts';

/** The type of a subject token that is the secret of a key. */
export const KEY_TYPE = 'urn:keytide:params:oauth:token-type:key';

const ISSUED_TYPES = ['urn:ietf:params:oauth:token-type:access_token', 'urn:ietf:params:oauth:token-type:jwt'] as const;

/** The longest audience, in characters. */
const AUDIENCE_MAX = 200;

/** How many scopes one request names. Each is compared with all scopes of the key. */
const SCOPES_MAX = 20;

const errorCodes = {
  KEY_NOT_ACCEPTED: 'invalid_request',
  REALM_NOT_ALLOWED: 'invalid_request',
  AUDIENCE_NOT_ALLOWED: 'invalid_target',
  SCOPE_NOT_ALLOWED: 'invalid_scope',
} as const satisfies Record<RefusedSigning['problem'], string>;

/**
 * Exchanges a key for a signed token (RFC 8693). A lost answer needs no repetition: the key is not used up, and the
 * client requests another token.
 */
export async function grantSignedToken(
  core: SigningCore & { readonly metrics: Metrics },
  form: OauthForm,
  address: string,
): Promise<object> {
  const type = form.get('requested_token_type') ?? ISSUED_TYPES[0];
  if (!ISSUED_TYPES.some((known) => known === type)) {
    throw new OauthError('invalid_request', `requested_token_type must be one of ${ISSUED_TYPES.join(' ')}.`);
  }
  const unsupported = ['actor_token', 'resource'].find((name) => form.get(name) !== undefined);
  if (unsupported !== undefined)
    throw new OauthError('invalid_request', `${unsupported} is not supported. Leave it out.`);
  const secret = new Sensitive(form.getRequired('subject_token'));
  const audience = form.getRequired('audience');
  const problem = textProblem(audience, { name: 'audience', max: AUDIENCE_MAX });
  if (problem !== null) throw new OauthError('invalid_target', problem);
  const scope = form.get('scope');
  const scopes = scope === undefined ? null : parseScopeTokens(scope);
  if (scope !== undefined && scopes === null) {
    throw new OauthError(
      'invalid_scope',
      'scope must be action=resource, percent-encoded; several with spaces between.',
    );
  }
  if (scopes !== null && scopes.length > SCOPES_MAX) {
    throw new OauthError('invalid_scope', `scope: found ${scopes.length} scopes; at most ${SCOPES_MAX} are accepted.`);
  }
  const signed = await signForHolder(core, { secret, audience, scopes }, address);
  core.metrics.signedTokens.inc({ outcome: 'problem' in signed ? signed.problem : 'SIGNED' });
  if ('problem' in signed) throw new OauthError(errorCodes[signed.problem], signed.message);
  return {
    access_token: signed.token.reveal(),
    issued_token_type: type,
    token_type: 'Bearer',
    expires_in: signed.expiresInSeconds,
    scope: signed.scope,
    ...(signed.warnings.length === 0 ? {} : { warnings: signed.warnings }),
  };
}

/** A subject token that is not accepted is an invalid request, not a client that failed to authenticate (RFC 8693, section 2.2.2). */
async function signForHolder(...request: Parameters<typeof signToken>): ReturnType<typeof signToken> {
  try {
    return await signToken(...request);
  } catch (error) {
    if (!(error instanceof RequestError) || error.code !== 'UNAUTHENTICATED') throw error;
    return { problem: 'KEY_NOT_ACCEPTED', message: error.message };
  }
}
