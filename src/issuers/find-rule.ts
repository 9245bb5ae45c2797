import type { Prisma, TokenRule, TrustedIssuer } from '../../prisma/generated/client/client.ts';
import { claimText, type Claims } from '../domain/claims.ts';
import { judgeRule, type JudgedRule } from '../domain/token-rule.ts';
import { labelValueProblem } from '../domain/text.ts';
import type { LabelInput } from '../keys/check-labels.ts';
import { CONSUMER_LABEL } from '../keys/consumer-label.ts';
import type { Core, Transaction } from '../store/core.ts';
import { claimsFor, presetOf } from './presets/presets.ts';
import type { ReadToken } from './read-token.ts';
import { claimLabelsOf, conditionsOf, labelsGiven } from './stored-issuer.ts';

/** An issuer with its rules in force, oldest first: the first that matches counts. */
export type IssuerWithRules = TrustedIssuer & { readonly rules: readonly TokenRule[] };

export const rulesInForce = {
  where: { removedAt: null },
  orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
} satisfies Prisma.TrustedIssuer$rulesArgs;

/** The issuer that a token says it is of, trusted for whom it says it is for; null: none is. */
export async function findIssuer(
  { trustedIssuer }: Pick<Transaction | Core['prisma'], 'trustedIssuer'>,
  { issuer: url, audience }: Pick<ReadToken, 'issuer' | 'audience'>,
): Promise<IssuerWithRules | null> {
  const where = { url, audience, distrustedAt: null };
  return trustedIssuer.findFirst({ where, include: { rules: rulesInForce } });
}

/** What each rule of an issuer makes of what a token says. */
export function judgeRules(
  { preset, rules }: IssuerWithRules,
  claims: Claims,
): readonly { readonly rule: TokenRule; readonly judged: JudgedRule }[] {
  const known = presetOf(preset);
  const whole = claimsFor(known, claims);
  return rules.map((rule) => ({ rule, judged: judgeRule(conditionsOf(rule), known.refused, whole) }));
}

/** The labels of a key that is exchanged. What a claim says that can be no label's value is left out. */
export function labelsFor(rule: TokenRule, { preset }: TrustedIssuer, claims: Claims): readonly LabelInput[] {
  const known = presetOf(preset);
  const whole = claimsFor(known, claims);
  const taken = [{ name: CONSUMER_LABEL, claim: known.consumer }, ...claimLabelsOf(rule)].flatMap(({ name, claim }) => {
    const value = claimText(whole, claim);
    return value === null || labelValueProblem(value) !== null ? [] : [{ name, value }];
  });
  return [...labelsGiven(rule), ...taken];
}
