import type { Binding, Freeze, Realm } from '../../prisma/generated/client/client.ts';
import { unite } from '../domain/freeze.ts';
import { keepNotice, putOff, type Promised } from '../domain/keep-notice.ts';
import { hasCome, later } from '../domain/key.ts';
import { selects } from '../domain/selector.ts';
import type { Moment, Verdict } from '../domain/verdict.ts';
import type { Transaction } from '../store/core.ts';
import type { Facts, Reading, RequestFacts } from './contract.ts';
import { factsFor, gatherOwners, gatherUse, type KnownKey } from './facts.ts';
import { revisionsOf, type Revision } from './in-force.ts';
import { hardCapOf, type BindingVerdict, type StoredJudgement } from './judgement.ts';
import { knownFault, type FailedKey } from './known-fault.ts';
import { isRunnable, type Policies } from './policies.ts';
import { isSomewhere } from './presence.ts';
import { readVerdict, type Said } from './read-verdict.ts';
import { keptVerdict, recall } from './recall.ts';
import type { Fault } from './runtime/runtime.ts';

/** A key on which policy is to say something. */
export interface Subject {
  readonly known: KnownKey;
  readonly ownerId: string;
  readonly realmId: string;
  /** What it may rely on. 'NEW': it is being made, and nobody relies on anything yet. */
  readonly promised: Promised | 'NEW';
  /** What bindings said when they were last asked. */
  readonly earlier: StoredJudgement;
}

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

/** A realm as policy needs it. */
export type JudgedRealm = Realm & { readonly bindings: readonly Binding[]; readonly freezes: readonly Freeze[] };

export const whatJudgingReads = { bindings: { where: { unboundAt: null } }, freezes: true } as const;

/** What the realms of some keys are, with their bindings and calendars. */
export async function loadRealms(tx: Transaction, ids: readonly string[]): Promise<ReadonlyMap<string, JudgedRealm>> {
  const realms = await tx.realm.findMany({ where: { id: { in: [...new Set(ids)] } }, include: whatJudgingReads });
  return new Map(realms.map((realm) => [realm.id, realm]));
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
  const factsOf = await gather(policies, tx, subjects, revisions, realms, request);
  const reports: Report[] = [];
  const lame = new Set<string>();
  for (const revision of revisions) {
    const asked = trials.filter(
      ({ subject }) => subject.realmId === revision.binding.realmId && selects(revision.selector, selectable(subject)),
    );
    const answers =
      lame.has(revision.hash) || lame.size >= LAME_MAX
        ? asked.map((trial) => ({ trial, answer: 'LATER' as const }))
        : await ask(policies, tx, revision, asked, factsOf, now);
    if (answers.some(({ answer }) => holdsUp(answer))) lame.add(revision.hash);
    for (const { trial, answer } of answers) {
      // A key that is being made may come too late for those who look at all keys when the binding is asked again.
      const isToBeAsked = answer === 'LATER' || (answer === 'RESTING' && trial.subject.promised === 'NEW');
      if (isToBeAsked) trial.isUnasked ||= revision.counts;
      const isSaid = typeof answer === 'object' && !('fault' in answer);
      const entry = isSaid ? entryOf(revision, answer, trial.subject, now) : lastWord(trial.subject, revision, now);
      if (entry !== null) trial.entries.push(entry);
    }
    reports.push(...reportOf(revision, answers));
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

/**
 * What came of asking a binding about a key.
 *
 * - LATER: others kept its module from being asked, or another node has that
 * - RESTING: its module failed before, and it is not yet time to try again
 */
type Answer = Said | { readonly fault: Fault } | 'LATER' | 'RESTING';

interface Answered {
  readonly trial: Trial;
  readonly answer: Answer;
}

async function ask(
  policies: Policies,
  tx: Transaction,
  { binding, revision, hash, config }: Revision,
  asked: readonly Trial[],
  factsOf: (subject: Subject, reads: readonly Reading[]) => Facts,
  now: Date,
): Promise<readonly Answered[]> {
  const all = (answer: Answer) => asked.map((trial) => ({ trial, answer }));
  if (asked.length === 0) return [];
  if (!isRunnable(policies, hash) && (await isSomewhere(tx, hash, now))) return all('LATER');
  const fault = knownFault(binding);
  const isResting = fault?.isResting === true && fault.revision === revision;
  if (isResting && binding.retryAt !== null && !hasCome(binding.retryAt, now)) return all('RESTING');
  if (!isRunnable(policies, hash)) {
    return all({ fault: { kind: 'MISSING', message: `No node has this version of the module ${binding.policy}.` } });
  }
  const reads = policies.find(hash)?.reads ?? [];
  const facts = asked.map(({ subject }) => factsOf(subject, reads));
  const answers = await policies.evaluate({ hash, config, moment: now.getTime(), facts });
  return asked.map((trial, index) => ({ trial, answer: answers[index] ?? 'LATER' }));
}

/** Whether its module kept everyone waiting. */
function holdsUp(answer: Answer): boolean {
  return typeof answer === 'object' && 'fault' in answer && ['LOOPS', 'CRASHES'].includes(answer.fault.kind);
}

/** None where it was to be asked about no key. */
function reportOf({ binding, revision }: Revision, answers: readonly Answered[]): readonly Report[] {
  if (answers.length === 0) return [];
  const failed: FailedKey[] = [];
  const answered = new Set<string>();
  let bounds: Said | null = null;
  for (const { trial, answer } of answers) {
    const keyId = trial.subject.known.key.id;
    if (typeof answer !== 'object') continue;
    if ('fault' in answer) failed.push({ ...answer.fault, keyId });
    else {
      answered.add(keyId);
      bounds ??= answer;
    }
  }
  return [{ binding, revision, failed, answered, silentCount: answers.length - answered.size, bounds }];
}

function realmOf(realms: ReadonlyMap<string, JudgedRealm>, { realmId }: Subject): JudgedRealm {
  const realm = realms.get(realmId);
  if (realm === undefined) throw new Error(`a key of a realm that is not there: ${realmId}`);
  return realm;
}

async function gather(
  policies: Policies,
  tx: Transaction,
  subjects: readonly Subject[],
  revisions: readonly Revision[],
  realms: ReadonlyMap<string, JudgedRealm>,
  request: RequestFacts | null,
): Promise<(subject: Subject, reads: readonly Reading[]) => Facts> {
  const reads = new Set(revisions.flatMap(({ hash }) => policies.find(hash)?.reads ?? []));
  const ids = subjects.map(({ known }) => known.key.id);
  const ownerIds = [...new Set(subjects.map(({ ownerId }) => ownerId))];
  const useOf = await gatherUse(tx, ids, reads);
  const ownerOf = await gatherOwners(tx, ownerIds);
  const realmFacts = new Map([...realms.values()].map((realm) => [realm.id, factsOfRealm(realm)]));
  return (subject, reads) => {
    const { known, ownerId, realmId } = subject;
    const realm = realmFacts.get(realmId) ?? factsOfRealm(realmOf(realms, subject));
    return factsFor(known, { ...useOf(known.key.id), owner: ownerOf(ownerId) }, realm, request, reads);
  };
}

function factsOfRealm({ slug, shortestLifetimeMs, longestLifetimeMs, freezes }: JudgedRealm): Facts['realm'] {
  return {
    slug,
    shortestLifetime: Number(shortestLifetimeMs),
    longestLifetime: Number(longestLifetimeMs),
    freezes: unite(freezes).map(({ from, to }) => ({ from: from.getTime(), to: to.getTime() })),
  };
}

/**
 * Of a key that is being made nobody relies on a later stop; of all others notice is kept. What is announced stops nothing
 * before it is effective, and its notice is counted from then.
 */
function entryOf(
  { bindingId, revision, hash, counts, noticeMs, effectiveAt }: Revision,
  said: Said,
  { promised, earlier }: Subject,
  now: Date,
): BindingVerdict {
  const verdict = readVerdict(said, bindingId);
  const own = earlier.find((entry) => entry.bindingId === bindingId && entry.counts);
  const relied = hasCome(effectiveAt, now) ? promised : promisedFrom(promised, effectiveAt);
  const from = later(now, effectiveAt);
  const kept = relied === 'NEW' ? verdict : keepNotice(verdict, relied, noticeMs, from, ownCapOf(own));
  return { bindingId, revision, hash, at: now.getTime(), counts, noticeMs, said, kept: stopsOf(kept) };
}

/** A stop that comes before anything else can is no reason for that to come as soon. */
function promisedFrom(promised: Subject['promised'], from: Date): Promised {
  if (promised === 'NEW') return { stopsAt: null, basis: null, isHeld: false, movedOutMs: 0 };
  const { stopsAt, isHeld } = promised;
  return isHeld || stopsAt === null ? promised : { ...promised, stopsAt: later(stopsAt, from) };
}

/** The cap by time alone that a binding has given a key before; null: none. One by use was no promise of it. */
function ownCapOf(entry: BindingVerdict | undefined): Date | null {
  const at = entry === undefined ? null : hardCapOf(entry);
  return at === null ? null : new Date(at);
}

function stopsOf({ cap, hold, expire }: Verdict): BindingVerdict['kept'] {
  return { cap: msOf(cap), hold: msOf(hold), expire: msOf(expire) };
}

function msOf(moment: Moment | null): number | null {
  return moment?.at.getTime() ?? null;
}

/**
 * What a binding said of the key when it was last asked; of a key of which it never did, the bounds that it last gave. A stop
 * that use might have moved since is not decided on its last word (law 9): when it comes it is put off by the notice period.
 */
function lastWord(
  { earlier, promised }: Subject,
  { bindingId, revision, hash, counts, noticeMs, binding }: Revision,
  now: Date,
): BindingVerdict | null {
  const entry = earlier.find((one) => one.bindingId === bindingId && one.counts);
  if (entry !== undefined && (promised === 'NEW' || !counts)) return { ...entry, counts };
  if (entry !== undefined && promised !== 'NEW') {
    // What was moved out of it has been already.
    const kept = keepNotice(keptVerdict(entry), { ...promised, movedOutMs: 0 }, noticeMs, now, ownCapOf(entry));
    return { ...entry, counts, kept: stopsOf(putOff(kept, promised.isHeld, now, noticeMs)) };
  }
  const said = binding.lastBounds as unknown as Said | null;
  if (said === null) return null;
  return { bindingId, revision, hash, at: 0, counts, noticeMs, said, kept: { cap: null, hold: null, expire: null } };
}

function selectable({ known: { key }, ownerId }: Subject) {
  const labels = Object.entries(key.labels).map(([name, value]) => ({ name, value }));
  return { id: key.id, ownerId, createdAt: new Date(key.createdAt), labels };
}
