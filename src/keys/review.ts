import type { Binding, Prisma } from '../../prisma/generated/client/client.ts';
import { MINUTE_MS } from '../domain/duration.ts';
import { systemActor, type Actor } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import { keepStop } from '../domain/keep-notice.ts';
import { earliest, expiredAt, later, plus } from '../domain/key.ts';
import { settle } from '../domain/life.ts';
import { renewalInfo } from '../domain/renewal-info.ts';
import { recordTime, review, stopReason, type Review, type ReviewedKey } from '../domain/review.ts';
import { consumersOf, type PendingRotation } from '../domain/rotation.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Change } from '../log/change.ts';
import { passBrake, type NearerStop } from '../policies/brake.ts';
import { judge, recall } from '../policies/judge.ts';
import { lockRealms } from '../policies/lock-realms.ts';
import { readJudgement, type StoredJudgement } from '../policies/judgement.ts';
import { isTurn, writeReports } from '../policies/report.ts';
import { lookAgainAt, promisedOf, storeJudgements, subjectFor, type JudgingCore } from './judge-key.ts';
import { lifelineOf, noRotation, recordedRotation, subjectOf } from './stored-key.ts';

const whatReviewsRead = {
  realm: { include: { freezes: true, bindings: true } },
  holds: true,
  labels: true,
  judgement: true,
  waitingStop: true,
  notices: true,
  secrets: { include: { uses: true } },
} satisfies Prisma.KeyInclude;

type LoadedKey = Prisma.KeyGetPayload<{ include: typeof whatReviewsRead }>;

/** What a review found of a key, and what it stands on. */
interface Reviewed {
  readonly key: LoadedKey;
  readonly verdict: Verdict;
  readonly result: Review;
  /** Null: what bindings said before stays. */
  readonly judgement: StoredJudgement | null;
}

/**
 * Records what time alone has made true of keys that this change has locked, with its events. No policy is asked: what use
 * decides stays due.
 */
export async function recordPast(change: Change, ids: readonly string[], now: Date): Promise<void> {
  const keys = await loadKeys(change, ids);
  await write(
    change,
    keys.map((key) => {
      const verdict = recall(key.realm, readJudgement(key.judgement));
      return { key, verdict, result: recordTime(asReviewed(key, now), verdict, now), judgement: null };
    }),
    now,
  );
}

/**
 * Looks at keys that this change has locked, when all use up to now has been written: asks policy, decides what use decides,
 * and records what has become true, with its events. A stop that a brake refuses to bring nearer stays where it was.
 * Returns how many were looked at.
 */
export async function recordReview(change: Change<JudgingCore>, ids: readonly string[], now: Date): Promise<number> {
  const keys = await loadKeys(change, ids);
  const alive = keys.filter((key) => key.expiredAt === null && expiredAt(lifelineOf(key), now) === null);
  const subjects = alive.filter(({ revokedAt }) => revokedAt === null);
  const { judged, reports } = await judge(
    change.core.policies,
    change.tx,
    subjects.map((key) => subjectFor(key)),
    now,
  );
  const words = new Map(judged.map((one) => [one.subject.known.key.id, one]));
  const proposed = keys.map((key): Reviewed => {
    const word = words.get(key.id);
    const verdict = word?.verdict ?? recall(key.realm, readJudgement(key.judgement));
    const result = review(asReviewed(key, now), verdict, now);
    return {
      key,
      verdict,
      result: word?.isUnasked ? askedSoon(result, now) : result,
      judgement: word?.judgement ?? null,
    };
  });
  const nearer = proposed.flatMap(nearerStop);
  await lockRealms(change.tx, [
    ...reports.filter(isTurn).map(({ binding }) => binding.realmId),
    ...proposed.flatMap(({ key }) => (key.waitingStop === null ? [] : [key.realmId])),
    ...nearer.map(({ binding }) => binding.realmId),
  ]);
  await writeReports(change, reports, now);
  const passed = await passBrake(change, nearer, now);
  const refused = new Map(nearer.filter(({ keyId }) => !passed.has(keyId)).map((stop) => [stop.keyId, stop]));
  await forgetWaiting(change, proposed, refused);
  await write(
    change,
    proposed.map((one) => {
      const stop = refused.get(one.key.id);
      return stop === undefined ? one : asBefore(one, stop, now);
    }),
    now,
  );
  return keys.length;
}

async function loadKeys({ tx }: Change, ids: readonly string[]): Promise<LoadedKey[]> {
  return tx.key.findMany({
    where: { id: { in: [...ids] } },
    include: whatReviewsRead,
    orderBy: [{ reviewAt: 'asc' }, { id: 'asc' }],
  });
}

/**
 * A key whose nearer stop is refused: that binding's word is what it was before, those of all others are heard, and what is
 * promised stays. So a use moves its stop as ever.
 */
function asBefore({ key, judgement }: Reviewed, refused: NearerStop, now: Date): Reviewed {
  const words = without(key, judgement ?? [], refused.binding.id);
  const verdict = keepStop(recall(key.realm, words), promisedOf(key));
  return { key, verdict, result: review(asReviewed(key, now), verdict, now), judgement: words };
}

/** A key about which not all were asked is looked at again soon. */
function askedSoon(result: Review, now: Date): Review {
  const { row } = result;
  if (row.expiredAt !== null) return result;
  return { ...result, row: { ...row, reviewAt: earliest(row.reviewAt, plus(now, MINUTE_MS)) } };
}

/** What bindings say, but for one of them, whose word that counts is what it was before. */
function without(key: LoadedKey, judgement: StoredJudgement, bindingId: string): StoredJudgement {
  const before = readJudgement(key.judgement).filter((entry) => entry.bindingId === bindingId && entry.counts);
  return [...judgement.filter((entry) => entry.bindingId !== bindingId || !entry.counts), ...before];
}

/**
 * A stop that policy brings nearer, and the binding that does: nearer than it is stored, than it would be without the new
 * word of that binding, or the same to a day and no longer moved by use.
 */
function nearerStop({ key, verdict, result: { row }, judgement }: Reviewed): NearerStop[] {
  const { stopsAt: to, expiredAt: ended } = row;
  if (to === null || ended !== null || judgement === null) return [];
  const reason = stopReason(verdict, row);
  const entry = judgement.find(({ bindingId, counts }) => counts && bindingId === reason?.by);
  const binding = key.realm.bindings.find(({ id }) => id === entry?.bindingId);
  if (reason === null || entry === undefined || binding === undefined) return [];
  const alone = settle(key.chosenExpiresAt, recall(key.realm, without(key, judgement, entry.bindingId)));
  const isNearer =
    isBefore(to, key.stopsAt) ||
    isBefore(to, alone.stopsAt) ||
    (row.stopsBasis === 'HARD' && key.stopsBasis === 'BY_USE' && alone.stopsBasis === 'BY_USE');
  if (!isNearer) return [];
  // Its cause is the revision that said so, which need not be the newest.
  const { revision, hash } = entry;
  const budget = revision === binding.revision ? binding.budget : null;
  return [{ keyId: key.id, from: key.stopsAt, to, reason, binding: { ...binding, revision, hash, budget } }];
}

/** Null is never. */
function isBefore(to: Date, from: Date | null): boolean {
  return from === null || to < from;
}

/** What waited behind a brake, and is no nearer any more, waits no longer. */
async function forgetWaiting(
  { tx }: Change,
  proposed: readonly Reviewed[],
  refused: ReadonlyMap<string, unknown>,
): Promise<void> {
  const over = proposed.filter(({ key }) => key.waitingStop !== null && !refused.has(key.id)).map(({ key }) => key.id);
  if (over.length > 0) await tx.waitingStop.deleteMany({ where: { keyId: { in: over } } });
}

async function write(change: Change, reviewed: readonly Reviewed[], now: Date): Promise<void> {
  await writeRows(change, reviewed, now);
  const judgements = reviewed.flatMap(({ key, judgement }) =>
    judgement === null ? [] : [{ keyId: key.id, judgement }],
  );
  if (judgements.length > 0) await storeJudgements(change.tx, judgements, now);
  for (const { key, result } of reviewed) {
    await writeRotation(change, key, result);
    await writeHold(change, key, result, now);
    change.tell(
      ...result.events.map(({ by, ...event }) => ({
        ...event,
        ...subjectOf(key),
        actor: actorFor(by, key.realm.bindings),
      })),
    );
  }
  const notices = reviewed.flatMap(({ key, result: { notice, row } }) =>
    notice === null || row.stopsAt === null
      ? []
      : [{ keyId: key.id, stopsAt: row.stopsAt, thresholdMs: BigInt(notice.thresholdMs), givenAt: now }],
  );
  if (notices.length > 0) await change.tx.notice.createMany({ data: notices, skipDuplicates: true });
}

/** Null: time alone. */
function actorFor(by: string | null, bindings: readonly Binding[]): Actor {
  if (by === null) return systemActor;
  return { kind: 'POLICY', id: by, name: bindings.find(({ id }) => id === by)?.title ?? null };
}

function asReviewed(key: LoadedKey, now: Date): ReviewedKey {
  const given = key.notices.filter((notice) => notice.stopsAt.getTime() === key.stopsAt?.getTime());
  return {
    ...key,
    ...lifelineOf(key),
    heldBy: key.holds.find((hold) => hold.source === 'POLICY')?.sourceId ?? null,
    isHeldByPerson: key.holds.some((hold) => hold.source !== 'POLICY'),
    rotation: pendingOf(key, now),
    noticesGiven: new Set(given.map((notice) => Number(notice.thresholdMs))),
  };
}

/** The rotation that the key's row speaks of, and whether it is stalled; its moment may have passed since. */
function pendingOf(key: LoadedKey, now: Date): PendingRotation | null {
  const recorded = recordedRotation(key);
  if (recorded === null) return null;
  const { current, retiring, pending } = recorded;
  const { notMoved, hasUnlabelled } = consumersOf(retiring.uses, current.uses, now);
  if (current.firstUsedAt === null || notMoved.length > 0 || hasUnlabelled) return { ...pending, movedAt: null };
  const arrivals = current.uses.flatMap(({ firstUsedAt }) => firstUsedAt ?? []);
  return { ...pending, movedAt: arrivals.reduce(later, current.firstUsedAt) };
}

/** One statement for the whole batch. */
async function writeRows({ tx }: Change, reviewed: readonly Reviewed[], now: Date): Promise<void> {
  const rows = reviewed.map(({ key, verdict, result: { row } }) => {
    const { isAllowed, suggestedAt } = renewalInfo({ ...key, ...lifelineOf(key), ...row }, verdict, now);
    const renewalDueAt = isAllowed ? suggestedAt : null;
    return { id: key.id, ...row, renewalDueAt, reviewAt: lookAgainAt(row.reviewAt, renewalDueAt, row, now) };
  });
  await tx.$executeRaw`
    UPDATE "Key" k SET
      "expiresAt" = r."expiresAt", "expiryBasis" = r."expiryBasis"::"StopBasis",
      "stopsAt" = r."stopsAt", "stopsBasis" = r."stopsBasis"::"StopBasis", "renewalDueAt" = r."renewalDueAt",
      standing = r.standing::"Standing", "expiredAt" = r."expiredAt", "reviewAt" = r."reviewAt"
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS r(id text, "expiresAt" timestamptz, "expiryBasis" text, "stopsAt" timestamptz, "stopsBasis" text,
           "renewalDueAt" timestamptz, standing text, "expiredAt" timestamptz, "reviewAt" timestamptz)
    WHERE k.id = r.id`;
}

async function writeRotation({ tx }: Change, key: LoadedKey, { rotation }: Review): Promise<void> {
  const retiring = recordedRotation(key)?.retiring;
  if (rotation === null || retiring === undefined) return;
  await tx.secret.update({ where: { id: retiring.id }, data: { retiresAt: rotation.retiresAt } });
  await tx.key.update({ where: { id: key.id }, data: rotation.isOver ? noRotation : { rotationExtended: true } });
}

/** A review places and lifts policy's own holds, never a person's. */
async function writeHold({ tx, core }: Change, key: LoadedKey, { hold }: Review, now: Date): Promise<void> {
  if (hold === 'UNCHANGED') return;
  await tx.hold.deleteMany({ where: { keyId: key.id, source: 'POLICY' } });
  if (hold === null) return;
  await tx.hold.create({
    data: {
      id: newId('hold', now, core.random),
      keyId: key.id,
      source: 'POLICY',
      sourceId: hold.by,
      sourceName: key.realm.bindings.find(({ id }) => id === hold.by)?.title ?? hold.by,
      reason: hold.sentence,
      since: key.holds.find(({ source }) => source === 'POLICY')?.since ?? now,
    },
  });
}
