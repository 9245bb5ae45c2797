import type { Binding } from '../../prisma/generated/client/client.ts';
import { selects } from '../domain/selector.ts';
import type { Verdict } from '../domain/verdict.ts';
import { hasCome } from '../domain/key.ts';
import { RetryChange } from '../log/change.ts';
import type { Core, Transaction } from '../store/core.ts';
import { askModules } from './ask-modules.ts';
import { mergeReplies, questionOf, type PolicyReply } from './evaluate-revision.ts';
import { bindingVerdictOf, fallbackVerdictOf, shownVerdictOf } from './binding-verdict.ts';
import { gatherFacts } from './gather-facts.ts';
import { revisionsOf, type Revision } from './revisions.ts';
import { loadPolicyFacts, realmOf, type RealmPolicies } from './realm-policies.ts';
import type { BindingVerdict, StoredVerdicts } from './stored-verdicts.ts';
import type { FailedKey } from './known-fault.ts';
import type { Policies } from './policies.ts';
import type { RawVerdict } from './read-verdict.ts';
import { combineVerdicts } from './combine-verdicts.ts';
import { isNewKey, selectableKeyOf, type EvaluationInput } from './evaluation-input.ts';

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
 *
 * @throws RetryChange if a revision has taken effect since `now`: at `now`, it would only be shown.
 */
export async function evaluatePolicies(
  { policies, clock }: Pick<Core, 'clock'> & { readonly policies: Policies },
  tx: Transaction,
  inputs: readonly EvaluationInput[],
  now: Date,
  options: Pick<EvaluationOptions, 'onlyAsks'> = {},
): Promise<{ readonly evaluated: readonly EvaluatedKey[]; readonly reports: readonly EvaluationReport[] }> {
  const realmIds = inputs.map(({ realmId }) => realmId);
  const ownerIds = inputs.map(({ ownerId }) => ownerId);
  const { realms } = await loadPolicyFacts(tx, realmIds, ownerIds);
  const bindings = [...realms.values()].flatMap((realm) => realm.bindings);
  const present = clock.now();
  const isLate = bindings.some(({ effectiveAt }) => !hasCome(effectiveAt, now) && hasCome(effectiveAt, present));
  if (isLate) throw new RetryChange(inputs[0]?.known.key.id ?? '', null);
  return evaluateBindings(policies, tx, realms, inputs, now, options);
}

interface EvaluationOptions {
  /** The moment whose revisions in force are evaluated. Default: now. */
  readonly asOf?: Date;
  /** Whether the modules are only asked, and nothing is returned: for a rehearsal that needs no more. */
  readonly onlyAsks?: boolean;
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
  { asOf = now, onlyAsks = false }: EvaluationOptions = {},
): Promise<{ readonly evaluated: readonly EvaluatedKey[]; readonly reports: readonly EvaluationReport[] }> {
  const evaluations = inputs.map((input): KeyEvaluation => ({ input, verdicts: [], isIncomplete: false }));
  const bindings = [...realms.values()].flatMap((realm) => realm.bindings);
  const revisions = bindings.flatMap((binding) => revisionsOf(binding, asOf)).toSorted(byUrgency);
  const factsOf = await gatherFacts(policies, tx, inputs, revisions, realms);
  const asked = [];
  for (const revision of revisions) {
    const selected = evaluations.filter(
      ({ input }) => input.realmId === revision.binding.realmId && selects(revision.selector, selectableKeyOf(input)),
    );
    asked.push({ selected, revision, ...(await questionOf(policies, tx, revision, inputsOf(selected), factsOf, now)) });
  }
  const questions = asked.flatMap(({ question }) => question ?? []);
  const answers = await (policies.recall?.(questions) ?? askModules(policies, questions));
  if (onlyAsks) return { evaluated: [], reports: [] };
  const reports: EvaluationReport[] = [];
  for (const { selected, revision, ...own } of asked) {
    const index = own.question === null ? -1 : questions.indexOf(own.question);
    const merged = mergeReplies(own, answers[index] ?? []);
    const isShownLater = !revision.counts && policies.isForRequest === true;
    const replies = isShownLater ? merged.map(laterIfPending) : merged;
    for (const [index, evaluation] of selected.entries()) {
      const reply = replies[index] ?? 'LATER';
      evaluation.isIncomplete ||= isPending(reply, revision, evaluation.input);
      const verdict = verdictFrom(reply, revision, evaluation.input, now);
      if (verdict !== null) evaluation.verdicts.push(verdict);
    }
    // A caller's request that did not call the module says nothing about it.
    if (policies.isForRequest !== true || own.question !== null) {
      reports.push(...reportOf(revision, inputsOf(selected), replies));
    }
  }
  const evaluated = evaluations.map(({ input, verdicts, isIncomplete }) => {
    const sorted = verdicts.toSorted((a, b) => (a.bindingId < b.bindingId ? -1 : 1));
    return { input, verdict: combineVerdicts(realmOf(realms, input), sorted), verdicts: sorted, isIncomplete };
  });
  return { evaluated, reports };
}

/**
 * Orders revisions for evaluation: those that count before those that are only shown, and those of bindings that failed before
 * last, so that they do not delay others.
 */
function byUrgency(one: Revision, other: Revision): number {
  const rank = ({ counts, binding }: Revision) => (binding.health === 'BROKEN' ? 2 : 0) + (counts ? 0 : 1);
  return rank(one) - rank(other);
}

/** Leaves a verdict that is only shown to a review if the module did not return while a caller waited. */
function laterIfPending(reply: PolicyReply): PolicyReply {
  return reply === 'LATER' || reply === 'STALLED' ? 'SHOWN_LATER' : reply;
}

/** Whether the key must be reviewed again soon to be evaluated by this revision. */
function isPending(reply: PolicyReply, { counts }: Revision, input: EvaluationInput): boolean {
  if (reply === 'SHOWN_LATER') return true;
  // A key that is being issued or imported may be missed by the sweep that starts when the binding works again.
  const isMissed = reply === 'RESTING' && isNewKey(input);
  return counts && (reply === 'LATER' || reply === 'STALLED' || isMissed);
}

function verdictFrom(reply: PolicyReply, revision: Revision, input: EvaluationInput, now: Date): BindingVerdict | null {
  if (reply === 'SHOWN_LATER') return shownVerdictOf(input, revision);
  const isVerdict = typeof reply === 'object' && !('fault' in reply);
  return isVerdict ? bindingVerdictOf(revision, reply, input, now) : fallbackVerdictOf(input, revision, now);
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
