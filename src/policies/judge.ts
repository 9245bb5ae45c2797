import type { Binding } from '../../prisma/generated/client/client.ts';
import { selects } from '../domain/selector.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Transaction } from '../store/core.ts';
import { ask, holdsUp, type Answer } from './ask.ts';
import type { RequestFacts } from './contract.ts';
import { entryOf, lastWord } from './entry.ts';
import { gatherFacts } from './gather-facts.ts';
import { revisionsOf, type Revision } from './in-force.ts';
import { loadRealms, realmOf, type JudgedRealm } from './judged-realm.ts';
import type { BindingVerdict, StoredJudgement } from './judgement.ts';
import type { FailedKey } from './known-fault.ts';
import type { Policies } from './policies.ts';
import type { Said } from './read-verdict.ts';
import { recall } from './recall.ts';
import { selectable, type Subject } from './subject.ts';

export interface Judged {
  readonly subject: Subject;
  readonly verdict: Verdict;
  /** To be stored with what follows from the verdict. */
  readonly judgement: StoredJudgement;
  /** Whether a binding that counts was not asked, for no fault of its own: the key is to be looked at again soon. */
  readonly isUnasked: boolean;
}

/** How one binding did in one round of questions. */
export interface Report {
  readonly binding: Binding;
  readonly revision: number;
  /** The keys that it failed, and how. */
  readonly failed: readonly FailedKey[];
  /** The keys of which it said something. */
  readonly answered: ReadonlySet<string>;
  /** How many keys it was to say something of and did not: it failed them, or could not be asked. */
  readonly silentCount: number;
  /** What it says of what may be asked for; null: nothing, or it failed. */
  readonly bounds: Said | null;
}

/**
 * Asks all bindings of the realm about each key, and decides. Writes nothing. A binding that cannot be asked, or fails, is
 * taken at its last word on that key; of a new key at the bounds that it last gave.
 */
export async function judge(
  policies: Policies,
  tx: Transaction,
  subjects: readonly Subject[],
  now: Date,
  request: RequestFacts | null = null,
): Promise<{ readonly judged: readonly Judged[]; readonly reports: readonly Report[] }> {
  const realms = await loadRealms(
    tx,
    subjects.map(({ realmId }) => realmId),
  );
  return judgeIn(policies, tx, realms, subjects, now, { request });
}

/** After so many modules that kept everyone waiting no other is asked in that round: it would take too long. */
const LAME_MAX = 3;

interface Asking {
  readonly request?: RequestFacts | null;
  /** What will be in force at that moment counts; left out: now. */
  readonly asOf?: Date;
}

/** The same under bindings and calendars that are given. */
export async function judgeIn(
  policies: Policies,
  tx: Transaction,
  realms: ReadonlyMap<string, JudgedRealm>,
  subjects: readonly Subject[],
  now: Date,
  { request = null, asOf = now }: Asking = {},
): Promise<{ readonly judged: readonly Judged[]; readonly reports: readonly Report[] }> {
  const trials = subjects.map((subject): Trial => ({ subject, entries: [], isUnasked: false }));
  // Those that failed before are asked last: what they hold up are no others.
  const bindings = [...realms.values()].flatMap((realm) => realm.bindings);
  const inTurn = bindings.toSorted((a, b) => Number(a.health === 'BROKEN') - Number(b.health === 'BROKEN'));
  const revisions = inTurn.flatMap((one) => revisionsOf(one, asOf));
  const factsOf = await gatherFacts(policies, tx, subjects, revisions, realms, request);
  const reports: Report[] = [];
  const lame = new Set<string>();
  for (const revision of revisions) {
    const asked = trials.filter(
      ({ subject }) => subject.realmId === revision.binding.realmId && selects(revision.selector, selectable(subject)),
    );
    const answers =
      lame.has(revision.hash) || lame.size >= LAME_MAX
        ? asked.map(() => 'LATER' as const)
        : await ask(policies, tx, revision, subjectsOf(asked), factsOf, now);
    if (answers.some(holdsUp)) lame.add(revision.hash);
    for (const [index, trial] of asked.entries()) {
      const answer = answers[index] ?? 'LATER';
      // A key that is being made may come too late for those who look at all keys when the binding is asked again.
      const isToBeAsked = answer === 'LATER' || (answer === 'RESTING' && trial.subject.promised === 'NEW');
      if (isToBeAsked) trial.isUnasked ||= revision.counts;
      const isSaid = typeof answer === 'object' && !('fault' in answer);
      const entry = isSaid ? entryOf(revision, answer, trial.subject, now) : lastWord(trial.subject, revision, now);
      if (entry !== null) trial.entries.push(entry);
    }
    reports.push(...reportOf(revision, subjectsOf(asked), answers));
  }
  const judged = trials.map(({ subject, entries, isUnasked }) => {
    const judgement = entries.toSorted((a, b) => (a.bindingId < b.bindingId ? -1 : 1));
    return { subject, verdict: recall(realmOf(realms, subject), judgement), judgement, isUnasked };
  });
  return { judged, reports };
}

/** A key while its bindings are asked. */
interface Trial {
  readonly subject: Subject;
  readonly entries: BindingVerdict[];
  isUnasked: boolean;
}

function subjectsOf(trials: readonly Trial[]): readonly Subject[] {
  return trials.map(({ subject }) => subject);
}

/** None where it was to be asked about no key. */
function reportOf(
  { binding, revision }: Revision,
  subjects: readonly Subject[],
  answers: readonly Answer[],
): readonly Report[] {
  if (answers.length === 0) return [];
  const failed: FailedKey[] = [];
  const answered = new Set<string>();
  let bounds: Said | null = null;
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
  return [{ binding, revision, failed, answered, silentCount: answers.length - answered.size, bounds }];
}
