import { claimText, matchesCondition, matchesAnyGlob, hasClaim, type ClaimCondition, type Claims } from './claims.ts';

/** A context from which no token is taken, unless a rule asks for just that one: by what a claim says. */
export interface RefusedContext {
  readonly claim: string;
  /** Globs. */
  readonly texts: readonly string[];
}

/** What became of one condition. */
export interface ConditionResult extends ClaimCondition {
  /** What the claim says; null: it is not there, or is no text. */
  readonly found: string | null;
  readonly holds: boolean;
}

/** What became of one rule. It matches when all conditions hold and nothing is refused. */
export interface RuleResult {
  readonly conditions: readonly ConditionResult[];
  /** The context that is refused, and what its claim says; null: none is. */
  readonly refused: { readonly claim: string; readonly found: string } | null;
  readonly isMatch: boolean;
}

/** What is shown of a claim that says something else than a text. */
const NO_TEXT = '(no text)';

/** Judges one rule on what a token says. */
export function matchRule(
  conditions: readonly ClaimCondition[],
  contexts: readonly RefusedContext[],
  claims: Claims,
): RuleResult {
  const judged = conditions.map((condition) => ({
    ...condition,
    found: claimText(claims, condition.claim),
    holds: matchesCondition(condition, claims),
  }));
  const refused = contexts.flatMap(({ claim, texts }) => {
    const found = claimText(claims, claim);
    // Of what is no text nobody knows what it means.
    if (found === null) return hasClaim(claims, claim) ? [{ claim, found: NO_TEXT }] : [];
    const isAskedFor = conditions.some((condition) => condition.claim === claim && condition.equals === found);
    return isAskedFor || !matchesAnyGlob(texts, found) ? [] : [{ claim, found }];
  });
  const isMatch = judged.length > 0 && judged.every((condition) => condition.holds) && refused.length === 0;
  return { conditions: judged, refused: refused[0] ?? null, isMatch };
}
