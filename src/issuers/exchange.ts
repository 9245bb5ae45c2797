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
import { createKey, draftKey, type KeyIssuance } from '../keys/create-key.ts';
import type { Change } from '../log/change.ts';
import { useCase, type IdempotentInput } from '../log/use-case.ts';
import { findIssuer, evaluateRules, buildKeyLabels, type IssuerWithRules } from './match-rules.ts';
import { presetOf } from './presets/presets.ts';
import { verifyToken, type TokenVerificationCore } from './verify-token.ts';
import { parseToken, tokenUseDigest, type ParsedToken } from './parse-token.ts';
import { refuseToken, type RefusedToken } from './refused-token.ts';
import { readRuleScopes } from './stored-issuer.ts';

/** How long a key lives that was exchanged for a token: as long as a job takes to do what it is for. */
export const EXCHANGED_KEY_LIFETIME_MS = 15 * MINUTE_MS;

export interface ExchangeTokenInput {
  readonly token: Sensitive<string>;
  /** To whom the secret is sealed; null: it is shown as it is. */
  readonly publicKey: string | null;
}

/** What tokens are exchanged with. */
export type ExchangeCore = PolicyCore & TokenVerificationCore & { readonly rateLimits: RateLimits };

/** The same with a token, and the issuer by whose keys it was proved. */
type VerifiedExchangeCore = ExchangeCore & { readonly token: ParsedToken; readonly issuer: TrustedIssuer };

interface AllowedExchange {
  readonly issuer: IssuerWithRules;
  readonly realm: Realm;
  readonly rule: TokenRule;
  readonly owner: Owner;
}

/** What is told of a request to exchange a token is its digest alone. */
interface ExchangeRequest {
  readonly tokenDigest: string;
  readonly publicKey: string | null;
}

const exchangeTokenUseCase = useCase<ExchangeRequest, AllowedExchange, KeyIssuance, VerifiedExchangeCore>({
  name: 'exchangeToken',

  async authorize(change) {
    const { tx, core } = change;
    const { token, issuer: prover } = core;
    // Changes of the realm, its issuers and its bindings wait for this key; or this waits for them, and then sees them.
    await tx.$queryRaw`SELECT 1 FROM "Realm" WHERE id = ${prover.realmId} FOR SHARE`;
    const issuer = await findIssuer(tx, token);
    if (issuer?.id !== prover.id || !isDeepStrictEqual(issuer.keySet, prover.keySet)) {
      return tokenNotAccepted(refuseToken('NOT_TRUSTED', NOT_TRUSTED));
    }
    const match = evaluateRules(issuer, token.claims).find(({ judged }) => judged.isMatch);
    if (match === undefined) return tokenNotAccepted(refuseToken('NO_RULE', 'No rule is for what this token says.'));
    const realm = await tx.realm.findUniqueOrThrow({ where: { id: issuer.realmId } });
    const owner = await findActiveOwner(change, match.rule);
    if (owner === null || (await hasRetiredAction(change, match.rule, realm.id))) {
      return tokenNotAccepted(refuseToken('NOT_ALLOWED', NOT_ALLOWED));
    }
    return { issuer, realm, rule: match.rule, owner };
  },

  async run(change, _caller, { publicKey }, { issuer, realm, rule, owner }) {
    const { core } = change;
    const recipient = readRecipient(publicKey);
    if (recipient !== null && isFailure(recipient)) return recipient;
    const made = await createSecret(change, recipient);
    if (isFailure(made)) return made;
    if (!(await markTokenUsed(change, core.token))) {
      return tokenNotAccepted(refuseToken('USED', 'This token was exchanged before; each is good for one key.'));
    }
    // Thrown, so that the token is still good when it comes again.
    core.rateLimits.attemptExchangeByRule(rule.id);
    const now = change.now();
    const { claims } = core.token;
    const asked = {
      name: rule.name,
      scopes: readRuleScopes(rule),
      labels: buildKeyLabels(rule, issuer, claims),
      parentId: null,
    };
    const chosen = { chosenExpiresAt: addMs(now, EXCHANGED_KEY_LIFETIME_MS), lifetimeMs: EXCHANGED_KEY_LIFETIME_MS };
    const actor = { kind: 'SYSTEM', id: null, name: rule.name } as const;
    const eventData = { issuerId: issuer.id, ruleId: rule.id, issuer: issuer.url };
    const origin = { issuedById: null, tokenRuleId: rule.id, actor, eventData };
    return createKey(change, draftKey(change, asked, now), { realm, owner, chosen, secret: made, origin }, now);
  },
});

const NOT_TRUSTED = 'No realm trusts the issuer of this token for its audience.';
const NOT_ALLOWED = 'A rule is for this token, but what it gives can no longer be given: ask an administrator.';

/**
 * Exchanges a token of a job for a key that lives a quarter of an hour, once. What can be refused without its issuer's keys is
 * refused before anyone asks for them; what is signed is looked at again in the transaction that makes the key.
 */
export async function exchangeToken(
  core: ExchangeCore,
  { token: text, publicKey, ...more }: ExchangeTokenInput & IdempotentInput,
  address: string,
): Promise<KeyIssuance | Failure> {
  core.rateLimits.attemptExchange(address);
  const token = parseToken(text.reveal(), core.clock.now());
  if ('problem' in token) return tokenNotAccepted(token);
  const prover = await findIssuer(core.prisma, token);
  if (prover === null) return tokenNotAccepted(refuseToken('NOT_TRUSTED', NOT_TRUSTED));
  const problem = await findTokenProblem(core, prover, token);
  if (problem !== null) return tokenNotAccepted(problem);
  const tokenDigest = token.signedDigest.toString('base64url');
  return exchangeTokenUseCase(
    { ...core, token, issuer: prover },
    { ...anonymous, credentialDigest: tokenDigest },
    { tokenDigest, publicKey, ...more },
  );
}

/** Why a token is not one of an issuer that can be told from every other; null: it is. */
export async function findTokenProblem(
  core: TokenVerificationCore,
  issuer: IssuerWithRules,
  token: ParsedToken,
): Promise<RefusedToken | null> {
  if (presetOf(issuer.preset).hasTokenIds && token.tokenId === null) return refuseToken('MALFORMED', 'It has no jti.');
  return verifyToken(core, issuer, token);
}

/** Takes a token for this exchange and no other. A twin under way is waited for. False: it was taken before. */
async function markTokenUsed({ tx }: Change, token: ParsedToken): Promise<boolean> {
  const { issuer, acceptedUntil } = token;
  const used = await tx.$executeRaw`
    INSERT INTO "UsedToken" (issuer, digest, "keptUntil") VALUES (${issuer}, ${tokenUseDigest(token)}, ${acceptedUntil})
    ON CONFLICT DO NOTHING`;
  return used === 1;
}

async function findActiveOwner({ tx }: Change, { accountId, organizationId }: TokenRule): Promise<Owner | null> {
  if (organizationId !== null) return { kind: 'organization', id: organizationId };
  const account = accountId && (await tx.account.findUnique({ where: { id: accountId, disabledAt: null } }));
  return account ? { kind: 'account', id: account.id } : null;
}

/** Whether something that a rule gives was taken out of new keys since. */
async function hasRetiredAction({ tx }: Change, rule: TokenRule, realmId: string): Promise<boolean> {
  const names = new Set(
    readRuleScopes(rule)
      .map(({ action }) => action)
      .filter((action) => !isReserved(action)),
  );
  const known = await tx.action.count({ where: { realmId, retiredAt: null, name: { in: [...names] } } });
  return known < names.size;
}

function tokenNotAccepted({ problem, message }: RefusedToken): Failure<'TokenNotAccepted'> {
  return fail('TokenNotAccepted', message, { path: ['input', 'token'], details: { problem } });
}
