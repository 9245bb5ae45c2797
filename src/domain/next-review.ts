import { SECOND_MS } from './duration.ts';
import { earliest, hasCome, later, plus } from './key.ts';
import { settle } from './life.ts';
import { lifeStart, noticesFor } from './notice.ts';
import { lookAt, type PendingRotation } from './rotation.ts';
import type { Moment, Standing, Verdict } from './verdict.ts';

/** All use up to a moment has been written, by every node, so long after it: a stop by use is decided no sooner. */
const USE_SETTLES_MS = 30 * SECOND_MS;

/** What of a key says when it is looked at next. */
export interface ScheduledKey {
  readonly grantedAt: Date;
  readonly activeAt: Date;
  readonly chosenExpiresAt: Date | null;
  /** As the last review recorded it. */
  readonly standing: Standing;
  /** Who has moved is known where it was looked up. */
  readonly rotation: (Omit<PendingRotation, 'movedAt'> & { readonly movedAt?: Date | null }) | null;
}

/**
 * When a policy, or the passing of time, has something to say of a key next: never later than any moment at which a review
 * would find something new, never before now. Null: never.
 */
export function nextReviewAt(
  key: ScheduledKey,
  verdict: Verdict,
  now: Date,
  noticesGiven: ReadonlySet<number> = new Set(),
): Date | null {
  const settled = settle(key.chosenExpiresAt, verdict);
  const notices = noticesFor(settled.stopsAt, lifeStart(key, settled), noticesGiven, now);
  const next = earliest(
    settled.expiryBasis === 'HARD' ? settled.expiresAt : null,
    notices.due?.at ?? notices.nextAt,
    standingChangesAt(key.standing, verdict, now),
    rotationLookAt(key.rotation, now),
    earlyEndAt(key.rotation, verdict),
  );
  return next && later(next, now);
}

/** What dormancy says of a key now. A stop is said when all use before it has been written. */
export function standingOf(verdict: Verdict, now: Date): Standing {
  if (hasCome(settledAt(stopByUse(verdict)), now)) return 'EXPIRED';
  if (hasCome(settledAt(verdict.hold), now)) return 'HELD';
  return hasCome(verdict.warn?.at ?? null, now) ? 'WARNED' : 'ACTIVE';
}

/** The end that use decides, by a cap or by dormancy, whichever is first, and why. */
export function stopByUse({ cap, expire }: Verdict): Moment | null {
  if (cap?.basis !== 'BY_USE') return expire;
  return expire !== null && expire.at < cap.at ? expire : cap;
}

function standingChangesAt(recorded: Standing, verdict: Verdict, now: Date): Date | null {
  if (standingOf(verdict, now) !== recorded) return now;
  const moments = [verdict.warn?.at ?? null, settledAt(verdict.hold), settledAt(stopByUse(verdict))];
  return earliest(...moments.filter((moment) => !hasCome(moment, now)));
}

function rotationLookAt(rotation: ScheduledKey['rotation'], now: Date): Date | null {
  if (rotation === null) return null;
  return rotation.wasExtended ? rotation.retiresAt : later(lookAt(rotation.retiresAt, rotation.graceMs), now);
}

/** When an old secret that nobody uses any more retires, where policy says that it does. */
export function earlyEndAt(rotation: ScheduledKey['rotation'], { renewal }: Verdict): Date | null {
  const movedAt = rotation?.movedAt ?? null;
  return movedAt === null || renewal.retiresWhenMoved !== true ? null : plus(movedAt, USE_SETTLES_MS);
}

function settledAt(moment: Moment | null): Date | null {
  return moment && plus(moment.at, USE_SETTLES_MS);
}
