import { hasCome } from '../domain/key.ts';
import type { Transaction } from '../store/core.ts';
import type { FactsReader } from './gather-facts.ts';
import type { Revision } from './revisions.ts';
import { knownFault } from './known-fault.ts';
import { isRunnable, type Policies } from './policies.ts';
import { isOnSomeNode } from './heartbeat.ts';
import type { RawVerdict } from './read-verdict.ts';
import type { Fault } from './runtime/runtime.ts';
import type { EvaluationInput } from './evaluation-input.ts';

/**
 * What came of asking a binding about a key.
 *
 * - LATER: others kept its module from being asked, or another node has that
 * - RESTING: its module failed before, and it is not yet time to try again
 */
export type PolicyReply = RawVerdict | { readonly fault: Fault } | 'LATER' | 'RESTING';

/** Asks a binding about some keys; answers in their order. */
export async function evaluateRevision(
  policies: Policies,
  tx: Transaction,
  { binding, revision, hash, config }: Revision,
  subjects: readonly EvaluationInput[],
  factsOf: FactsReader,
  now: Date,
): Promise<readonly PolicyReply[]> {
  const all = (answer: PolicyReply) => subjects.map(() => answer);
  if (subjects.length === 0) return [];
  if (!isRunnable(policies, hash) && (await isOnSomeNode(tx, hash, now))) return all('LATER');
  const fault = knownFault(binding);
  const isResting = fault?.isResting === true && fault.revision === revision;
  if (isResting && binding.retryAt !== null && !hasCome(binding.retryAt, now)) return all('RESTING');
  if (!isRunnable(policies, hash)) {
    return all({ fault: { kind: 'MISSING', message: `No node has this version of the module ${binding.policy}.` } });
  }
  const reads = policies.find(hash)?.reads ?? [];
  const facts = subjects.map((subject) => factsOf(subject, reads));
  const answers = await policies.evaluate({ hash, config, moment: now.getTime(), facts });
  return subjects.map((_, index) => answers[index] ?? 'LATER');
}

/** Whether its module kept everyone waiting. */
export function isStalling(answer: PolicyReply): boolean {
  return typeof answer === 'object' && 'fault' in answer && ['LOOPS', 'CRASHES'].includes(answer.fault.kind);
}
