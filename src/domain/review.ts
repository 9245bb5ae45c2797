import { formatDuration } from './duration.ts';
import type { EventType, Json } from './event.ts';
import { earliest, expiredAt, hasCome, plus, type Lifeline } from './key.ts';
import { settle, type Settled } from './life.ts';
import { noticesFor, type NoticeMoment } from './notice.ts';
import { lookAt } from './rotation.ts';
import type { Standing, StopBasis, Verdict } from './verdict.ts';

/** All use up to a moment has been written, by every node, so long after it: a stop by use is decided no sooner. */
const USE_SETTLES_MS = 30_000;

/** A key as a review sees it. */
export interface ReviewedKey extends Lifeline {
  readonly grantedAt: Date;
  readonly activeAt: Date;
  readonly chosenExpiresAt: Date | null;
  readonly stopsAt: Date | null;
  readonly stopsBasis: StopBasis | null;
  readonly standing: Standing;
  readonly isHeldByPolicy: boolean;
  readonly rotation: PendingRotation | null;
  /** The thresholds, in ms, of the notices that were given for its present stop. */
  readonly noticesGiven: ReadonlySet<number>;
}

export interface PendingRotation {
  readonly retiresAt: Date;
  readonly graceMs: number;
  readonly wasExtended: boolean;
  /** Whether the new secret is unused or somebody is still on the old one. */
  readonly isStalled: boolean;
}

/** What a review found to be true, or decided, of one key. */
export interface Review {
  readonly row: Settled & { standing: Standing; expiredAt: Date | null; reviewAt: Date | null };
  readonly rotation: 'UNCHANGED' | 'COMPLETED' | { readonly retiresAt: Date };
  readonly hold: 'UNCHANGED' | 'PLACED' | 'LIFTED';
  readonly notice: NoticeMoment | null;
  readonly events: readonly ReviewEvent[];
}

export interface ReviewEvent {
  readonly type: EventType;
  readonly at: Date;
  readonly reason: string | null;
  readonly data: { readonly [name: string]: Json };
}

/**
 * Looks at one key whose review has come due. Of what time alone decides it only records what is true already; a stop by
 * use it decides, once all use up to that moment has been written.
 */
export function review(key: ReviewedKey, verdict: Verdict, now: Date): Review {
  const events: ReviewEvent[] = [];
  const tell = (type: EventType, at: Date, reason: string | null, data: ReviewEvent['data']) =>
    events.push({ type, at, reason, data });

  const settled = settle(key.chosenExpiresAt, verdict);
  const ended = key.revokedAt !== null || key.expiredAt !== null;
  if (ended) return ending(key, key.expiredAt);
  const hardExpiry = expiredAt(key, now);
  if (hardExpiry !== null) {
    tell('KEY_EXPIRED', hardExpiry, null, { basis: 'HARD' });
    return { ...ending(key, hardExpiry), events };
  }

  const rotation = reviewRotation(key, verdict, now, tell);
  const standing = standingOf(verdict, now);
  if (standing === 'EXPIRED') {
    tell('KEY_EXPIRED', now, verdict.dormancy.reason.sentence, { basis: 'BY_USE', code: verdict.dormancy.reason.code });
    const end = ending(key, now);
    return { ...end, row: { ...end.row, expiresAt: now, expiryBasis: 'BY_USE', standing }, rotation, events };
  }
  if (settled.stopsAt?.getTime() !== key.stopsAt?.getTime()) {
    tell('KEY_STOP_CHANGED', now, verdict.dormancy.reason.sentence, {
      from: key.stopsAt?.toISOString() ?? null,
      to: settled.stopsAt?.toISOString() ?? null,
      basis: settled.stopsBasis,
    });
  }
  if (standing === 'WARNED' && key.standing === 'ACTIVE') {
    tell('KEY_DORMANCY_WARNED', now, verdict.dormancy.reason.sentence, {
      code: verdict.dormancy.reason.code,
      stopsAt: settled.stopsAt?.toISOString() ?? null,
    });
  }
  const hold =
    standing === 'HELD' && !key.isHeldByPolicy
      ? 'PLACED'
      : key.isHeldByPolicy && standing !== 'HELD'
        ? 'LIFTED'
        : 'UNCHANGED';
  if (hold === 'PLACED')
    tell('KEY_HELD', now, verdict.dormancy.reason.sentence, { code: verdict.dormancy.reason.code });
  if (hold === 'LIFTED') tell('KEY_RESUMED', now, 'The key is no longer unused.', {});

  const given = settled.stopsAt?.getTime() === key.stopsAt?.getTime() ? key.noticesGiven : new Set<number>();
  const { due: notice } = noticesFor(settled.stopsAt, lifeStart(key, settled), given, now);
  if (notice !== null && settled.stopsAt !== null) {
    tell('KEY_EXPIRING', notice.at, null, {
      stopsAt: settled.stopsAt.toISOString(),
      basis: settled.stopsBasis,
      threshold: formatDuration(notice.thresholdMs),
    });
  }
  const noticed = notice === null ? given : new Set([...given, notice.thresholdMs]);
  const retiring = rotation === 'COMPLETED' ? null : nextRotation(key, rotation);
  return {
    row: {
      ...settled,
      standing,
      expiredAt: null,
      reviewAt: nextReviewAt({ ...key, rotation: retiring }, verdict, now, noticed),
    },
    rotation,
    hold,
    notice,
    events,
  };
}

/** When a policy, or the passing of time, has something to say of a key next. Null: never. */
export function nextReviewAt(
  key: Pick<ReviewedKey, 'grantedAt' | 'activeAt' | 'chosenExpiresAt' | 'rotation'>,
  verdict: Verdict,
  now: Date,
  noticesGiven: ReadonlySet<number> = new Set(),
): Date | null {
  const settled = settle(key.chosenExpiresAt, verdict);
  const notices = noticesFor(settled.stopsAt, lifeStart(key, settled), noticesGiven, now);
  const { warnAt, holdAt, expireAt } = verdict.dormancy;
  const dormancy = [warnAt, holdAt && plus(holdAt, USE_SETTLES_MS), expireAt && plus(expireAt, USE_SETTLES_MS)];
  const { rotation } = key;
  const looks =
    rotation === null ? null : rotation.wasExtended ? rotation.retiresAt : lookAt(rotation.retiresAt, rotation.graceMs);
  return earliest(
    settled.expiresAt,
    looks !== null && hasCome(looks, now) ? (rotation?.retiresAt ?? null) : looks,
    notices.due?.at ?? notices.nextAt,
    ...dormancy.filter((moment) => !hasCome(moment, now)),
  );
}

/** A life that use decides starts anew with each use. */
function lifeStart(key: Pick<ReviewedKey, 'grantedAt' | 'activeAt'>, settled: Settled): Date {
  return settled.stopsBasis === 'BY_USE' ? key.activeAt : key.grantedAt;
}

function standingOf({ dormancy }: Verdict, now: Date): Standing {
  const isPast = (moment: Date | null) => moment !== null && hasCome(plus(moment, USE_SETTLES_MS), now);
  if (isPast(dormancy.expireAt)) return 'EXPIRED';
  if (isPast(dormancy.holdAt)) return 'HELD';
  return hasCome(dormancy.warnAt, now) ? 'WARNED' : 'ACTIVE';
}

/** The rest of a key that has ended: nothing moves any more. */
function ending(key: ReviewedKey, at: Date | null): Review {
  const { expiresAt, expiryBasis, stopsAt, stopsBasis, standing } = key;
  return {
    row: { expiresAt, expiryBasis, stopsAt, stopsBasis, standing, expiredAt: at, reviewAt: null },
    rotation: 'UNCHANGED',
    hold: 'UNCHANGED',
    notice: null,
    events: [],
  };
}

/** At the end of the grace the old secret has retired; shortly before it, a stalled rotation is extended, once. */
function reviewRotation(
  { rotation, chosenExpiresAt }: ReviewedKey,
  verdict: Verdict,
  now: Date,
  tell: (type: EventType, at: Date, reason: string | null, data: ReviewEvent['data']) => void,
): Review['rotation'] {
  if (rotation === null) return 'UNCHANGED';
  if (hasCome(rotation.retiresAt, now)) {
    tell('KEY_ROTATION_COMPLETED', rotation.retiresAt, null, { by: 'GRACE_PERIOD' });
    return 'COMPLETED';
  }
  if (rotation.wasExtended || !rotation.isStalled || !hasCome(lookAt(rotation.retiresAt, rotation.graceMs), now)) {
    return 'UNCHANGED';
  }
  const longer = plus(rotation.retiresAt, verdict.renewal.graceExtensionMs);
  const retiresAt = earliest(longer, chosenExpiresAt) ?? longer;
  if (retiresAt <= rotation.retiresAt) return 'UNCHANGED';
  tell(
    'KEY_ROTATION_STALLED',
    now,
    'Not everyone is known to use the new secret; the old one stays good for longer, once.',
    {
      from: rotation.retiresAt.toISOString(),
      to: retiresAt.toISOString(),
    },
  );
  return { retiresAt };
}

function nextRotation({ rotation }: ReviewedKey, reviewed: Review['rotation']): PendingRotation | null {
  if (rotation === null || typeof reviewed === 'string') return rotation;
  return { ...rotation, retiresAt: reviewed.retiresAt, wasExtended: true };
}
