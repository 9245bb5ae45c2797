import type { TokenRule, TrustedIssuer } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { claimText, type Claims } from '../domain/claims.ts';
import type { Json } from '../domain/event.ts';
import { may } from '../domain/permission.ts';
import { badUserInput, forbidden } from '../domain/request-error.ts';
import type { Sensitive } from '../domain/sensitive.ts';
import type { RuleResult } from '../domain/token-rule.ts';
import type { Core } from '../store/core.ts';
import { findTokenProblem } from './exchange.ts';
import { evaluateRules, activeRules, type IssuerWithRules } from './match-rules.ts';
import { presetOf } from './presets/presets.ts';
import type { TokenVerificationCore } from './verify-token.ts';
import { parseToken, tokenUseDigest, type ParsedToken } from './parse-token.ts';

export interface ExplainTokenInput {
  /** The realm's slug. */
  readonly realm: string;
  /** One of the two: a whole token, or what one says. */
  readonly token: Sensitive<string> | null;
  readonly claims: Json | null;
}

/** What would become of a token in a realm, and why. */
export interface TokenExplanation {
  /** What is wrong with the token itself, whatever the rules say, for people; empty: nothing. */
  readonly problems: readonly string[];
  /** The issuer of the realm that it is of; null: none is. */
  readonly issuer: TrustedIssuer | null;
  /** Every rule of that issuer, in the order in which they are asked. */
  readonly rules: readonly { readonly rule: TokenRule; readonly judged: RuleResult }[];
}

/** Explains a token, or what one says, to those who administer the rules; nobody else learns anything. Nothing is used up. */
export async function explainToken(
  core: Core & TokenVerificationCore,
  caller: Caller,
  { realm: slug, token: text, claims: given }: ExplainTokenInput,
): Promise<TokenExplanation> {
  if (!may(caller, 'realm.manage', {})) throw forbidden('Only administrators have tokens explained.');
  if ((text === null) === (given === null)) throw badUserInput('Give one of token and claims.', ['input', 'token']);
  const realm = await core.prisma.realm.findUnique({ where: { slug } });
  if (realm === null) throw badUserInput('realm: there is no realm with this slug.', ['input', 'realm']);
  const token = text === null ? null : parseToken(text.reveal(), core.clock.now());
  if (token !== null && 'problem' in token) return { problems: [token.message], issuer: null, rules: [] };
  const claims = token?.claims ?? parseClaims(given);
  const issuers: readonly IssuerWithRules[] = await core.prisma.trustedIssuer.findMany({
    where: { realmId: realm.id, url: claimText(claims, 'iss') ?? '', distrustedAt: null },
    include: { rules: activeRules },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
  const audience = token?.audience ?? claimText(claims, 'aud');
  const issuer = issuers.find((one) => one.audience === audience) ?? issuers[0];
  if (issuer === undefined) {
    const found = claimText(claims, 'iss') ?? 'nothing';
    return { problems: [`Its iss is ${found}, which this realm does not trust.`], issuer: null, rules: [] };
  }
  const problems = [
    ...findAudienceProblems(issuer, audience),
    ...(await findTokenProblems(core, issuer, token, claims)),
  ];
  return { problems, issuer, rules: evaluateRules(issuer, claims) };
}

function parseClaims(given: Json | null): Claims {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given as Claims;
  throw badUserInput('claims: found what is no JSON object.', ['input', 'claims']);
}

function findAudienceProblems({ audience }: TrustedIssuer, found: string | null): readonly string[] {
  return audience === found ? [] : [`Its aud is ${found ?? 'not one text'}; this realm expects ${audience}.`];
}

/** What of a token that is whole nobody can see in its claims. */
async function findTokenProblems(
  core: Core & TokenVerificationCore,
  issuer: IssuerWithRules,
  token: ParsedToken | null,
  claims: Claims,
): Promise<readonly string[]> {
  if (token === null) {
    const isNameless = presetOf(issuer.preset).hasTokenIds && claimText(claims, 'jti') === null;
    return isNameless ? ['It has no jti.'] : [];
  }
  // Whom it is for is said apart: what is asked here is who has signed it.
  const refused = await findTokenProblem(core, { ...issuer, audience: token.audience }, token);
  const used = await core.prisma.usedToken.count({ where: { issuer: issuer.url, digest: tokenUseDigest(token) } });
  return [...(refused === null ? [] : [refused.message]), ...(used === 0 ? [] : ['It was exchanged before.'])];
}
