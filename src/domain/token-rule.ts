import {
  claimText,
  describeClaim,
  matchesCondition,
  matchesAnyGlob,
  type ClaimCondition,
  type Claims,
} from './claims.ts';

/** Claim values with which a token is refused, unless a rule's condition requires exactly that value. */
export interface RefusedContext {
  readonly claim: string;
  /** Globs that match the refused values. */
  readonly texts: readonly string[];
}

/** The result of matching one condition. */
export interface ConditionResult extends ClaimCondition {
  /** The claim's value for people: a list or an object as JSON, which meets no condition. Null: the claim is missing. */
  readonly found: string | null;
  readonly holds: boolean;
}

/** The result of matching one rule. The rule matches if all conditions hold and no refused context applies. */
export interface RuleResult {
  readonly conditions: readonly ConditionResult[];
  /** The first refused context, and its claim's value; null: none. */
  readonly refused: { readonly claim: string; readonly found: string } | null;
  readonly isMatch: boolean;
}

/** Matches one rule against a token's claims. */
export function matchRule(
  conditions: readonly ClaimCondition[],
  contexts: readonly RefusedContext[],
  claims: Claims,
): RuleResult {
  const results = conditions.map((condition) => ({
    ...condition,
    found: describeClaim(claims, condition.claim),
    holds: matchesCondition(condition, claims),
  }));
  const refused = contexts.flatMap(({ claim, texts }) => {
    const found = describeClaim(claims, claim);
    if (found === null) return [];
    // A claim that is not text cannot be compared with the globs, so it is refused.
    if (claimText(claims, claim) === null) return [{ claim, found }];
    const isRequired = conditions.some((condition) => condition.claim === claim && condition.equals === found);
    return isRequired || !matchesAnyGlob(texts, found) ? [] : [{ claim, found }];
  });
  const isMatch = results.length > 0 && results.every((result) => result.holds) && refused.length === 0;
  return { conditions: results, refused: refused[0] ?? null, isMatch };
}
