import type { Binding, Prisma } from '../../prisma/generated/client/client.ts';
import { systemActor, type Actor } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import { keepStop } from '../domain/keep-notice.ts';
import { expiredAt, later } from '../domain/key.ts';
import { settle } from '../domain/life.ts';
import { renewalInfo } from '../domain/renewal-info.ts';
import { moveOutMs } from '../domain/move-out.ts';
import { recordTime, review, type Review, type ReviewedKey } from '../domain/review.ts';
import { consumersOf, type PendingRotation } from '../domain/rotation.ts';
import { stopReason } from '../domain/stop-reason.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Change } from '../log/change.ts';
import { passBrake, type NearerStop } from '../policies/brake.ts';
import { judge, recall } from '../policies/judge.ts';
import { movedOutWords, readJudgement, type StoredJudgement } from '../policies/judgement.ts';
import { writeReports } from '../policies/report.ts';
import type { NoticeChannel } from './notice-channel.ts';
import { lookAgainAt, promisedOf, storeJudgements, subjectFor, type ReviewingCore } from './judge-key.ts';
import { findUntold, giveNotices } from './owed-notices.ts';
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
  /** How far its stop was moved out, as no notice of it could be delivered; null: it was not. */
  readonly movedOutMs: number | null;
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
      const result = recordTime(asReviewed(key, now), verdict, now);
      return { key, verdict, result, judgement: null, movedOutMs: null };
    }),
    now,
    [],
  );
}

/**
 * Looks at keys that this change has locked, when all use up to now has been written: asks policy, decides what use decides,
 * and records what has become true, with its events. A stop that a brake refuses to bring nearer stays where it was; one of
 * which no notice could be delivered moves out, once.
 * Returns how many were looked at.
 */
export async function recordReview(change: Change<ReviewingCore>, ids: readonly string[], now: Date): Promise<number> {
  const keys = await loadKeys(change, ids);
  const alive = keys.filter((key) => key.expiredAt === null && expiredAt(lifelineOf(key), now) === null);
  const subjects = alive.filter(({ revokedAt }) => revokedAt === null);
  const { judged, reports } = await judge(
    change.core.policies,
    change.tx,
    subjects.map((key) => subjectFor(key)),
    now,
  );
  await writeReports(change, reports, now);
  const words = new Map(judged.map((one) => [one.subject.known.key.id, one]));
  const { channels } = change.core;
  const untold = await findUntold(channels, change.tx, subjects, now);
  const proposed = keys.map((key) =>
    look(key, words.get(key.id)?.judgement ?? null, untold.has(key.id), now, (said) => recall(key.realm, said)),
  );
  const nearer = proposed.flatMap(nearerStop);
  const passed = nearer.length === 0 ? new Set<string>() : await passBrake(change, nearer, now);
  const refused = new Map(nearer.filter(({ keyId }) => !passed.has(keyId)).map((stop) => [stop.keyId, stop]));
  await forgetWaiting(change, proposed, refused);
  await write(
    change,
    proposed.map((one) => {
      const stop = refused.get(one.key.id);
      return stop === undefined ? one : asBefore(one, stop, untold.has(one.key.id), now);
    }),
    now,
    channels,
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
function asBefore({ key, judgement }: Reviewed, refused: NearerStop, isUntold: boolean, now: Date): Reviewed {
  const words = without(key, judgement ?? [], refused.binding.id);
  return look(key, words, isUntold, now, (said) => keepStop(recall(key.realm, said), promisedOf(key)));
}

/** Reviews a key under what bindings say. A stop of which nobody was told, though somebody was to be, moves out. */
function look(
  key: LoadedKey,
  judgement: StoredJudgement | null,
  isUntold: boolean,
  now: Date,
  verdictOf: (said: StoredJudgement) => Verdict,
): Reviewed {
  const said = judgement ?? readJudgement(key.judgement);
  const reviewed = asReviewed(key, now);
  const verdict = verdictOf(said);
  const noticeMsOf = (id: string) => said.find(({ bindingId, counts }) => counts && bindingId === id)?.noticeMs ?? 0;
  const ms = isUntold ? moveOutMs({ ...reviewed, ...key }, verdict, noticeMsOf, now) : null;
  if (ms === null) return { key, verdict, result: review(reviewed, verdict, now), judgement, movedOutMs: null };
  const words = movedOutWords(said, ms);
  const moved = verdictOf(words);
  return { key, verdict: moved, result: review(reviewed, moved, now, true), judgement: words, movedOutMs: ms };
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
  const entry = judgement.find(({ bindingId, counts }) => counts && bindingId === stopReason(verdict, row)?.by);
  const binding = key.realm.bindings.find(({ id }) => id === entry?.bindingId);
  if (entry === undefined || binding === undefined) return [];
  const alone = settle(key.chosenExpiresAt, recall(key.realm, without(key, judgement, entry.bindingId)));
  const isNearer =
    isBefore(to, key.stopsAt) ||
    isBefore(to, alone.stopsAt) ||
    (row.stopsBasis === 'HARD' && key.stopsBasis === 'BY_USE' && alone.stopsBasis === 'BY_USE');
  if (!isNearer) return [];
  // Its cause is the revision that said so, which need not be the newest.
  const { revision, hash } = entry;
  const budget = revision === binding.revision ? binding.budget : null;
  return [{ keyId: key.id, from: key.stopsAt, to, binding: { ...binding, revision, hash, budget } }];
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

async function write(
  change: Change,
  reviewed: readonly Reviewed[],
  now: Date,
  channels: readonly NoticeChannel[],
): Promise<void> {
  await writeRows(change, reviewed, now);
  for (const { key, movedOutMs } of reviewed) {
    if (movedOutMs === null) continue;
    await change.tx.key.update({ where: { id: key.id }, data: { movedOutAt: now, movedOutMs: BigInt(movedOutMs) } });
  }
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
  await giveNotices(
    change,
    reviewed.map(({ key, result: { notice, row } }) => ({ key, notice, stopsAt: row.stopsAt })),
    channels,
    now,
  );
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
