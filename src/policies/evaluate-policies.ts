import type { Binding } from '../../prisma/generated/client/client.ts';
import { selects } from '../domain/selector.ts';
import { hasCome } from '../domain/key.ts';
import { RetryChange } from '../log/change.ts';
import type { Core, Transaction } from '../store/core.ts';
import { askModules } from './ask-modules.ts';
import { mergeReplies, questionOf, type PolicyReply } from './evaluate-revision.ts';
import { bindingVerdictOf, fallbackVerdictOf, shownVerdictOf } from './binding-verdict.ts';
import type { Evaluated, EvaluationReport } from './evaluated-key.ts';
import { gatherFacts } from './gather-facts.ts';
import { revisionsOf, type PlacedKey, type Revision } from './revisions.ts';
import { meetVerdicts, postponeStopsTo } from './meet-verdicts.ts';
import { loadPolicyFacts, realmOf, type RealmPolicies } from './realm-policies.ts';
import type { BindingVerdict } from './stored-verdicts.ts';
import type { FailedKey } from './known-fault.ts';
import type { Policies } from './policies.ts';
import type { RawVerdict } from './read-verdict.ts';
import { combineVerdicts } from './combine-verdicts.ts';
import { isNewKey, selectableKeyOf, type EvaluationInput } from './evaluation-input.ts';

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
): Promise<Evaluated> {
  const realmIds = inputs.map(({ realmId }) => realmId);
  const ownerIds = inputs.map(({ ownerId }) => ownerId);
  const facts = await loadPolicyFacts(tx, realmIds, ownerIds);
  const { realms } = facts;
  const bindings = [...realms.values()].flatMap((realm) => realm.bindings);
  const present = clock.now();
  const isLate = bindings.some(({ effectiveAt }) => !hasCome(effectiveAt, now) && hasCome(effectiveAt, present));
  if (isLate) throw new RetryChange(inputs[0]?.known.key.id ?? '', null);
  const basis = { facts, inputs, now };
  const known = policies.memory?.find(basis);
  if (known != null) return known;
  const result = await evaluateBindings(policies, tx, realms, inputs, now, options);
  if (options.onlyAsks !== true) policies.memory?.add(basis, result);
  return result;
}

interface EvaluationOptions {
  /** The moment whose revisions in force are evaluated. Default: now. */
  readonly asOf?: Date;
  /** The binding whose row is a draft: its rollouts do not apply to it. Default: none. */
  readonly draftId?: string | null;
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
  { asOf = now, draftId = null, onlyAsks = false }: EvaluationOptions = {},
): Promise<Evaluated> {
  const ownerIds = inputs.map(({ ownerId }) => ownerId);
  const { owners, rollouts } = await loadPolicyFacts(tx, [...realms.keys()], ownerIds);
  const rolloutsOf = ({ id }: Binding) => (id === draftId ? [] : (rollouts.get(id) ?? []));
  const evaluations = inputs.map((input): KeyEvaluation => ({ input, verdicts: [], isIncomplete: false }));
  const bindings = [...realms.values()].flatMap((realm) => realm.bindings);
  const revisions = bindings.flatMap((binding) => revisionsOf(binding, asOf, rolloutsOf(binding))).toSorted(byUrgency);
  const factsOf = await gatherFacts(policies, tx, inputs, revisions, realms, owners);
  const asked = [];
  for (const revision of revisions) {
    const selected = evaluations.filter(({ input }) => appliesTo(revision, input));
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
      if (verdict !== null) addVerdict(evaluation.verdicts, verdict);
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

/** Whether a revision is evaluated for a key: it selects the key, and no rollout excludes it. */
function appliesTo({ selector, isSelectorKnown, binding, reach }: Revision, input: EvaluationInput): boolean {
  if (input.realmId !== binding.realmId) return false;
  if (reach?.(placedKeyOf(input)) === 'OUT') return false;
  return selector === null || !isSelectorKnown || selects(selector, selectableKeyOf(input));
}

function placedKeyOf({ known, ownerId }: EvaluationInput): PlacedKey {
  return { id: known.key.id, ownerId };
}

/** Adds a verdict. A key with an exception from a rollout has two of a binding that count: they become one. */
function addVerdict(verdicts: BindingVerdict[], verdict: BindingVerdict): void {
  const isTwin = ({ bindingId, counts }: BindingVerdict) => counts && bindingId === verdict.bindingId;
  const twin = verdict.counts ? verdicts.findIndex(isTwin) : -1;
  const other = verdicts[twin];
  if (other === undefined) verdicts.push(verdict);
  else verdicts[twin] = meetVerdicts(other, verdict);
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
  if (!isVerdict) return fallbackVerdictOf(input, revision, now);
  const reach = revision.reach?.(placedKeyOf(input));
  const notBefore = typeof reply === 'object' && typeof reach === 'object' ? reach.notBefore : null;
  return bindingVerdictOf(revision, notBefore === null ? reply : postponeStopsTo(reply, notBefore), input, now);
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
  { binding, revision, rollout }: Revision,
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
      rollout: rollout ?? null,
      failedKeys,
      answeredKeyIds,
      unansweredCount: replies.length - answeredKeyIds.size,
      bounds,
    },
  ];
}
