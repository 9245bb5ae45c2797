import { Prisma, type TokenRule, type TrustedIssuer } from '../../prisma/generated/client/client.ts';
import { claimText, hasClaim, type Claims } from '../domain/claims.ts';
import { matchRule, type RuleResult } from '../domain/token-rule.ts';
import { labelValueProblem } from '../domain/text.ts';
import type { LabelInput } from '../keys/check-labels.ts';
import { CONSUMER_LABEL } from '../domain/consumer-label.ts';
import type { Core, Transaction } from '../store/core.ts';
import { listColumns, reviveRow, toJsonObject } from '../store/json-rows.ts';
import { addDerivedClaims, presetOf } from './presets/presets.ts';
import type { ParsedToken } from './parse-token.ts';
import { readRuleClaimLabels, readRuleConditions, readRuleLabels } from './stored-issuer.ts';

/** An issuer with its active rules, oldest first. The first rule that matches a token applies. */
export type IssuerWithRules = TrustedIssuer & { readonly rules: readonly TokenRule[] };

export const activeRules = {
  where: { removedAt: null },
  orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
} satisfies Prisma.TrustedIssuer$rulesArgs;

/** An issuer that a token names. */
export type FoundIssuer = IssuerWithRules & {
  /** The names of the actions of the issuer's realm, without the retired ones. */
  readonly activeActions: readonly string[];
};

/** Finds the trusted issuer with a token's `iss` and `aud`, in whichever realm; null: there is none. One statement. */
export async function findIssuer(
  tx: Pick<Transaction | Core['prisma'], '$queryRaw'>,
  { issuer: url, audience }: Pick<ParsedToken, 'issuer' | 'audience'>,
): Promise<FoundIssuer | null> {
  const [issuer] = await tx.$queryRaw<FoundIssuer[]>`
    SELECT ${listColumns('i', Prisma.TrustedIssuerScalarFieldEnum)},
      (SELECT coalesce(jsonb_agg(${toJsonObject('r', Prisma.TokenRuleScalarFieldEnum)} ORDER BY r."createdAt", r.id), '[]')
       FROM "TokenRule" r WHERE r."issuerId" = i.id AND r."removedAt" IS NULL) AS rules,
      (SELECT coalesce(jsonb_agg(a.name), '[]')
       FROM "Action" a WHERE a."realmId" = i."realmId" AND a."retiredAt" IS NULL) AS "activeActions"
    FROM "TrustedIssuer" i WHERE url = ${url} AND audience = ${audience} AND "distrustedAt" IS NULL LIMIT 1`;
  return issuer === undefined ? null : { ...issuer, rules: issuer.rules.map(reviveRow) };
}

/** A rule of an issuer, and its result for a token. */
export interface EvaluatedRule {
  readonly rule: TokenRule;
  readonly evaluation: RuleResult;
}

/** Evaluates every rule of an issuer on the claims of a token, in the order of the rules. */
export function evaluateRules({ preset, rules }: IssuerWithRules, claims: Claims): readonly EvaluatedRule[] {
  const provider = presetOf(preset);
  const allClaims = addDerivedClaims(provider, claims);
  return rules.map((rule) => ({
    rule,
    evaluation: matchRule(readRuleConditions(rule), provider.refusedContexts, allClaims),
  }));
}

/** A label that a key does not get, because the claim for its value cannot be a label's value. */
export interface OmittedLabel {
  readonly name: string;
  readonly claim: string;
  readonly problem: string;
}

/** The labels of an exchanged key, and those that it does not get. */
export interface ClaimedLabels {
  readonly labels: readonly LabelInput[];
  readonly omitted: readonly OmittedLabel[];
}

/**
 * Builds the labels of an exchanged key: those of the rule, `ci/consumer`, and one for each claim label. A claim that is missing
 * or empty gives no label. A claim that cannot be a label's value, such as a text of over 256 characters, is reported as omitted.
 */
export function buildKeyLabels(rule: TokenRule, { preset }: TrustedIssuer, claims: Claims): ClaimedLabels {
  const provider = presetOf(preset);
  const allClaims = addDerivedClaims(provider, claims);
  const labels = [...readRuleLabels(rule)];
  const omitted: OmittedLabel[] = [];
  for (const { name, claim } of [{ name: CONSUMER_LABEL, claim: provider.consumer }, ...readRuleClaimLabels(rule)]) {
    const value = claimText(allClaims, claim);
    if (value === '' || !hasClaim(allClaims, claim)) continue;
    const problem = value === null ? 'the claim is not a text, a whole number or a boolean' : labelValueProblem(value);
    if (problem !== null) omitted.push({ name, claim, problem });
    else if (value !== null) labels.push({ name, value });
  }
  return { labels, omitted };
}
