import { hasCome } from '../domain/key.ts';
import type { Transaction } from '../store/core.ts';
import type { FactsReader } from './gather-facts.ts';
import type { Revision } from './revisions.ts';
import { knownFault } from './known-fault.ts';
import { isRunnable, type Policies, type Question } from './policies.ts';
import { isOnSomeNode } from './heartbeat.ts';
import type { RawVerdict } from './read-verdict.ts';
import type { Fault } from './runtime/runtime.ts';
import { isNewKey, type EvaluationInput } from './evaluation-input.ts';

/**
 * The reply of a binding's policy on a key: its verdict, or why there is none.
 *
 * - LATER: the module was not called, because other modules took the time, because only other nodes have this version, or
 *   because only nodes of another release know which keys the binding selects
 * - STALLED: the module did not return while a caller waited; a review finds out whether it is at fault
 * - RESTING: the module failed before, and its back-off has not ended
 * - SHOWN_LATER: the verdict is only shown, so that no caller waits for it: it is in SHADOW or of a rollout, or its module did
 *   not return
 */
export type PolicyReply = RawVerdict | { readonly fault: Fault } | 'LATER' | 'STALLED' | 'RESTING' | 'SHOWN_LATER';

/** What to ask the module of a revision, and the replies on the keys for which it is not asked (null: it is asked). */
export interface RevisionQuestion {
  readonly question: Question | null;
  readonly settled: readonly (PolicyReply | null)[];
}

/**
 * Decides for which keys the module of a revision is asked. While a caller waits, a module that failed for a key is not asked
 * about it again, and a verdict that is only shown is left to a review, unless verifications of the key warn of it.
 */
export async function questionOf(
  policies: Policies,
  tx: Transaction,
  { binding, revision, hash, config, counts, isSelectorKnown, rollout }: Revision,
  inputs: readonly EvaluationInput[],
  factsOf: FactsReader,
  now: Date,
): Promise<RevisionQuestion> {
  const all = (reply: PolicyReply): RevisionQuestion => ({ question: null, settled: inputs.map(() => reply) });
  const { isForRequest = false } = policies;
  if (inputs.length === 0) return { question: null, settled: [] };
  const isInShadow = binding.mode === 'SHADOW' || rollout !== undefined;
  const isLeftToReview = (input: EvaluationInput) =>
    isForRequest && isInShadow && !counts && (rollout === undefined || input.isWarned !== true);
  if (inputs.every(isLeftToReview)) return all('SHOWN_LATER');
  if (!isSelectorKnown) return all('LATER');
  if (!isRunnable(policies, hash) && (await isOnSomeNode(tx, hash, now))) return all('LATER');
  const fault = knownFault(binding);
  const known = fault?.revision === revision ? fault : null;
  const isRetryDue = !isForRequest && (binding.retryAt === null || hasCome(binding.retryAt, now));
  if (known?.isResting === true && !isRetryDue) return all('RESTING');
  if (!isRunnable(policies, hash)) {
    return all({ fault: { kind: 'MISSING', message: `No node has this version of the module ${binding.policy}.` } });
  }
  const isCostly = known !== null && ['LOOPS', 'CRASHES'].includes(known.kind);
  const failed = new Set(isForRequest && isCostly ? known.keyIds : []);
  const settled = inputs.map((input) =>
    isLeftToReview(input) ? 'SHOWN_LATER' : failed.has(input.known.key.id) ? 'RESTING' : null,
  );
  const reads = policies.find(hash)?.reads ?? [];
  const facts = inputs.flatMap((input, index) => (settled[index] === null ? [factsOf(input, reads)] : []));
  const isHasty = isForRequest && !inputs.some(isNewKey);
  const { realmId } = binding;
  const question = { hash, config, moment: now.getTime(), facts, realmId, isForRequest, isHasty };
  return { question: facts.length === 0 ? null : question, settled };
}

/** Returns the replies on all keys, in their order, from those of the module. */
export function mergeReplies(
  { settled }: RevisionQuestion,
  evaluations: readonly PolicyReply[],
): readonly PolicyReply[] {
  let next = 0;
  return settled.map((reply) => reply ?? evaluations[next++] ?? 'LATER');
}
