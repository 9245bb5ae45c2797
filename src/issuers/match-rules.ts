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

/** An issuer with its active rules, oldest first. The first rule that matches a token applies. */
export type IssuerWithRules = TrustedIssuer & { readonly rules: readonly TokenRule[] };

export const activeRules = {
  where: { removedAt: null },
  orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
} satisfies Prisma.TrustedIssuer$rulesArgs;

/** Finds the trusted issuer with a token's `iss` and `aud`, in whichever realm; null: there is none. */
export async function findIssuer(
  { trustedIssuer }: Pick<Transaction | Core['prisma'], 'trustedIssuer'>,
  { issuer: url, audience }: Pick<ParsedToken, 'issuer' | 'audience'>,
): Promise<IssuerWithRules | null> {
  const where = { url, audience, distrustedAt: null };
  return trustedIssuer.findFirst({ where, include: { rules: activeRules } });
}

/** Evaluates every rule of an issuer on the claims of a token, in the order of the rules. */
export function evaluateRules(
  { preset, rules }: IssuerWithRules,
  claims: Claims,
): readonly { readonly rule: TokenRule; readonly evaluation: RuleResult }[] {
  const provider = presetOf(preset);
  const allClaims = addDerivedClaims(provider, claims);
  return rules.map((rule) => ({
    rule,
    evaluation: matchRule(readRuleConditions(rule), provider.refusedContexts, allClaims),
  }));
}

/**
 * Builds the labels of an exchanged key: those of the rule, `ci/consumer`, and one for each claim label. A claim that is missing
 * or cannot be a label's value gives no label.
 */
export function buildKeyLabels(rule: TokenRule, { preset }: TrustedIssuer, claims: Claims): readonly LabelInput[] {
  const provider = presetOf(preset);
  const allClaims = addDerivedClaims(provider, claims);
  const fromClaims = [{ name: CONSUMER_LABEL, claim: provider.consumer }, ...readRuleClaimLabels(rule)].flatMap(
    ({ name, claim }) => {
      const value = claimText(allClaims, claim);
      return value === null || labelValueProblem(value) !== null ? [] : [{ name, value }];
    },
  );
  return [...readRuleLabels(rule), ...fromClaims];
}
