import { SignJWT } from 'jose';
import { authenticate, type AuthenticationServices } from '../accounts/authenticate.ts';
import { SESSION_AUDIENCE } from '../accounts/session-tokens.ts';
import type { SigningKeys } from '../accounts/signing-keys.ts';
import { formOf } from '../domain/credential-form.ts';
import { MINUTE_MS } from '../domain/duration.ts';
import { includesScope, isReserved, scopeProblem, type Scope } from '../domain/scope.ts';
import { formatScopeTokens } from '../domain/scope-token.ts';
import { brownoutMessage } from '../domain/outcome-message.ts';
import { Sensitive } from '../domain/sensitive.ts';
import { describeWarnings, noWarnings, type VerificationWarning } from '../domain/verification-warning.ts';
import { recordCallerUse } from '../keys/record-caller-use.ts';

/** The longest lifetime of a signed token: for so long it may outlive a revocation of its key (law 1). */
export const SIGNED_TOKEN_LIFETIME_MS = 5 * MINUTE_MS;

/** Explicit typing (RFC 9068, section 2.1). A session token has another type, and the token of a job as well. */
const TYPE = 'at+jwt';

export interface SignTokenInput {
  readonly secret: Sensitive<string>;
  /** Who is to accept the token. Never this gateway. */
  readonly audience: string;
  /** The requested scopes. Null: all scopes of the key that a token can have. */
  readonly scopes: readonly Scope[] | null;
}

export interface SignedToken {
  readonly token: Sensitive<string>;
  readonly expiresInSeconds: number;
  /** The scopes of the token as OAuth writes them. */
  readonly scope: string;
  /** Announced changes that will stop the key. */
  readonly warnings: readonly VerificationWarning[];
}

/** Why no token is signed, for the holder of the secret. */
export interface RefusedSigning {
  readonly problem: 'KEY_NOT_ACCEPTED' | 'REALM_NOT_ALLOWED' | 'AUDIENCE_NOT_ALLOWED' | 'SCOPE_NOT_ALLOWED';
  readonly message: string;
}

export type SigningCore = AuthenticationServices & {
  readonly signingKeys: SigningKeys;
  readonly publicUrl: () => string;
};

/**
 * Exchanges the secret of a good key for a token that this gateway signs (RFC 9068), which APIs verify without asking
 * the gateway. Only in realms with `signedTokens`. The token ends after 5 minutes, and never after the secret; it has
 * at most the scopes of the key; the gateway itself never accepts it. The exchange counts as use of the key.
 *
 * @throws UNAUTHENTICATED if the secret is not good; RATE_LIMITED for too many tokens of one key.
 */
export async function signToken(
  core: SigningCore,
  { secret, audience, scopes: requested }: SignTokenInput,
  address: string,
): Promise<SignedToken | RefusedSigning> {
  const text = secret.reveal().trim();
  if (formOf(text) !== 'KEY') return refuse('KEY_NOT_ACCEPTED', 'The subject_token is not the secret of a key.');
  const { caller, endsAt } = await authenticate(core, `Bearer ${text}`, address);
  if (caller.kind !== 'KEY') return refuse('KEY_NOT_ACCEPTED', 'The subject_token is not the secret of a key.');
  if (caller.brownout !== undefined) {
    return refuse('KEY_NOT_ACCEPTED', brownoutMessage(new Date(caller.brownout.to)));
  }
  core.rateLimits.attemptSigning(caller.id);
  const realm = await core.prisma.realm.findUniqueOrThrow({ where: { id: caller.realmId } });
  if (!realm.signedTokens) {
    return refuse(
      'REALM_NOT_ALLOWED',
      `The realm ${realm.slug} allows no signed tokens. An administrator can allow them.`,
    );
  }
  if (isOwnAudience(audience, core.publicUrl())) {
    return refuse(
      'AUDIENCE_NOT_ALLOWED',
      'The audience is this gateway; expected the API that is to accept the token.',
    );
  }
  const grantable = caller.scopes.filter(({ action }) => !isReserved(action));
  const scopes = requested ?? grantable;
  const isIncluded = (scope: Scope) =>
    scopeProblem(scope) === null && includesScope(grantable, scope, { foldsCase: realm.foldsCase });
  if (scopes.length === 0 || !scopes.every(isIncluded)) {
    return refuse(
      'SCOPE_NOT_ALLOWED',
      'A scope is not included in the scopes of the key. Actions keytide:* never are.',
    );
  }
  const now = core.clock.now();
  const issuedSecond = Math.floor(now.getTime() / 1000);
  const latestSecond = issuedSecond + SIGNED_TOKEN_LIFETIME_MS / 1000;
  const expirySecond = Math.min(latestSecond, Math.floor((endsAt?.getTime() ?? Number.POSITIVE_INFINITY) / 1000));
  if (expirySecond <= issuedSecond) return refuse('KEY_NOT_ACCEPTED', 'The secret ends within a second.');
  recordCallerUse(core.uses, caller, now);
  const scope = formatScopeTokens(scopes);
  const { id, privateKey } = await core.signingKeys.current();
  const token = await new SignJWT({ scope, client_id: caller.id, realm: realm.slug })
    .setProtectedHeader({ alg: 'EdDSA', typ: TYPE, kid: id })
    .setIssuer(core.publicUrl())
    .setAudience(audience)
    .setSubject(caller.ownerId)
    .setJti(Buffer.from(core.random(16)).toString('base64url'))
    .setIssuedAt(issuedSecond)
    .setExpirationTime(expirySecond)
    .sign(privateKey);
  const warnings = describeWarnings(caller.warnings ?? noWarnings);
  return { token: new Sensitive(token), expiresInSeconds: expirySecond - issuedSecond, scope, warnings };
}

/** Returns whether an audience is this gateway: its name in session tokens, its host, or any URL of its origin. */
function isOwnAudience(audience: string, publicUrl: string): boolean {
  const own = new URL(publicUrl);
  const isUrl = URL.canParse(audience);
  if (isUrl && new URL(audience).host !== '') return new URL(audience).host === own.host;
  return [SESSION_AUDIENCE, own.host, own.hostname].includes(audience.trim().toLowerCase());
}

function refuse(problem: RefusedSigning['problem'], message: string): RefusedSigning {
  return { problem, message };
}
