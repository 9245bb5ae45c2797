import { Prisma, type Binding } from '../../prisma/generated/client/client.ts';
import { systemActor, type Actor } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import { expiredAt, isSameMoment } from '../domain/key.ts';
import { adviseRenewal } from '../domain/renewal-advice.ts';
import { recordTimedChanges, type Review } from '../domain/review.ts';
import type { Change } from '../log/change.ts';
import { updateRows } from '../store/json-rows.ts';
import { evaluatePolicies } from '../policies/evaluate-policies.ts';
import type { EvaluationReport } from '../policies/evaluated-key.ts';
import { combineVerdicts, rememberVerdict } from '../policies/combine-verdicts.ts';
import { holdsVerdicts, parseStoredVerdicts } from '../policies/stored-verdicts.ts';
import { earliestReviewAt, storeVerdicts, evaluationInputOf, type ReviewCore } from './apply-policies.ts';
import type { NoticeChannel } from './notice-channel.ts';
import { findUnnotified, storeNotices } from './store-notices.ts';
import { applyBrakes } from './brake-reviews.ts';
import { toReviewedKey, recheckSoon, reviewKey, type KeyReview } from './review-key.ts';
import { readKeysForReview, withoutChanged, type KeyForReview } from './read-keys-for-review.ts';
import { lifelineOf, noRotation, recordedRotation, eventSubjectOf } from './key-row.ts';
import { writeAnnouncedChanges } from './write-announced-changes.ts';

/**
 * Records the changes that time alone has caused in keys that this change has locked, with their events. Evaluates no
 * policy: what depends on use stays due for a review.
 */
export async function recordElapsedTime(change: Change, ids: readonly string[], now: Date): Promise<void> {
  const { keys } = await readKeysForReview(change.tx, ids);
  await writeReviews(
    change,
    keys.map((key) => {
      const verdict = combineVerdicts(key.realm, parseStoredVerdicts(key.judgement));
      const result = recordTimedChanges(toReviewedKey(key, now), verdict, now);
      return { key, verdict, result, verdicts: null, isUnnotified: false, postponedMs: null };
    }),
    now,
    [],
  );
}

/** What a review found out. */
export interface ReviewReport {
  /** A report on each binding. */
  readonly reports: readonly EvaluationReport[];
  /** The keys that changed between the rehearsal and the review. They stay due. */
  readonly deferredIds: readonly string[];
}

/**
 * Reviews keys that this change has locked, for the instant of its rehearsal, in which their policies were evaluated: decides
 * BY_USE stops and early retirements, and records the changes with their events. All use up to now must have been written. A
 * stop whose shortening a brake refuses stays where it was; a stop without a delivered notice is postponed, once. Keys that
 * have changed since the rehearsal are left due.
 */
export async function recordReview(
  change: Change<ReviewCore>,
  ids: readonly string[],
  now: Date,
): Promise<ReviewReport> {
  const rehearsed = await change.share('keys for review', () => readKeysForReview(change.tx, ids));
  const keys = change.isRehearsal ? rehearsed.keys : await withoutChanged(change.tx, rehearsed, ids);
  const unexpired = keys.filter((key) => key.expiredAt === null && expiredAt(lifelineOf(key), now) === null);
  const live = unexpired.filter(({ revokedAt }) => revokedAt === null);
  const { evaluated, reports } = await evaluatePolicies(
    change.core,
    change.tx,
    live.map((key) => evaluationInputOf(key)),
    now,
    // The transaction asks the same about the same keys.
    { onlyAsks: change.isRehearsal },
  );
  if (change.isRehearsal) return { reports, deferredIds: [] };
  const evaluatedById = new Map(evaluated.map((key) => [key.input.known.key.id, key]));
  const { channels } = change.core;
  const unnotified = await findUnnotified(channels, change.tx, live, now);
  const proposed = keys.map((key) => {
    const evaluated = evaluatedById.get(key.id);
    if (evaluated !== undefined) rememberVerdict(key.realm, evaluated.verdicts, evaluated.verdict);
    const reviewed = reviewKey(key, evaluated?.verdicts ?? null, unnotified.has(key.id), now);
    return evaluated?.isIncomplete ? recheckSoon(reviewed, now) : reviewed;
  });
  const braked = await applyBrakes(change, proposed, reports, now);
  await writeReviews(change, braked, now, channels);
  await writeAnnouncedChanges(change, live, braked, now);
  const reviewedIds = new Set(keys.map(({ id }) => id));
  const deferredIds = ids.filter((id) => !reviewedIds.has(id));
  if (deferredIds.length > 0) await markDue(change, deferredIds, now);
  return { reports, deferredIds };
}

/**
 * Makes locked keys due for review, unless they have ended. A key that is due already is not written: a write would make the
 * reviews and changes that are rehearsed at that moment start again.
 */
export async function markDue({ tx }: Change, ids: readonly string[], now: Date): Promise<void> {
  await tx.key.updateMany({
    where: {
      id: { in: [...ids] },
      revokedAt: null,
      expiredAt: null,
      OR: [{ reviewAt: null }, { reviewAt: { gt: now } }],
    },
    data: { reviewAt: now },
  });
}

async function writeReviews(
  change: Change,
  reviewed: readonly KeyReview[],
  now: Date,
  channels: readonly NoticeChannel[],
): Promise<void> {
  await writeRows(change, reviewed, now);
  const ended = reviewed.flatMap(({ key, result }) =>
    key.waitingStop !== null && result.row.expiredAt !== null ? [key.id] : [],
  );
  if (ended.length > 0) await change.tx.waitingStop.deleteMany({ where: { keyId: { in: ended } } });
  for (const { key, postponedMs } of reviewed) {
    if (postponedMs === null) continue;
    await change.tx.key.update({ where: { id: key.id }, data: { movedOutAt: now, movedOutMs: BigInt(postponedMs) } });
  }
  const newVerdicts = reviewed.flatMap(({ key, verdicts }) =>
    verdicts === null || holdsVerdicts(change.core, key.judgement, verdicts) ? [] : [{ keyId: key.id, verdicts }],
  );
  if (newVerdicts.length > 0) storeVerdicts(change, newVerdicts, now);
  for (const { key, result } of reviewed) {
    await writeRotation(change, key, result);
    await writeHold(change, key, result, now);
    change.record(
      ...result.events.map(({ by, ...event }) => ({
        ...event,
        ...eventSubjectOf(key),
        actor: reviewActor(by, key.realm.bindings),
      })),
    );
  }
  await storeNotices(
    change,
    reviewed.map(({ key, result: { notice, nextUseNotice, row } }) => ({
      key,
      notice,
      nextUseNotice,
      stopsAt: row.stopsAt,
    })),
    channels,
    now,
  );
}

/** Returns the actor of a review's event: the binding that decided it, or the system for time alone (null). */
export function reviewActor(by: string | null, bindings: readonly Binding[]): Actor {
  if (by === null) return systemActor;
  return { kind: 'POLICY', id: by, name: bindings.find(({ id }) => id === by)?.title ?? null };
}

/**
 * Writes the columns of the keys that change, in one statement for the whole batch. What verification answers may change
 * without an event.
 */
async function writeRows({ tx, noteQuietly }: Change, reviewed: readonly KeyReview[], now: Date): Promise<void> {
  const rows = reviewed.flatMap(({ key, verdict, result: { row } }) => {
    const { isAllowed, suggestedAt } = adviseRenewal({ ...key, ...lifelineOf(key), ...row }, verdict, now);
    const renewalDueAt = isAllowed ? suggestedAt : null;
    const isSame =
      isSameMoment(renewalDueAt, key.renewalDueAt) &&
      isSameMoment(row.expiresAt, key.expiresAt) &&
      row.expiryBasis === key.expiryBasis;
    if (!isSame) noteQuietly(key.id);
    const written = { ...row, renewalDueAt, reviewAt: earliestReviewAt(row.reviewAt, renewalDueAt, now) };
    return hasColumns(key, written) ? [] : [{ id: key.id, ...written }];
  });
  if (rows.length === 0) return;
  await tx.$executeRaw(updateRows('Key', rows, Prisma.sql`true`));
}

/** Whether a key has these values in its columns already. */
function hasColumns(key: KeyForReview, columns: Partial<KeyForReview>): boolean {
  return Object.entries(columns).every(([name, value]) => {
    const present = key[name as keyof KeyForReview];
    return value instanceof Date && present instanceof Date ? isSameMoment(value, present) : value === present;
  });
}

async function writeRotation({ tx }: Change, key: KeyForReview, { rotation }: Review): Promise<void> {
  const retiring = recordedRotation(key)?.retiring;
  if (rotation === null || retiring === undefined) return;
  await tx.secret.update({ where: { id: retiring.id }, data: { retiresAt: rotation.retiresAt } });
  await tx.key.update({ where: { id: key.id }, data: rotation.isOver ? noRotation : { rotationExtended: true } });
}

/** Places or lifts the hold of a policy. A review never lifts a person's hold. */
async function writeHold({ tx, core }: Change, key: KeyForReview, { hold }: Review, now: Date): Promise<void> {
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
