import type { PartialFacts } from '../../src/policies/check/complete-facts.ts';
import type { DormancyVerdict, ExpiryVerdict, Instant, RenewalVerdict } from '../../src/policies/contract.ts';

/** What a policy says of a key: facts, configuration and moment in, verdict out. */
type PolicyCase = {
  readonly title: string;
  readonly facts: PartialFacts;
  readonly config: unknown;
  readonly moment: Instant;
} & (
  | { readonly decides: 'expiry'; readonly verdict: ExpiryVerdict }
  | { readonly decides: 'renewal'; readonly verdict: RenewalVerdict }
  | { readonly decides: 'dormancy'; readonly verdict: DormancyVerdict }
);

/** A configuration that is refused, and the member that is at fault. */
interface RefusedConfig {
  readonly config: unknown;
  readonly at: string;
}

/** The cases of one policy, as `test/plugins/<name>.cases.ts` exports them. */
export interface PolicyCases {
  readonly cases: readonly PolicyCase[];
  readonly refused: readonly RefusedConfig[];
}

/** An instant, written by RFC 3339; a day alone is its beginning in UTC. */
export function on(text: string): Instant {
  return Date.parse(text);
}
