import { isDeepStrictEqual } from 'node:util';
import type { Realm, TokenRule, TrustedIssuer } from '../../prisma/generated/client/client.ts';
import type { RateLimits } from '../accounts/rate-limits.ts';
import { anonymous } from '../domain/caller.ts';
import { MINUTE_MS } from '../domain/duration.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { addMs } from '../domain/key.ts';
import { isReserved } from '../domain/scope.ts';
import type { Sensitive } from '../domain/sensitive.ts';
import { createSecret, readRecipient } from '../keys/create-secret.ts';
import type { Owner } from '../keys/find-owner.ts';
import type { PolicyCore } from '../keys/apply-policies.ts';
import { createKey, type KeyIssuance } from '../keys/create-key.ts';
import { draftKey, evaluateNewKey } from '../keys/draft-keys.ts';
import type { Change } from '../log/change.ts';
import { useCase, type IdempotentInput } from '../log/use-case.ts';
import { shareRealm } from '../policies/lock-realm.ts';
import { tryShareOwners } from '../policies/lock-owners.ts';
import { rehearsePolicies } from '../policies/rehearse-policies.ts';
import { loadPolicyFacts } from '../policies/realm-policies.ts';
import { loadSteady } from '../store/load-once.ts';
import { findIssuer, evaluateRules, buildKeyLabels, type FoundIssuer, type IssuerWithRules } from './match-rules.ts';
import { presetOf } from './presets/presets.ts';
import { verifyToken, type TokenVerificationCore } from './verify-token.ts';
import { parseToken, tokenUseDigest, type ParsedToken } from './parse-token.ts';
import { recordTokenReuse } from './record-token-reuse.ts';
import { refuseToken, tokenRemedy, type RefusedToken } from './refused-token.ts';
import { readRuleScopes } from './stored-issuer.ts';

/** The lifetime of a key that was issued in exchange for a token: long enough for one job. */
export const EXCHANGED_KEY_LIFETIME_MS = 15 * MINUTE_MS;

export interface ExchangeTokenInput {
  readonly token: Sensitive<string>;
  /** The public JWK to which the secret is encrypted; null: the secret is returned in plain text. */
  readonly publicKey: string | null;
}

export type ExchangeCore = PolicyCore & TokenVerificationCore & { readonly rateLimits: RateLimits };

/** The core of one exchange, with the verified token and the issuer whose keys verified it. */
type VerifiedExchangeCore = ExchangeCore & { readonly token: ParsedToken; readonly issuer: TrustedIssuer };

interface AllowedExchange {
  readonly issuer: IssuerWithRules;
  readonly realm: Realm;
  readonly rule: TokenRule;
  readonly owner: Owner;
}

/** The input that the idempotency record is made from: the digest of the token, never the token. */
interface ExchangeRequest {
  readonly tokenDigest: string;
  readonly publicKey: string | null;
}

const exchangeTokenUseCase = useCase<ExchangeRequest, AllowedExchange, KeyIssuance, VerifiedExchangeCore>()({
  name: 'exchangeToken',
  rehearse: rehearsePolicies,

  async authorize(change) {
    const { tx, core } = change;
    const { token, issuer: verifiedBy } = core;
    // Changes of the realm, its issuers and its bindings wait until this transaction ends, or this one waits and then sees them.
    const rehearsed = change.share('owners of the exchange', () => ({ ownerIds: [] as readonly string[] }));
    const realm = await shareRealm(change, { id: verifiedBy.realmId }, rehearsed.ownerIds);
    const issuer = await loadSteady(tx, `issuer ${token.issuer} ${token.audience}`, () => findIssuer(tx, token));
    if (realm === null || issuer?.id !== verifiedBy.id || !isDeepStrictEqual(issuer.keySet, verifiedBy.keySet)) {
      return tokenNotAccepted(refuseToken('NOT_TRUSTED', NOT_TRUSTED));
    }
    const match = evaluateRules(issuer, token.claims).find(({ evaluation }) => evaluation.isMatch);
    if (match === undefined)
      return tokenNotAccepted(refuseToken('NO_RULE', 'No rule of its issuer matches the claims of this token.'));
    const { rule } = match;
    const owner = ownerOf(rule);
    rehearsed.ownerIds = [owner.id];
    await tryShareOwners(change, rehearsed.ownerIds);
    // With the policies that the key will be evaluated with.
    const { owners } = await loadPolicyFacts(tx, [issuer.realmId], [owner.id]);
    const isDisabled = owner.kind === 'account' && owners.get(owner.id)?.disabledAt !== null;
    if (isDisabled || hasRetiredAction(issuer, rule)) {
      return tokenNotAccepted(refuseToken('NOT_ALLOWED', NOT_ALLOWED));
    }
    return { issuer, realm, rule, owner };
  },

  async run(change, _caller, { publicKey }, { issuer, realm, rule, owner }) {
    const { core } = change;
    const recipient = readRecipient(publicKey);
    if (recipient !== null && isFailure(recipient)) return recipient;
    const secret = await createSecret(change, recipient, realm);
    if (isFailure(secret)) return secret;
    const { labels, omitted } = buildKeyLabels(rule, issuer, core.token.claims);
    const draft = draftKey(change, {
      name: rule.name,
      scopes: readRuleScopes(rule),
      labels,
      parentId: null,
    });
    const chosen = {
      chosenExpiresAt: addMs(draft.createdAt, EXCHANGED_KEY_LIFETIME_MS),
      lifetimeMs: EXCHANGED_KEY_LIFETIME_MS,
    };
    const actor = { kind: 'SYSTEM', id: null, name: rule.name } as const;
    const omittedLabels = omitted.length === 0 ? {} : { omittedLabels: omitted };
    const eventData = { issuerId: issuer.id, ruleId: rule.id, issuer: issuer.url, ...omittedLabels };
    const origin = { issuedById: null, actor, eventData };
    const life = { draft, realm, owner, chosen, tokenRuleId: rule.id };
    const evaluated = await evaluateNewKey(change, life);
    if (!(await markTokenUsed(change, core.token))) {
      return tokenNotAccepted(refuseToken('USED', 'This token was already exchanged. A token can be exchanged once.'));
    }
    // Throws RATE_LIMITED, so that the transaction rolls back and the token can still be exchanged later.
    core.rateLimits.attemptExchangeByRule(rule.id);
    return createKey(change, { ...life, secret, origin, evaluated });
  },
});

const NOT_TRUSTED = 'No realm trusts the issuer of this token for its audience.';
const NOT_ALLOWED = 'A rule matches this token, but its owner is disabled or one of its actions is retired.';

/**
 * Exchanges a job's token for a key that lives 15 minutes. Each token can be exchanged once. A token that is malformed, expired
 * or of an unknown issuer is refused before the issuer's keys are fetched. The transaction that creates the key loads the
 * issuer again and evaluates its rules.
 *
 * @throws RATE_LIMITED for too many attempts from one address or too many keys by one rule; UNAVAILABLE if the issuer's keys
 *   cannot be fetched.
 */
export async function exchangeToken(
  core: ExchangeCore,
  { token: text, publicKey, ...more }: ExchangeTokenInput & IdempotentInput,
  address: string,
): Promise<KeyIssuance | Failure<'TokenNotAccepted' | 'PublicKeyInvalid' | 'IdempotencyConflict'>> {
  core.rateLimits.attemptExchange(address);
  const token = parseToken(text.reveal(), core.clock.now());
  if ('problem' in token) return tokenNotAccepted(token);
  const issuer = await findIssuer(core.prisma, token);
  if (issuer === null) return tokenNotAccepted(refuseToken('NOT_TRUSTED', NOT_TRUSTED));
  const problem = await findTokenProblem(core, issuer, token);
  if (problem !== null) return tokenNotAccepted(problem);
  const tokenDigest = token.signedDigest.toString('base64url');
  const issued = await exchangeTokenUseCase(
    { ...core, token, issuer },
    { ...anonymous, credentialDigest: tokenDigest },
    { tokenDigest, publicKey, ...more },
  );
  if (isFailure(issued) && issued.details['problem'] === 'USED') await recordTokenReuse(core, issuer, token);
  return issued;
}

/**
 * Returns why a token is not a valid token of an issuer; null if it is valid. A token without a `jti` is refused if
 * every token of the provider has one. Throws UNAVAILABLE like `verifyToken`.
 */
export async function findTokenProblem(
  core: TokenVerificationCore,
  issuer: IssuerWithRules,
  token: ParsedToken,
): Promise<RefusedToken | null> {
  if (presetOf(issuer.preset).hasTokenIds && token.tokenId === null)
    return refuseToken('MALFORMED', 'The token has no jti.');
  return verifyToken(core, issuer, token);
}

/** Records that a token is used. Waits for a concurrent exchange of the same token. Returns false if it was already used. */
async function markTokenUsed({ tx }: Change, token: ParsedToken): Promise<boolean> {
  const { issuer, acceptedUntil } = token;
  const used = await tx.$executeRaw`
    INSERT INTO "UsedToken" (issuer, digest, "keptUntil") VALUES (${issuer}, ${tokenUseDigest(token)}, ${acceptedUntil})
    ON CONFLICT DO NOTHING`;
  return used === 1;
}

function ownerOf({ accountId, organizationId }: TokenRule): Owner {
  return organizationId === null
    ? { kind: 'account', id: accountId ?? '' }
    : { kind: 'organization', id: organizationId };
}

/** Returns whether an action in the rule's scopes has been retired, so that new keys cannot have it. */
function hasRetiredAction({ activeActions }: FoundIssuer, rule: TokenRule): boolean {
  return readRuleScopes(rule).some(({ action }) => !isReserved(action) && !activeActions.includes(action));
}

function tokenNotAccepted({ problem, message }: RefusedToken): Failure<'TokenNotAccepted'> {
  return fail('TokenNotAccepted', message, {
    path: ['input', 'token'],
    details: { problem },
    remedy: tokenRemedy(problem),
  });
}
