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
 * The reply of a binding's policy on a key: its verdict, or why there is none.
 *
 * - LATER: the module was not called, because other modules took the time, or because only other nodes have this
 *   version
 * - RESTING: the module failed before, and its back-off has not ended
 */
export type PolicyReply = RawVerdict | { readonly fault: Fault } | 'LATER' | 'RESTING';

/** Evaluates a revision of a binding for some keys. Returns the replies in their order. */
export async function evaluateRevision(
  policies: Policies,
  tx: Transaction,
  { binding, revision, hash, config }: Revision,
  inputs: readonly EvaluationInput[],
  factsOf: FactsReader,
  now: Date,
): Promise<readonly PolicyReply[]> {
  const all = (reply: PolicyReply) => inputs.map(() => reply);
  if (inputs.length === 0) return [];
  if (!isRunnable(policies, hash) && (await isOnSomeNode(tx, hash, now))) return all('LATER');
  const fault = knownFault(binding);
  const isResting = fault?.isResting === true && fault.revision === revision;
  if (isResting && binding.retryAt !== null && !hasCome(binding.retryAt, now)) return all('RESTING');
  if (!isRunnable(policies, hash)) {
    return all({ fault: { kind: 'MISSING', message: `No node has this version of the module ${binding.policy}.` } });
  }
  const reads = policies.find(hash)?.reads ?? [];
  const facts = inputs.map((input) => factsOf(input, reads));
  const replies = await policies.evaluate({ hash, config, moment: now.getTime(), facts });
  return inputs.map((_, index) => replies[index] ?? 'LATER');
}

/** Whether the module used up its time, or ended the process, so that other modules had to wait. */
export function isStalling(reply: PolicyReply): boolean {
  return typeof reply === 'object' && 'fault' in reply && ['LOOPS', 'CRASHES'].includes(reply.fault.kind);
}
