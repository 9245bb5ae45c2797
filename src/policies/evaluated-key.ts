import type { Binding } from '../../prisma/generated/client/client.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { EvaluationInput } from './evaluation-input.ts';
import type { FailedKey } from './known-fault.ts';
import type { RawVerdict } from './read-verdict.ts';
import type { RolloutFacts } from './rollout-facts.ts';
import type { StoredVerdicts } from './stored-verdicts.ts';

/** The result of an evaluation. */
export interface Evaluated {
  readonly evaluated: readonly EvaluatedKey[];
  readonly reports: readonly EvaluationReport[];
}

/** A key for which policies were evaluated. */
export interface EvaluatedKey {
  readonly input: EvaluationInput;
  readonly verdict: Verdict;
  /** The verdicts of the bindings, to be stored together with the columns that follow from `verdict`. */
  readonly verdicts: StoredVerdicts;
  /**
   * Whether the policy of a binding that counts was not called, but can be called soon. The key must be reviewed again
   * then.
   */
  readonly isIncomplete: boolean;
}

/** How the policy of a binding worked in one evaluation. */
export interface EvaluationReport {
  readonly binding: Binding;
  readonly revision: number;
  /** The open rollout that brings the revision. Null: none does. */
  readonly rollout: Pick<RolloutFacts, 'id' | 'brakeBudget'> | null;
  /** The keys for which the policy failed, and how. */
  readonly failedKeys: readonly FailedKey[];
  /** The keys for which the policy returned a verdict. */
  readonly answeredKeyIds: ReadonlySet<string>;
  /** The number of keys without a verdict, because the policy failed or was not evaluated. */
  readonly unansweredCount: number;
  /**
   * The first verdict that the policy returned; its bounds for requests are stored. Null: the policy returned no
   * verdict.
   */
  readonly bounds: RawVerdict | null;
}
