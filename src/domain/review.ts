import { formatDuration } from './duration.ts';
import type { EventType, Json } from './event.ts';
import { earliest, expiredAt, hasCome, latest, addMs, type KeyLifecycle } from './key.ts';
import { decideStop, type StopTimes } from './life.ts';
import { earlyRetirementAt, nextReviewAt, dormancyStateOf, findEndByUse } from './next-review.ts';
import { lifeStartedAt, planNotices, type NoticeMoment } from './notice.ts';
import { stallCheckAt, type OpenRotation } from './rotation.ts';
import { stopReasonOf } from './stop-reason.ts';
import type { AttributedReason, DormancyState, StopBasis, Verdict } from './verdict.ts';

/** A key as a review sees it. */
export interface ReviewedKey extends KeyLifecycle {
  readonly grantedAt: Date;
  readonly activeAt: Date;
  readonly chosenExpiresAt: Date | null;
  readonly stopsAt: Date | null;
  readonly stopsBasis: StopBasis | null;
  readonly standing: DormancyState;
  /** The id of the binding that holds it; null: none does. */
  readonly heldBy: string | null;
  /** Whether something else holds it: a person, or a leak of its secret. */
  readonly isHeldByPerson: boolean;
  /** When the review came due. */
  readonly reviewAt: Date | null;
  readonly rotation: OpenRotation | null;
  /** The thresholds, in ms, of the notices that were given for its present stop. */
  readonly noticesGiven: ReadonlySet<number>;
}

/** What a review found to be true, or decided, of one key. */
export interface Review {
  readonly row: StopTimes & {
    readonly standing: DormancyState;
    readonly expiredAt: Date | null;
    readonly reviewAt: Date | null;
  };
  /** Null: as it was. Over: the old secret has retired at that moment. */
  readonly rotation: { readonly retiresAt: Date; readonly isOver: boolean } | null;
  /** Why policy holds the key from now on; null: it does not any more. */
  readonly hold: 'UNCHANGED' | AttributedReason | null;
  readonly notice: NoticeMoment | null;
  /** In the order in which they became true. */
  readonly events: readonly ReviewEvent[];
}

export interface ReviewEvent {
  readonly type: EventType;
  readonly at: Date;
  /** The id of the binding that made it true; null: time alone did. */
  readonly by: string | null;
  readonly reason: string | null;
  readonly data: { readonly [name: string]: Json };
}

/**
 * Records what time alone has made true of a key: that a rotation is over, that the key has expired. What its use decides
 * is left to a review, and stays due.
 */
export function recordTimedChanges(key: ReviewedKey, verdict: Verdict, now: Date): Review {
  const { expiresAt, expiryBasis, stopsAt, stopsBasis, standing } = key;
  const as = { expiresAt, expiryBasis, stopsAt, stopsBasis, standing };
  const unchanged = { rotation: null, hold: 'UNCHANGED', notice: null, events: [] } as const;
  if (key.revokedAt !== null || key.expiredAt !== null) {
    return { ...unchanged, row: { ...as, expiredAt: key.expiredAt, reviewAt: null } };
  }
  const ended = expiredAt(key, now);
  const over = rotationEnd(key.rotation, ended, now);
  const events = over === null ? [] : [over.event];
  if (ended !== null) {
    const expired = { type: 'KEY_EXPIRED', at: ended, by: null, reason: null, data: { basis: 'HARD' } } as const;
    const row = { ...as, expiredAt: ended, reviewAt: null };
    return { ...unchanged, row, rotation: over?.rotation ?? null, events: [...events, expired] };
  }
  const rotation = over === null ? key.rotation : null;
  const reviewAt = nextReviewAt({ ...key, rotation }, verdict, now, key.noticesGiven);
  return { ...unchanged, row: { ...as, expiredAt: null, reviewAt }, rotation: over?.rotation ?? null, events };
}

/** Why a stop by use is moved out when it comes. */
const UNDELIVERED = {
  code: 'NOTICES_UNDELIVERED',
  sentence: 'None of its notices could be delivered: it stops later, once, so that notice can be given again.',
};

/**
 * Looks at one key whose review has come due, when all use up to then has been written. Of what time alone decides it only
 * records what is true already; a stop by use it decides. `isMovedOut`: the verdict was just moved out, as no notice of
 * the stop that has come could be delivered.
 */
export function review(key: ReviewedKey, verdict: Verdict, now: Date, isMovedOut = false): Review {
  const past = recordTimedChanges(key, verdict, now);
  if (key.revokedAt !== null || past.row.expiredAt !== null) return past;
  const standing = dormancyStateOf(verdict, now);
  const events = [...past.events];
  const decide = (type: EventType, reason: AttributedReason | null, data: ReviewEvent['data']) =>
    events.push({ type, at: now, by: reason?.by ?? null, reason: reason?.sentence ?? null, data });

  if (standing === 'EXPIRED') {
    const reason = findEndByUse(verdict)?.reason ?? null;
    const over = past.rotation === null ? rotationEnd(key.rotation, now, now) : null;
    if (over !== null) events.push(over.event);
    decide('KEY_EXPIRED', reason, { basis: 'BY_USE', code: reason?.code ?? null });
    const row = {
      ...past.row,
      expiresAt: now,
      expiryBasis: 'BY_USE',
      standing,
      expiredAt: now,
      reviewAt: null,
    } as const;
    return { ...past, row, rotation: over?.rotation ?? past.rotation, events: sortByTime(events) };
  }

  const settled = decideStop(key.chosenExpiresAt, verdict);
  const stopsAt = settled.stopsAt?.toISOString() ?? null;
  const hasMoved = settled.stopsAt?.getTime() !== key.stopsAt?.getTime() || settled.stopsBasis !== key.stopsBasis;
  if (hasMoved) {
    const data = { from: key.stopsAt?.toISOString() ?? null, to: stopsAt, basis: settled.stopsBasis };
    if (isMovedOut) {
      const { code, sentence: reason } = UNDELIVERED;
      events.push({ type: 'KEY_STOP_CHANGED', at: now, by: null, reason, data: { ...data, code } });
    } else decide('KEY_STOP_CHANGED', stopReasonOf(verdict, settled), data);
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
      { code: 'NOT_HELD', sentence: 'Policy has no reason to hold it any more.', by: key.heldBy },
      data,
    );
  }

  const turned =
    past.rotation === null ? (retireEarly(key, verdict, now) ?? extendStalled(key, settled, verdict, now)) : null;
  if (turned !== null) events.push(turned.event);

  const given = hasMoved ? new Set<number>() : key.noticesGiven;
  const { due: notice } = planNotices(settled.stopsAt, lifeStartedAt(key, settled), given, now);
  if (notice !== null) {
    // What was due when the stop was set has become true then, not when the threshold would have been.
    const at = latest(notice.at, hasMoved || key.reviewAt === null ? now : key.reviewAt);
    const data = { stopsAt, basis: settled.stopsBasis, threshold: formatDuration(notice.thresholdMs) };
    events.push({ type: 'KEY_EXPIRING', at, by: null, reason: null, data });
  }

  const noticed = notice === null ? given : new Set([...given, notice.thresholdMs]);
  const rotation = past.rotation === null ? rotationAfterCheck(key.rotation, turned?.rotation ?? null, now) : null;
  const reviewAt = nextReviewAt({ ...key, standing, rotation }, verdict, now, noticed);
  const row = { ...settled, standing, expiredAt: null, reviewAt };
  const isAsHeld = (hold?.by ?? null) === key.heldBy;
  return {
    row,
    rotation: turned?.rotation ?? past.rotation,
    hold: isAsHeld ? 'UNCHANGED' : hold,
    notice,
    events: sortByTime(events),
  };
}

/** The end of a rotation that is over: at the end of its grace, or of its key, after which no old secret works. */
function rotationEnd(rotation: OpenRotation | null, keyEndedAt: Date | null, now: Date) {
  const at = rotation && earliest(rotation.retiresAt, keyEndedAt);
  if (rotation === null || at === null || !hasCome(at, now)) return null;
  const data = { generation: rotation.generation, by: at < rotation.retiresAt ? 'EXPIRY' : 'GRACE_PERIOD' };
  const event: ReviewEvent = { type: 'KEY_ROTATION_COMPLETED', at, by: null, reason: null, data };
  return { rotation: { retiresAt: at, isOver: true }, event };
}

/** Where policy says so, an old secret retires as soon as everyone who was seen on it has been seen on the new one. */
function retireEarly({ rotation }: ReviewedKey, verdict: Verdict, now: Date) {
  if (rotation === null || !hasCome(earlyRetirementAt(rotation, verdict), now)) return null;
  const event: ReviewEvent = {
    type: 'KEY_ROTATION_COMPLETED',
    at: now,
    by: verdict.renewal.reason.by,
    reason: 'Everyone who used the old secret uses the new one.',
    data: { generation: rotation.generation, by: 'MOVED' },
  };
  return { rotation: { retiresAt: now, isOver: true }, event };
}

/** Ahead of the end of its grace a stalled rotation is extended, once, and never past the key's own HARD end. */
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
    reason: 'Not everyone is known to use the new secret; the old one stays good for longer, once.',
    data: { generation: rotation.generation, from: rotation.retiresAt.toISOString(), to: retiresAt.toISOString() },
  };
  return { rotation: { retiresAt, isOver: false }, event };
}

/** Once it has been looked whether a rotation is stalled, the next thing to happen to it is its end. */
function rotationAfterCheck(rotation: OpenRotation | null, turned: Review['rotation'], now: Date): OpenRotation | null {
  if (rotation === null || turned?.isOver) return null;
  if (turned !== null) return { ...rotation, retiresAt: turned.retiresAt, wasExtended: true };
  const hasLooked = hasCome(stallCheckAt(rotation.retiresAt, rotation.graceMs), now);
  return { ...rotation, wasExtended: rotation.wasExtended || hasLooked };
}

function sortByTime(events: readonly ReviewEvent[]): ReviewEvent[] {
  return events.toSorted((a, b) => a.at.getTime() - b.at.getTime());
}
