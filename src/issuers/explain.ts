import type { TrustedIssuer } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { claimText, type Claims } from '../domain/claims.ts';
import type { Json } from '../domain/event.ts';
import { may } from '../domain/permission.ts';
import { badUserInput, forbidden } from '../domain/request-error.ts';
import type { Sensitive } from '../domain/sensitive.ts';
import type { Core } from '../store/core.ts';
import { findTokenProblem } from './exchange.ts';
import {
  activeRules,
  buildKeyLabels,
  evaluateRules,
  type EvaluatedRule,
  type IssuerWithRules,
  type OmittedLabel,
} from './match-rules.ts';
import { presetOf } from './presets/presets.ts';
import type { TokenVerificationCore } from './verify-token.ts';
import { parseToken, tokenUseDigest, type ParsedToken } from './parse-token.ts';

export interface ExplainTokenInput {
  /** The realm's slug. */
  readonly realm: string;
  /** Exactly one of the two is given: a token, or the claims of one. */
  readonly token: Sensitive<string> | null;
  readonly claims: Json | null;
}

/** Whether a token would be exchanged in a realm, and why. */
export interface TokenExplanation {
  /** The problems of the token itself, as sentences, apart from the rules; empty: none. */
  readonly problems: readonly string[];
  /** The realm’s issuer with the token’s `iss`; null: the realm trusts no such issuer. */
  readonly issuer: TrustedIssuer | null;
  /** Every active rule of that issuer, in the order in which they are tried. */
  readonly rules: readonly (EvaluatedRule & { readonly omittedLabels: readonly OmittedLabel[] })[];
}

/**
 * Explains to an administrator whether a token, or a set of claims, would be exchanged. The token is not used up.
 *
 * @throws FORBIDDEN for all other callers, before anything is read.
 */
export async function explainToken(
  core: Core & TokenVerificationCore,
  caller: Caller,
  { realm: slug, token: text, claims: givenClaims }: ExplainTokenInput,
): Promise<TokenExplanation> {
  if (!may(caller, 'realm.manage', {})) throw forbidden('Only administrators may have tokens explained.');
  if ((text === null) === (givenClaims === null))
    throw badUserInput('Give exactly one of token and claims.', ['input', 'token']);
  const realm = await core.prisma.realm.findUnique({ where: { slug } });
  if (realm === null) throw badUserInput('realm: no realm has this slug.', ['input', 'realm']);
  const token = text === null ? null : parseToken(text.reveal(), core.clock.now());
  if (token !== null && 'problem' in token) return { problems: [token.message], issuer: null, rules: [] };
  const claims = token?.claims ?? parseClaims(givenClaims);
  const issuers: readonly IssuerWithRules[] = await core.prisma.trustedIssuer.findMany({
    where: { realmId: realm.id, url: claimText(claims, 'iss') ?? '', distrustedAt: null },
    include: { rules: activeRules },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
  const audience = token?.audience ?? claimText(claims, 'aud');
  const issuer = issuers.find((candidate) => candidate.audience === audience) ?? issuers[0];
  if (issuer === undefined) {
    const found = claimText(claims, 'iss') ?? 'nothing';
    return { problems: [`Its iss is ${found}; this realm does not trust that issuer.`], issuer: null, rules: [] };
  }
  const problems = [
    ...findAudienceProblems(issuer, audience),
    ...(await findTokenProblems(core, issuer, token, claims)),
  ];
  const rules = evaluateRules(issuer, claims).map((evaluated) => ({
    ...evaluated,
    omittedLabels: buildKeyLabels(evaluated.rule, issuer, claims).omitted,
  }));
  return { problems, issuer, rules };
}

function parseClaims(value: Json | null): Claims {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Claims;
  throw badUserInput('claims: expected a JSON object.', ['input', 'claims']);
}

function findAudienceProblems({ audience }: TrustedIssuer, found: string | null): readonly string[] {
  return audience === found ? [] : [`Its aud is ${found ?? 'not a single string'}; this realm expects ${audience}.`];
}

/**
 * Finds the problems of a token besides its audience and the rules: a bad signature, a missing jti, an earlier
 * exchange. Claims without a token can only lack the jti.
 */
async function findTokenProblems(
  core: Core & TokenVerificationCore,
  issuer: IssuerWithRules,
  token: ParsedToken | null,
  claims: Claims,
): Promise<readonly string[]> {
  if (token === null) {
    const isMissingId = presetOf(issuer.preset).hasTokenIds && claimText(claims, 'jti') === null;
    return isMissingId ? ['The token has no jti.'] : [];
  }
  // The audience is reported by findAudienceProblems. Here the token is verified for its own audience, so that only
  // other problems show.
  const refused = await findTokenProblem(core, { ...issuer, audience: token.audience }, token);
  const used = await core.prisma.usedToken.count({ where: { issuer: issuer.url, digest: tokenUseDigest(token) } });
  return [...(refused === null ? [] : [refused.message]), ...(used === 0 ? [] : ['The token was already exchanged.'])];
}
