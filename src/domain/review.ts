import { formatDuration } from './duration.ts';
import type { EventType } from './event.ts';
import type { EventData, TypedData } from './event-detail.ts';
import { earliest, expiredAt, hasCome, latest, addMs, type KeyLifecycle } from './key.ts';
import { decideStop, hardEndOf, type StopTimes } from './life.ts';
import { earlyRetirementAt, nextReviewAt, dormancyStateOf, findEndByUse } from './next-review.ts';
import { nextUseEvent, planNextUseNotice, type NextUse, type NextUseNotice } from './next-use-notice.ts';
import { lifeStartedAt, planNotices, type NoticeMoment } from './notice.ts';
import { stallCheckAt, type OpenRotation } from './rotation.ts';
import { expiryReasonOf, stopReasonOf } from './stop-reason.ts';
import type { AttributedReason, DormancyState, StopBasis, Verdict } from './verdict.ts';

/** The fields of a key that a review reads. */
export interface ReviewedKey extends KeyLifecycle {
  readonly grantedAt: Date;
  readonly activeAt: Date;
  readonly chosenExpiresAt: Date | null;
  readonly stopsAt: Date | null;
  readonly stopsBasis: StopBasis | null;
  readonly standing: DormancyState;
  /** The id of the binding that holds the key; null: none does. */
  readonly heldBy: string | null;
  /** Whether a person, or a leak of its secret, holds the key. */
  readonly isHeldByPerson: boolean;
  /** When the review came due. */
  readonly reviewAt: Date | null;
  readonly rotation: OpenRotation | null;
  /** The thresholds, in ms, of the notices that were given for the key's current stop. */
  readonly noticesGiven: ReadonlySet<number>;
  /** Absent: no notice is given that the key stops before its next use. */
  readonly nextUse?: NextUse;
}

/** What a review recorded or decided about a key. */
export interface Review {
  readonly row: StopTimes & {
    readonly standing: DormancyState;
    readonly expiredAt: Date | null;
    readonly reviewAt: Date | null;
  };
  /** Null: unchanged. `isOver`: the old secret retired at `retiresAt`. */
  readonly rotation: { readonly retiresAt: Date; readonly isOver: boolean } | null;
  /** The reason for which policy holds the key from now on; null: policy does not hold it, or resumes it. */
  readonly hold: 'UNCHANGED' | AttributedReason | null;
  readonly notice: NoticeMoment | null;
  /** A notice that the key stops before its next use; null: none is due. */
  readonly nextUseNotice: NextUseNotice | null;
  /** The events to record, in the order in which they became true. */
  readonly events: readonly ReviewEvent[];
}

export type ReviewEvent = TypedData & {
  readonly at: Date;
  /** The id of the binding that caused it; null: time alone did. */
  readonly by: string | null;
  readonly reason: string | null;
};

/**
 * Records the changes that time alone has made to a key: the end of a rotation, a HARD expiry. BY_USE stops are left to a full
 * review, which stays due.
 */
export function recordTimedChanges(key: ReviewedKey, verdict: Verdict, now: Date): Review {
  const { expiresAt, expiryBasis, stopsAt, stopsBasis, standing } = key;
  const stored = { expiresAt, expiryBasis, stopsAt, stopsBasis, standing };
  const unchanged = { rotation: null, hold: 'UNCHANGED', notice: null, nextUseNotice: null, events: [] } as const;
  if (key.revokedAt !== null || key.expiredAt !== null) {
    return { ...unchanged, row: { ...stored, expiredAt: key.expiredAt, reviewAt: null } };
  }
  const ended = expiredAt(key, now);
  const end = rotationEnd(key.rotation, ended, now);
  const events = end === null ? [] : [end.event];
  if (ended !== null) {
    const expired = { type: 'KEY_EXPIRED', at: ended, by: null, reason: null, data: { basis: 'HARD' } } as const;
    const row = { ...stored, expiredAt: ended, reviewAt: null };
    return { ...unchanged, row, rotation: end?.rotation ?? null, events: [...events, expired] };
  }
  const rotation = end === null ? key.rotation : null;
  const reviewAt = nextReviewAt({ ...key, rotation }, verdict, now, key.noticesGiven);
  return { ...unchanged, row: { ...stored, expiredAt: null, reviewAt }, rotation: end?.rotation ?? null, events };
}

/** The reason of a stop change that postpones a due BY_USE stop. */
const UNDELIVERED = {
  code: 'NOTICES_UNDELIVERED',
  sentence:
    'None of the notices of this stop could be delivered. The stop is postponed once, so that notice can be given again.',
};

/**
 * Reviews a key that is due, once all use up to its stop has been written. It records changes that time alone has made, and
 * decides BY_USE stops. `isPostponed`: the stops of the verdict were just postponed, because no notice of the stop that has come
 * could be delivered.
 */
export function review(key: ReviewedKey, verdict: Verdict, now: Date, isPostponed = false): Review {
  const past = recordTimedChanges(key, verdict, now);
  if (key.revokedAt !== null || past.row.expiredAt !== null) return past;
  const standing = dormancyStateOf(verdict, now);
  const events = [...past.events];
  const decide = <Type extends EventType>(type: Type, reason: AttributedReason | null, data: EventData<Type>) =>
    events.push({ type, at: now, by: reason?.by ?? null, reason: reason?.sentence ?? null, data } as ReviewEvent);

  if (standing === 'EXPIRED') {
    const reason = findEndByUse(verdict)?.reason ?? null;
    const end = past.rotation === null ? rotationEnd(key.rotation, now, now) : null;
    if (end !== null) events.push(end.event);
    decide('KEY_EXPIRED', reason, { basis: 'BY_USE', code: reason?.code ?? null });
    const row = {
      ...past.row,
      expiresAt: now,
      expiryBasis: 'BY_USE',
      standing,
      expiredAt: now,
      reviewAt: null,
    } as const;
    return { ...past, row, rotation: end?.rotation ?? past.rotation, events: sortByTime(events) };
  }

  const settled = decideStop(key.chosenExpiresAt, verdict);
  const stopsAt = settled.stopsAt?.toISOString() ?? null;
  const hasStopChanged = settled.stopsAt?.getTime() !== key.stopsAt?.getTime() || settled.stopsBasis !== key.stopsBasis;
  const end = hardEndChange(key, settled);
  if (hasStopChanged || end !== null) {
    const data = { from: key.stopsAt?.toISOString() ?? null, to: stopsAt, basis: settled.stopsBasis, ...end };
    if (isPostponed) {
      const { code, sentence: reason } = UNDELIVERED;
      events.push({ type: 'KEY_STOP_CHANGED', at: now, by: null, reason, data: { ...data, code } });
    } else {
      const reason = hasStopChanged ? stopReasonOf(verdict, settled) : expiryReasonOf(verdict, settled);
      decide('KEY_STOP_CHANGED', reason, data);
    }
  }
  if (standing === 'WARNED' && key.standing === 'ACTIVE') {
    const reason = verdict.warn?.reason ?? null;
    decide('KEY_DORMANCY_WARNED', reason, { code: reason?.code ?? null, stopsAt });
  }
  const hold = standing === 'HELD' ? (verdict.hold?.reason ?? null) : null;
  if (hold !== null && key.heldBy === null) decide('KEY_HELD', hold, { source: 'POLICY', code: hold.code });
  if (hold === null && key.heldBy !== null) {
    const data = { sources: ['POLICY'], isStillHeld: key.isHeldByPerson };
    decide(
      'KEY_RESUMED',
      { code: 'NOT_HELD', sentence: 'Policy no longer has a reason to hold the key.', by: key.heldBy },
      data,
    );
  }

  const rotationStep =
    past.rotation === null ? (retireEarly(key, verdict, now) ?? extendStalled(key, settled, verdict, now)) : null;
  if (rotationStep !== null) events.push(rotationStep.event);

  const given = hasStopChanged ? new Set<number>() : key.noticesGiven;
  const { due: notice } = planNotices(settled.stopsAt, lifeStartedAt(key, settled), given, now);
  if (notice !== null) {
    // A notice that was already due when the stop was set is dated to that moment, not to its threshold.
    const at = latest(notice.at, hasStopChanged || key.reviewAt === null ? now : key.reviewAt);
    const data = { stopsAt, basis: settled.stopsBasis, threshold: formatDuration(notice.thresholdMs) };
    events.push({ type: 'KEY_EXPIRING', at, by: null, reason: null, data });
  }

  const nextUseNotice = planNextUse(key, settled, standing, hasStopChanged, now);
  if (nextUseNotice !== null) events.push({ ...nextUseEvent(nextUseNotice, settled), at: now, by: null, reason: null });

  const noticed = notice === null ? given : new Set([...given, notice.thresholdMs]);
  const rotation =
    past.rotation === null ? rotationAfterCheck(key.rotation, rotationStep?.rotation ?? null, now) : null;
  const reviewAt = nextReviewAt({ ...key, standing, rotation }, verdict, now, noticed);
  const row = { ...settled, standing, expiredAt: null, reviewAt };
  const isHoldUnchanged = (hold?.by ?? null) === key.heldBy;
  return {
    row,
    rotation: rotationStep?.rotation ?? past.rotation,
    hold: isHoldUnchanged ? 'UNCHANGED' : hold,
    notice,
    nextUseNotice,
    events: sortByTime(events),
  };
}

/** Returns the notice that a key stops before its next use, which is due for its new stop; null: none is. */
function planNextUse(
  { nextUse, isHeldByPerson }: ReviewedKey,
  { stopsAt }: StopTimes,
  standing: DormancyState,
  hasStopChanged: boolean,
  now: Date,
): NextUseNotice | null {
  if (nextUse === undefined || isHeldByPerson || standing === 'HELD') return null;
  const noticesGiven = hasStopChanged ? new Set<number>() : nextUse.noticesGiven;
  return planNextUseNotice(stopsAt, { ...nextUse, noticesGiven }, now);
}

/**
 * Returns how a review moves the moment at which time alone ends a key; null: it does not. That moment may be behind an
 * earlier BY_USE stop, so that the key's stop stays.
 */
function hardEndChange(before: StopTimes, after: StopTimes) {
  const [previousExpiresAt = null, expiresAt = null] = [before, after].map(
    (times) => hardEndOf(times)?.toISOString() ?? null,
  );
  return previousExpiresAt === expiresAt ? null : { previousExpiresAt, expiresAt };
}

/**
 * Returns the end of a rotation that is over: the end of its grace period or the end of its key, whichever is first.
 */
function rotationEnd(rotation: OpenRotation | null, keyEndedAt: Date | null, now: Date) {
  const at = rotation && earliest(rotation.retiresAt, keyEndedAt);
  if (rotation === null || at === null || !hasCome(at, now)) return null;
  const data = { generation: rotation.generation, by: at < rotation.retiresAt ? 'EXPIRY' : 'GRACE_PERIOD' };
  const event: ReviewEvent = { type: 'KEY_ROTATION_COMPLETED', at, by: null, reason: null, data };
  return { rotation: { retiresAt: at, isOver: true }, event };
}

/** Retires the old secret as soon as all consumers seen on it have been seen on the new one, if policy allows that. */
function retireEarly({ rotation }: ReviewedKey, verdict: Verdict, now: Date) {
  if (rotation === null || !hasCome(earlyRetirementAt(rotation, verdict), now)) return null;
  const event: ReviewEvent = {
    type: 'KEY_ROTATION_COMPLETED',
    at: now,
    by: verdict.renewal.reason.by,
    reason: 'All consumers of the old secret use the new one.',
    data: { generation: rotation.generation, by: 'MOVED' },
  };
  return { rotation: { retiresAt: now, isOver: true }, event };
}

/** Extends the grace period of a stalled rotation shortly before its end: once, and never past the key's HARD expiry. */
function extendStalled({ rotation }: ReviewedKey, { expiresAt, expiryBasis }: StopTimes, verdict: Verdict, now: Date) {
  if (rotation === null || rotation.wasExtended || rotation.movedAt !== null) return null;
  if (!hasCome(stallCheckAt(rotation.retiresAt, rotation.graceMs), now)) return null;
  const longer = addMs(rotation.retiresAt, verdict.renewal.graceExtensionMs ?? 0);
  const retiresAt = earliest(longer, expiryBasis === 'HARD' ? expiresAt : null) ?? longer;
  if (retiresAt <= rotation.retiresAt) return null;
  const event: ReviewEvent = {
    type: 'KEY_ROTATION_STALLED',
    at: now,
    by: verdict.renewal.reason.by,
    reason: 'Not all consumers are known to use the new secret. The grace period of the old one is extended, once.',
    data: { generation: rotation.generation, from: rotation.retiresAt.toISOString(), to: retiresAt.toISOString() },
  };
  return { rotation: { retiresAt, isOver: false }, event };
}

/** Returns the rotation after this review. Once it has been checked for a stall, the next step is its end. */
function rotationAfterCheck(rotation: OpenRotation | null, step: Review['rotation'], now: Date): OpenRotation | null {
  if (rotation === null || step?.isOver) return null;
  if (step !== null) return { ...rotation, retiresAt: step.retiresAt, wasExtended: true };
  const isChecked = hasCome(stallCheckAt(rotation.retiresAt, rotation.graceMs), now);
  return { ...rotation, wasExtended: rotation.wasExtended || isChecked };
}

function sortByTime(events: readonly ReviewEvent[]): ReviewEvent[] {
  return events.toSorted((a, b) => a.at.getTime() - b.at.getTime());
}
