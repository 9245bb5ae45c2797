import type { Binding } from '../../prisma/generated/client/client.ts';
import { selects } from '../domain/selector.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Transaction } from '../store/core.ts';
import { evaluateRevision, isStalling, type PolicyReply } from './evaluate-revision.ts';
import type { RequestFacts } from './contract.ts';
import { bindingVerdictOf, fallbackVerdictOf } from './binding-verdict.ts';
import { gatherFacts } from './gather-facts.ts';
import { revisionsOf, type Revision } from './revisions.ts';
import { loadRealmPolicies, realmOf, type RealmPolicies } from './realm-policies.ts';
import type { BindingVerdict, StoredVerdicts } from './stored-verdicts.ts';
import type { FailedKey } from './known-fault.ts';
import type { Policies } from './policies.ts';
import type { RawVerdict } from './read-verdict.ts';
import { combineVerdicts } from './combine-verdicts.ts';
import { selectableKeyOf, type EvaluationInput } from './evaluation-input.ts';

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

/**
 * Evaluates all bindings of the keys' realms for each key, and combines their verdicts. Writes nothing. If a binding
 * cannot be evaluated, or its policy fails, the binding's stored verdict on the key applies. Without a stored verdict,
 * the last bounds that the policy returned for any key apply.
 */
export async function evaluatePolicies(
  policies: Policies,
  tx: Transaction,
  inputs: readonly EvaluationInput[],
  now: Date,
  request: RequestFacts | null = null,
): Promise<{ readonly evaluated: readonly EvaluatedKey[]; readonly reports: readonly EvaluationReport[] }> {
  const realms = await loadRealmPolicies(
    tx,
    inputs.map(({ realmId }) => realmId),
  );
  return evaluateBindings(policies, tx, realms, inputs, now, { request });
}

/** After this many stalled modules no other module is called in the same evaluation: it would take too long. */
const STALLED_MAX = 3;

interface EvaluationOptions {
  readonly request?: RequestFacts | null;
  /** The moment whose revisions in force are evaluated. Default: now. */
  readonly asOf?: Date;
}

/**
 * Evaluates keys under the bindings and freezes of the given realms, which a preview may have changed. See
 * `evaluatePolicies`.
 */
export async function evaluateBindings(
  policies: Policies,
  tx: Transaction,
  realms: ReadonlyMap<string, RealmPolicies>,
  inputs: readonly EvaluationInput[],
  now: Date,
  { request = null, asOf = now }: EvaluationOptions = {},
): Promise<{ readonly evaluated: readonly EvaluatedKey[]; readonly reports: readonly EvaluationReport[] }> {
  const evaluations = inputs.map((input): KeyEvaluation => ({ input, verdicts: [], isIncomplete: false }));
  // Bindings that failed before are evaluated last, so that they do not delay others.
  const bindings = [...realms.values()].flatMap((realm) => realm.bindings);
  const workingFirst = bindings.toSorted((a, b) => Number(a.health === 'BROKEN') - Number(b.health === 'BROKEN'));
  const revisions = workingFirst.flatMap((binding) => revisionsOf(binding, asOf));
  const factsOf = await gatherFacts(policies, tx, inputs, revisions, realms, request);
  const reports: EvaluationReport[] = [];
  const stalled = new Set<string>();
  for (const revision of revisions) {
    const selected = evaluations.filter(
      ({ input }) => input.realmId === revision.binding.realmId && selects(revision.selector, selectableKeyOf(input)),
    );
    const replies =
      stalled.has(revision.hash) || stalled.size >= STALLED_MAX
        ? selected.map(() => 'LATER' as const)
        : await evaluateRevision(policies, tx, revision, inputsOf(selected), factsOf, now);
    if (replies.some(isStalling)) stalled.add(revision.hash);
    for (const [index, evaluation] of selected.entries()) {
      const reply = replies[index] ?? 'LATER';
      // A key that is being issued may be missed by the sweep that starts when the binding works again.
      const isPending = reply === 'LATER' || (reply === 'RESTING' && evaluation.input.promise === 'NEW');
      if (isPending) evaluation.isIncomplete ||= revision.counts;
      const isVerdict = typeof reply === 'object' && !('fault' in reply);
      const verdict = isVerdict
        ? bindingVerdictOf(revision, reply, evaluation.input, now)
        : fallbackVerdictOf(evaluation.input, revision, now);
      if (verdict !== null) evaluation.verdicts.push(verdict);
    }
    reports.push(...reportOf(revision, inputsOf(selected), replies));
  }
  const evaluated = evaluations.map(({ input, verdicts, isIncomplete }) => {
    const sorted = verdicts.toSorted((a, b) => (a.bindingId < b.bindingId ? -1 : 1));
    return { input, verdict: combineVerdicts(realmOf(realms, input), sorted), verdicts: sorted, isIncomplete };
  });
  return { evaluated, reports };
}

/** A key during its evaluation. */
interface KeyEvaluation {
  readonly input: EvaluationInput;
  readonly verdicts: BindingVerdict[];
  isIncomplete: boolean;
}

function inputsOf(evaluations: readonly KeyEvaluation[]): readonly EvaluationInput[] {
  return evaluations.map(({ input }) => input);
}

/** Returns the report on one binding; none if it had no key to evaluate. */
function reportOf(
  { binding, revision }: Revision,
  inputs: readonly EvaluationInput[],
  replies: readonly PolicyReply[],
): readonly EvaluationReport[] {
  if (replies.length === 0) return [];
  const failedKeys: FailedKey[] = [];
  const answeredKeyIds = new Set<string>();
  let bounds: RawVerdict | null = null;
  for (const [index, { known }] of inputs.entries()) {
    const keyId = known.key.id;
    const reply = replies[index];
    if (typeof reply !== 'object') continue;
    if ('fault' in reply) failedKeys.push({ ...reply.fault, keyId });
    else {
      answeredKeyIds.add(keyId);
      bounds ??= reply;
    }
  }
  return [
    {
      binding,
      revision,
      failedKeys,
      answeredKeyIds,
      unansweredCount: replies.length - answeredKeyIds.size,
      bounds,
    },
  ];
}
