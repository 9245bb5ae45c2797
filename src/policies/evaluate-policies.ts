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
  /** To be stored with what follows from the verdict. */
  readonly verdicts: StoredVerdicts;
  /** Whether a binding that counts was not asked, for no fault of its own: the key is to be looked at again soon. */
  readonly isIncomplete: boolean;
}

/** How one binding did in one round of questions. */
export interface EvaluationReport {
  readonly binding: Binding;
  readonly revision: number;
  /** The keys that it failed, and how. */
  readonly failedKeys: readonly FailedKey[];
  /** The keys of which it said something. */
  readonly answeredKeyIds: ReadonlySet<string>;
  /** How many keys it was to say something of and did not: it failed them, or could not be asked. */
  readonly unansweredCount: number;
  /** What it says of what may be asked for; null: nothing, or it failed. */
  readonly bounds: RawVerdict | null;
}

/**
 * Asks all bindings of the realm about each key, and decides. Writes nothing. A binding that cannot be asked, or fails, is
 * taken at its last word on that key; of a new key at the bounds that it last gave.
 */
export async function evaluatePolicies(
  policies: Policies,
  tx: Transaction,
  subjects: readonly EvaluationInput[],
  now: Date,
  request: RequestFacts | null = null,
): Promise<{ readonly judged: readonly EvaluatedKey[]; readonly reports: readonly EvaluationReport[] }> {
  const realms = await loadRealmPolicies(
    tx,
    subjects.map(({ realmId }) => realmId),
  );
  return evaluateBindings(policies, tx, realms, subjects, now, { request });
}

/** After so many modules that kept everyone waiting no other is asked in that round: it would take too long. */
const STALLED_MAX = 3;

interface EvaluationOptions {
  readonly request?: RequestFacts | null;
  /** What will be in force at that moment counts; left out: now. */
  readonly asOf?: Date;
}

/** The same under bindings and calendars that are given. */
export async function evaluateBindings(
  policies: Policies,
  tx: Transaction,
  realms: ReadonlyMap<string, RealmPolicies>,
  subjects: readonly EvaluationInput[],
  now: Date,
  { request = null, asOf = now }: EvaluationOptions = {},
): Promise<{ readonly judged: readonly EvaluatedKey[]; readonly reports: readonly EvaluationReport[] }> {
  const trials = subjects.map((subject): KeyEvaluation => ({ input: subject, verdicts: [], isIncomplete: false }));
  // Those that failed before are asked last: what they hold up are no others.
  const bindings = [...realms.values()].flatMap((realm) => realm.bindings);
  const inTurn = bindings.toSorted((a, b) => Number(a.health === 'BROKEN') - Number(b.health === 'BROKEN'));
  const revisions = inTurn.flatMap((one) => revisionsOf(one, asOf));
  const factsOf = await gatherFacts(policies, tx, subjects, revisions, realms, request);
  const reports: EvaluationReport[] = [];
  const lame = new Set<string>();
  for (const revision of revisions) {
    const asked = trials.filter(
      ({ input }) => input.realmId === revision.binding.realmId && selects(revision.selector, selectableKeyOf(input)),
    );
    const answers =
      lame.has(revision.hash) || lame.size >= STALLED_MAX
        ? asked.map(() => 'LATER' as const)
        : await evaluateRevision(policies, tx, revision, inputsOf(asked), factsOf, now);
    if (answers.some(isStalling)) lame.add(revision.hash);
    for (const [index, trial] of asked.entries()) {
      const answer = answers[index] ?? 'LATER';
      // A key that is being made may come too late for those who look at all keys when the binding is asked again.
      const isToBeAsked = answer === 'LATER' || (answer === 'RESTING' && trial.input.promise === 'NEW');
      if (isToBeAsked) trial.isIncomplete ||= revision.counts;
      const isSaid = typeof answer === 'object' && !('fault' in answer);
      const entry = isSaid
        ? bindingVerdictOf(revision, answer, trial.input, now)
        : fallbackVerdictOf(trial.input, revision, now);
      if (entry !== null) trial.verdicts.push(entry);
    }
    reports.push(...reportOf(revision, inputsOf(asked), answers));
  }
  const judged = trials.map(({ input, verdicts, isIncomplete }) => {
    const sorted = verdicts.toSorted((a, b) => (a.bindingId < b.bindingId ? -1 : 1));
    return { input, verdict: combineVerdicts(realmOf(realms, input), sorted), verdicts: sorted, isIncomplete };
  });
  return { judged, reports };
}

/** A key while its bindings are asked. */
interface KeyEvaluation {
  readonly input: EvaluationInput;
  readonly verdicts: BindingVerdict[];
  isIncomplete: boolean;
}

function inputsOf(trials: readonly KeyEvaluation[]): readonly EvaluationInput[] {
  return trials.map(({ input }) => input);
}

/** None where it was to be asked about no key. */
function reportOf(
  { binding, revision }: Revision,
  subjects: readonly EvaluationInput[],
  answers: readonly PolicyReply[],
): readonly EvaluationReport[] {
  if (answers.length === 0) return [];
  const failed: FailedKey[] = [];
  const answered = new Set<string>();
  let bounds: RawVerdict | null = null;
  for (const [index, { known }] of subjects.entries()) {
    const keyId = known.key.id;
    const answer = answers[index];
    if (typeof answer !== 'object') continue;
    if ('fault' in answer) failed.push({ ...answer.fault, keyId });
    else {
      answered.add(keyId);
      bounds ??= answer;
    }
  }
  return [
    {
      binding,
      revision,
      failedKeys: failed,
      answeredKeyIds: answered,
      unansweredCount: answers.length - answered.size,
      bounds,
    },
  ];
}
