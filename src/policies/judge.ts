import type { Binding, Freeze, Realm } from '../../prisma/generated/client/client.ts';
import { decide } from '../domain/decide.ts';
import { unite } from '../domain/freeze.ts';
import { keepNotice, type Promised } from '../domain/keep-notice.ts';
import { hasCome } from '../domain/key.ts';
import { selects } from '../domain/selector.ts';
import type { Moment, Verdict } from '../domain/verdict.ts';
import type { Transaction } from '../store/core.ts';
import type { Facts, Reading, RequestFacts } from './contract.ts';
import { factsFor, gatherOwners, gatherUse, type KnownKey } from './facts.ts';
import { revisionsOf, type Revision } from './in-force.ts';
import type { BindingVerdict, StoredJudgement } from './judgement.ts';
import { isSomewhere } from './presence.ts';
import { readVerdict, realmVerdict, type Said } from './read-verdict.ts';
import type { Policies } from './policies.ts';
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
  readonly verdict: Verdict;
  /** To be stored with what follows from the verdict. */
  readonly judgement: StoredJudgement;
  /** Whether a binding that counts could not be asked here, and another node can: it is to look at once. */
  readonly isForOthers: boolean;
}

/** How one binding did in one round of questions. */
export interface Report {
  readonly binding: Binding;
  readonly revision: number;
  /** How many keys it failed, the first of them, and how; null: none. */
  readonly fault: (Fault & { readonly keyCount: number; readonly keyId: string }) | null;
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

/**
 * The same under bindings and calendars that are given. `asking` says of which bindings all keys are asked; of others what
 * they said of a key before stands, as it does in force.
 */
export async function judgeIn(
  policies: Policies,
  tx: Transaction,
  realms: ReadonlyMap<string, JudgedRealm>,
  subjects: readonly Subject[],
  now: Date,
  { request = null, asking = () => true }: Asking = {},
): Promise<{ readonly judged: readonly Judged[]; readonly reports: readonly Report[] }> {
  const asked = [...realms.values()].flatMap((realm) =>
    realm.bindings.flatMap((binding) => revisionsOf(binding, now)).map((revision) => ({ realm, revision })),
  );
  const facts = await gather(
    policies,
    tx,
    subjects,
    asked.map(({ revision }) => revision),
    realms,
    request,
  );
  const entries = subjects.map((): BindingVerdict[] => []);
  const forOthers = new Set<number>();
  const reports: Report[] = [];
  for (const { realm, revision } of asked) {
    const isAsked = asking(revision.bindingId);
    const chosen: number[] = [];
    for (const [index, subject] of subjects.entries()) {
      if (subject.realmId !== realm.id || !selects(revision.selector, selectable(subject))) continue;
      const before = isAsked ? undefined : subject.earlier.find((entry) => isOf(entry, revision));
      if (before === undefined) chosen.push(index);
      else entries[index]!.push(before);
    }
    const isElsewhere = !isRunnable(policies, revision.hash) && (await isSomewhere(tx, revision.hash, now));
    if (isElsewhere && revision.counts) for (const index of chosen) forOthers.add(index);
    const answers = isElsewhere ? [] : await ask(policies, revision, chosen, facts, now);
    const failed = answers.flatMap((answer, place) =>
      answer !== null && 'fault' in answer ? [{ ...answer.fault, keyId: subjects[chosen[place]!]!.known.key.id }] : [],
    );
    for (const [place, index] of chosen.entries()) {
      const subject = subjects[index]!;
      const answer = answers[place] ?? null;
      const entry =
        answer === null || 'fault' in answer ? lastWord(subject, revision) : entryOf(revision, answer, subject, now);
      if (entry !== null) entries[index]!.push(entry);
    }
    const bounds = answers.find((answer) => answer !== null && !('fault' in answer)) as Said | undefined;
    if (answers.some((answer) => answer !== null)) {
      const [fault] = failed;
      reports.push({
        binding: revision.binding,
        revision: revision.revision,
        fault: fault === undefined ? null : { ...fault, keyCount: failed.length },
        bounds: bounds ?? null,
      });
    }
  }
  const judged = subjects.map((subject, index) => {
    const realm = realms.get(subject.realmId)!;
    const judgement = entries[index]!.toSorted((a, b) => (a.bindingId < b.bindingId ? -1 : 1));
    return { verdict: recall(realm, judgement), judgement, isForOthers: forOthers.has(index) };
  });
  return { judged, reports };
}

interface Asking {
  readonly request?: RequestFacts | null;
  readonly asking?: (bindingId: string) => boolean;
}

function isOf(entry: BindingVerdict, { bindingId, revision, hash, counts }: Revision): boolean {
  const { bindingId: id, revision: number, hash: version, counts: counted } = entry;
  return id === bindingId && number === revision && version === hash && counted === counts;
}

/** What the words of all bindings, as they are stored, mean together. Nobody is asked. */
export function recall(realm: Realm & { readonly freezes: readonly Freeze[] }, judgement: StoredJudgement): Verdict {
  return decide({ ...groundOf(realm), freezes: unite(realm.freezes) }, counted(judgement));
}

/** The same, as if there were no freezes. */
export function recallUnplaced(realm: Realm, judgement: StoredJudgement): Verdict {
  return decide({ ...groundOf(realm), freezes: [] }, counted(judgement));
}

function groundOf(realm: Realm) {
  return { bounds: realmVerdict(realm), longestShiftMs: Number(realm.longestShiftMs) };
}

function counted(judgement: StoredJudgement): readonly Verdict[] {
  return judgement.filter(({ counts }) => counts).map(keptVerdict);
}

async function gather(
  policies: Policies,
  tx: Transaction,
  subjects: readonly Subject[],
  revisions: readonly Revision[],
  realms: ReadonlyMap<string, JudgedRealm>,
  request: RequestFacts | null,
): Promise<(index: number, reads: readonly Reading[]) => Facts> {
  const reads = new Set(revisions.flatMap(({ hash }) => readsOf(policies, hash)));
  const ids = subjects.map(({ known }) => known.key.id);
  const ownerIds = [...new Set(subjects.map(({ ownerId }) => ownerId))];
  const [useOf, ownerOf] = [await gatherUse(tx, ids, reads), await gatherOwners(tx, ownerIds)];
  return (index, reads) => {
    const { known, ownerId, realmId } = subjects[index]!;
    const realm = realms.get(realmId)!;
    const facts = {
      slug: realm.slug,
      shortestLifetime: Number(realm.shortestLifetimeMs),
      longestLifetime: Number(realm.longestLifetimeMs),
      freezes: unite(realm.freezes).map(({ from, to }) => ({ from: from.getTime(), to: to.getTime() })),
    };
    return factsFor(known, { ...useOf(known.key.id), owner: ownerOf(ownerId) }, facts, request, reads);
  };
}

/** Whether a version can be asked here: it is known, and its module has not been taken away or broken since. */
export function isRunnable(policies: Policies, hash: string): boolean {
  const versions = policies.versions();
  const version = versions.find((one) => one.hash === hash);
  return version !== undefined && versions.some((one) => one.name === version.name && one.isCurrent);
}

function readsOf(policies: Policies, hash: string): readonly Reading[] {
  return policies.versions().find((version) => version.hash === hash)?.reads ?? [];
}

/** Null for each key where the binding is not asked: it failed before, and it is not yet time to try again. */
async function ask(
  policies: Policies,
  { binding, hash, config }: Revision,
  chosen: readonly number[],
  facts: (index: number, reads: readonly Reading[]) => Facts,
  now: Date,
): Promise<readonly (Said | { readonly fault: Fault } | null)[]> {
  if (chosen.length === 0) return [];
  if (binding.health === 'BROKEN' && binding.retryAt !== null && !hasCome(binding.retryAt, now))
    return chosen.map(() => null);
  if (!isRunnable(policies, hash)) {
    const fault = { kind: 'MISSING', message: `No node has this version of the module ${binding.policy}.` } as const;
    return chosen.map(() => ({ fault }));
  }
  const reads = readsOf(policies, hash);
  return policies.evaluate({
    hash,
    config,
    moment: now.getTime(),
    facts: chosen.map((index) => facts(index, reads)),
  });
}

/** Of a key that is being made nobody relies on a later stop; of all others notice is kept. */
function entryOf(
  { bindingId, revision, hash, counts, noticeMs }: Revision,
  said: Said,
  { promised }: Subject,
  now: Date,
): BindingVerdict {
  const verdict = readVerdict(said, bindingId);
  const { cap, hold, expire } = promised === 'NEW' ? verdict : keepNotice(verdict, promised, noticeMs, now);
  const kept = { cap: msOf(cap), hold: msOf(hold), expire: msOf(expire) };
  return { bindingId, revision, hash, at: now.getTime(), counts, noticeMs, said, kept };
}

function msOf(moment: Moment | null): number | null {
  return moment?.at.getTime() ?? null;
}

/** What a binding said of the key when it was last asked; of a key of which it never did, the bounds that it last gave. */
function lastWord(
  { earlier }: Subject,
  { bindingId, revision, hash, counts, noticeMs, binding }: Revision,
): BindingVerdict | null {
  const entry = earlier.find((one) => one.bindingId === bindingId && one.counts);
  if (entry !== undefined) return { ...entry, counts };
  const said = binding.lastBounds as unknown as Said | null;
  if (said === null) return null;
  return { bindingId, revision, hash, at: 0, counts, noticeMs, said, kept: { cap: null, hold: null, expire: null } };
}

/** What a binding says with notice kept, as its entry stores it. */
function keptVerdict({ bindingId, said, kept }: BindingVerdict): Verdict {
  const verdict = readVerdict(said, bindingId);
  const at = <M extends { readonly at: Date }>(moment: M | null, ms: number | null): M | null =>
    moment && ms !== null ? { ...moment, at: new Date(ms) } : null;
  return {
    ...verdict,
    cap: at(verdict.cap, kept.cap),
    hold: at(verdict.hold, kept.hold),
    expire: at(verdict.expire, kept.expire),
  };
}

function selectable({ known: { key }, ownerId }: Subject) {
  const labels = Object.entries(key.labels).map(([name, value]) => ({ name, value }));
  return { id: key.id, ownerId, createdAt: new Date(key.createdAt), labels };
}
