import type { Prisma, TokenRule, TrustedIssuer } from '../../prisma/generated/client/client.ts';
import { claimText, type Claims } from '../domain/claims.ts';
import { matchRule, type RuleResult } from '../domain/token-rule.ts';
import { labelValueProblem } from '../domain/text.ts';
import type { LabelInput } from '../keys/check-labels.ts';
import { CONSUMER_LABEL } from '../keys/consumer-label.ts';
import type { Core, Transaction } from '../store/core.ts';
import { addDerivedClaims, presetOf } from './presets/presets.ts';
import type { ParsedToken } from './parse-token.ts';
import { readRuleClaimLabels, readRuleConditions, readRuleLabels } from './stored-issuer.ts';

/** An issuer with its rules in force, oldest first: the first that matches counts. */
export type IssuerWithRules = TrustedIssuer & { readonly rules: readonly TokenRule[] };

export const activeRules = {
  where: { removedAt: null },
  orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
} satisfies Prisma.TrustedIssuer$rulesArgs;

/** The issuer that a token says it is of, trusted for whom it says it is for; null: none is. */
export async function findIssuer(
  { trustedIssuer }: Pick<Transaction | Core['prisma'], 'trustedIssuer'>,
  { issuer: url, audience }: Pick<ParsedToken, 'issuer' | 'audience'>,
): Promise<IssuerWithRules | null> {
  const where = { url, audience, distrustedAt: null };
  return trustedIssuer.findFirst({ where, include: { rules: activeRules } });
}

/** What each rule of an issuer makes of what a token says. */
export function evaluateRules(
  { preset, rules }: IssuerWithRules,
  claims: Claims,
): readonly { readonly rule: TokenRule; readonly judged: RuleResult }[] {
  const known = presetOf(preset);
  const whole = addDerivedClaims(known, claims);
  return rules.map((rule) => ({ rule, judged: matchRule(readRuleConditions(rule), known.refusedContexts, whole) }));
}

/** The labels of a key that is exchanged. What a claim says that can be no label's value is left out. */
export function buildKeyLabels(rule: TokenRule, { preset }: TrustedIssuer, claims: Claims): readonly LabelInput[] {
  const known = presetOf(preset);
  const whole = addDerivedClaims(known, claims);
  const taken = [{ name: CONSUMER_LABEL, claim: known.consumer }, ...readRuleClaimLabels(rule)].flatMap(
    ({ name, claim }) => {
      const value = claimText(whole, claim);
      return value === null || labelValueProblem(value) !== null ? [] : [{ name, value }];
    },
  );
  return [...readRuleLabels(rule), ...taken];
}
