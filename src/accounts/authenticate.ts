import { brownoutAt } from '../domain/brownout.ts';
import { anonymous, type KeyCaller, type Role } from '../domain/caller.ts';
import { formOf, type CredentialForm } from '../domain/credential-form.ts';
import { hasCome } from '../domain/key.ts';
import type { RequestOrigin } from '../domain/origin.ts';
import { continueWith, type MaybePromise } from '../domain/maybe-promise.ts';
import type { RequestError } from '../domain/request-error.ts';
import { messageOf, outcomeMessages } from '../domain/outcome-message.ts';
import { isReserved } from '../domain/scope.ts';
import { secretStartOf } from '../domain/secret.ts';
import { Sensitive } from '../domain/sensitive.ts';
import { secretEndsAt } from '../domain/verification.ts';
import { decideOutcome, type DecisionServices, type SecretDecision } from '../keys/decide-outcome.ts';
import { recordRefusal } from '../keys/record-caller-use.ts';
import type { UseRecorder } from '../keys/use-recorder.ts';
import type { Core } from '../store/core.ts';
import { accountCallerOf } from './account-caller.ts';
import { authenticatePortal } from './authenticate-portal.ts';
import { credentialError, type Authentication, type CredentialEnd } from './authentication.ts';
import type { RateLimits } from './rate-limits.ts';
import type { SessionClaims, SessionTokens } from './session-tokens.ts';

export type AuthenticationServices = Core &
  DecisionServices & {
    readonly sessionTokens: SessionTokens;
    readonly rateLimits: RateLimits;
    readonly uses: UseRecorder;
  };

/**
 * Authenticates the caller by the Authorization header: `Bearer` and a session token or a key's secret (RFC 6750,
 * section 2.1). Without a header the caller is anonymous. Throws UNAUTHENTICATED with the reason if the credential is
 * not valid, or rejects with it. A key with allowed addresses is accepted only from them. What the node may answer from memory is returned at once, else a promise.
 *
 * `foreignRealm` is the slug of the realm in which a foreign secret is looked up; null: none is. `origin` is where the page of a
 * portal session stands; null: portal sessions are not accepted here.
 */
export function authenticate(
  services: AuthenticationServices,
  authorization: string | null,
  address: string,
  foreignRealm: string | null = null,
  origin: RequestOrigin | null = null,
): MaybePromise<Authentication> {
  if (authorization === null || authorization.trim() === '') return anonymousAuthentication;
  const [, credential] = /^Bearer +([^\s]+)$/i.exec(authorization.trim()) ?? [];
  if (credential === undefined) {
    throw credentialError('UNKNOWN', 'The Authorization header must be: Bearer <session token or key secret>.');
  }
  const form = formOf(credential);
  if (foreignRealm !== null && form === 'FOREIGN') {
    return authenticateKey(services, credential, address, foreignRealm);
  }
  if (form === 'PORTAL_SESSION') {
    if (origin === null) throw credentialError('UNKNOWN', 'A portal session is accepted at /graphql only.');
    return authenticatePortal(services, new Sensitive(credential), { address, origin });
  }
  return isSessionToken(form, credential)
    ? authenticateSession(services, credential)
    : authenticateKey(services, credential, address);
}

/** Whether a credential is to be verified as a session token. What has no form of this gateway gets the same refusal. */
function isSessionToken(form: CredentialForm, credential: string): boolean {
  return form === 'SESSION' || (form === 'FOREIGN' && secretStartOf(credential) === null);
}

const anonymousAuthentication: Authentication = {
  caller: anonymous,
  endsAt: null,
  reauthenticate: async () => anonymousAuthentication,
};

function authenticateKey(
  services: AuthenticationServices,
  credential: string,
  address: string,
  foreignRealm?: string,
): MaybePromise<Authentication> {
  return authenticateSecret(services, new Sensitive(credential), { address, foreignRealm }, (end) => {
    if (end === 'KEY_UNKNOWN') services.rateLimits.countUnknownKey(address);
  });
}

function authenticateSecret(
  services: AuthenticationServices,
  secret: Sensitive<string>,
  from: { readonly address: string; readonly foreignRealm: string | undefined },
  onRefused: (outcome: CredentialEnd) => void,
): MaybePromise<Authentication> {
  const { address, foreignRealm } = from;
  return continueWith(decideOutcome(services, secret.reveal(), null, undefined, address, foreignRealm), (decision) => ({
    ...requireValid(services.uses, decision, onRefused, foreignRealm !== undefined),
    reauthenticate: async () => authenticateSecret(services, secret, from, () => undefined),
  }));
}

/** Returns the caller that a valid secret proves, and the end of the secret. Throws UNAUTHENTICATED for any other. */
function requireValid(
  uses: UseRecorder,
  { outcome, found, now }: SecretDecision,
  onRefused: (outcome: CredentialEnd) => void,
  isForeign: boolean,
): Omit<Authentication, 'reauthenticate'> {
  // A brownout is for verifiers: at the gateway itself an enrolled key can be renewed.
  if ((outcome !== 'VALID' && outcome !== 'BROWNOUT') || found === null) {
    onRefused(outcome as CredentialEnd);
    // A retired secret was used at the gateway itself.
    if (outcome === 'SECRET_RETIRED' && found !== null) {
      uses.recordReuse(found, '', now);
    }
    if (found !== null) recordRefusal(uses, outcome, found, '', now);
    throw credentialError(
      outcome as CredentialEnd,
      found === null ? outcomeMessages.KEY_UNKNOWN : messageOf(outcome, found, null, now),
    );
  }
  const brownout = outcome === 'BROWNOUT' ? brownoutAt(found.brownouts, now) : null;
  const caller: KeyCaller = {
    kind: 'KEY',
    id: found.id,
    name: found.name,
    realmId: found.realmId,
    ownerId: found.ownerId,
    // A foreign secret gives no permission at the gateway beyond its own key.
    scopes: isForeign ? found.scopes.filter(({ action }) => !isReserved(action)) : found.scopes,
    ...(isForeign && { isForeign }),
    secretId: found.secretId,
    secretLow: found.secretLow,
    secretHigh: found.secretHigh,
    generation: found.generation,
    isCurrent: found.retiresAt === null,
    isUnused: found.firstUsedAt === null,
    ...(found.warnings.length > 0 && { warnings: found.warnings }),
    ...(brownout !== null && { brownout }),
  };
  return { caller, endsAt: secretEndsAt(found) };
}

async function authenticateSession(services: AuthenticationServices, token: string): Promise<Authentication> {
  const claims = await services.sessionTokens.verify(token);
  if (claims === null)
    throw credentialError(
      'UNKNOWN',
      'The session token was not issued by this gateway, or it has expired. Sign in again.',
    );
  return authenticateClaims(services, claims);
}

async function authenticateClaims(services: AuthenticationServices, claims: SessionClaims): Promise<Authentication> {
  // Expiry by time needs no database.
  if (hasCome(claims.expiresAt, services.clock.now())) throw sessionEndedError();
  const session = await findSession(services.prisma, claims.sessionId);
  if (session === null || session.accountId !== claims.accountId)
    throw credentialError('UNKNOWN', 'The session does not exist. Sign in again.');
  if (session.disabledAt !== null)
    throw credentialError('ACCOUNT_DISABLED', 'The account is disabled. Ask an administrator.');
  if (session.endedAt !== null || hasCome(session.expiresAt, services.clock.now())) throw sessionEndedError();
  const caller = accountCallerOf({ ...session, id: session.accountId }, session.id);
  return { caller, endsAt: session.expiresAt, reauthenticate: () => authenticateClaims(services, claims) };
}

/** A session with its account. */
interface SessionRow {
  readonly id: string;
  readonly accountId: string;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
  readonly name: string;
  readonly isAdministrator: boolean;
  readonly disabledAt: Date | null;
  readonly memberships: readonly { readonly organizationId: string; readonly role: Role }[];
}

/** Finds a session with its account and the account's roles, in one statement; null: there is none. */
async function findSession(prisma: Core['prisma'], id: string): Promise<SessionRow | null> {
  const [session] = await prisma.$queryRaw<SessionRow[]>`
    SELECT s.id, s."accountId", s."expiresAt", s."endedAt", a.name, a."isAdministrator", a."disabledAt",
      (SELECT coalesce(jsonb_agg(jsonb_build_object('organizationId', m."organizationId", 'role', m.role)), '[]')
       FROM "Membership" m WHERE m."accountId" = a.id) AS memberships
    FROM "Session" s JOIN "Account" a ON a.id = s."accountId" WHERE s.id = ${id}`;
  return session ?? null;
}

function sessionEndedError(): RequestError {
  return credentialError('SESSION_ENDED', 'The session has ended. Sign in again.');
}
