import { SECOND_MS } from './duration.ts';
import { earliest, hasCome, latest, addMs } from './key.ts';
import { decideStop } from './life.ts';
import { lifeStartedAt, planNotices } from './notice.ts';
import { stallCheckAt, type OpenRotation } from './rotation.ts';
import type { Moment, DormancyState, Verdict } from './verdict.ts';

/** By this long after a moment, every node has written all use up to it. A BY_USE stop is decided no earlier. */
const USE_SETTLES_MS = 30 * SECOND_MS;

/** The fields of a key that decide when it is reviewed next. */
export interface ScheduledKey {
  readonly grantedAt: Date;
  readonly activeAt: Date;
  readonly chosenExpiresAt: Date | null;
  /** The dormancy state that the last review recorded. */
  readonly standing: DormancyState;
  /** `movedAt` is given where the consumers' moves were loaded. */
  readonly rotation: (Omit<OpenRotation, 'movedAt'> & { readonly movedAt?: Date | null }) | null;
}

/**
 * Returns when a key has to be reviewed next: no later than any moment at which a review would find something new, and never
 * before now. Null: never.
 */
export function nextReviewAt(
  key: ScheduledKey,
  verdict: Verdict,
  now: Date,
  noticesGiven: ReadonlySet<number> = new Set(),
): Date | null {
  const settled = decideStop(key.chosenExpiresAt, verdict);
  const notices = planNotices(settled.stopsAt, lifeStartedAt(key, settled), noticesGiven, now);
  const next = earliest(
    settled.expiryBasis === 'HARD' ? settled.expiresAt : null,
    notices.due?.at ?? notices.nextAt,
    dormancyStateChangesAt(key.standing, verdict, now),
    nextRotationCheckAt(key.rotation, now),
    earlyRetirementAt(key.rotation, verdict),
  );
  return next && latest(next, now);
}

/** Returns the dormancy state of a key now. A stop counts only when all use before it has been written. */
export function dormancyStateOf(verdict: Verdict, now: Date): DormancyState {
  if (hasCome(useSettledAt(findEndByUse(verdict)), now)) return 'EXPIRED';
  if (hasCome(useSettledAt(verdict.hold), now)) return 'HELD';
  return hasCome(verdict.warn?.at ?? null, now) ? 'WARNED' : 'ACTIVE';
}

/** Returns the first BY_USE end of a key, from a cap or from dormancy, and its reason; null: none. */
export function findEndByUse({ cap, expire }: Verdict): Moment | null {
  if (cap?.basis !== 'BY_USE') return expire;
  return expire !== null && expire.at < cap.at ? expire : cap;
}

function dormancyStateChangesAt(recorded: DormancyState, verdict: Verdict, now: Date): Date | null {
  if (dormancyStateOf(verdict, now) !== recorded) return now;
  const moments = [verdict.warn?.at ?? null, useSettledAt(verdict.hold), useSettledAt(findEndByUse(verdict))];
  return earliest(...moments.filter((moment) => !hasCome(moment, now)));
}

function nextRotationCheckAt(rotation: ScheduledKey['rotation'], now: Date): Date | null {
  if (rotation === null) return null;
  return rotation.wasExtended ? rotation.retiresAt : latest(stallCheckAt(rotation.retiresAt, rotation.graceMs), now);
}

/** Returns when the old secret retires early because all its consumers have moved; null: it does not, or policy does not allow it. */
export function earlyRetirementAt(rotation: ScheduledKey['rotation'], { renewal }: Verdict): Date | null {
  const movedAt = rotation?.movedAt ?? null;
  return movedAt === null || renewal.retiresWhenMoved !== true ? null : addMs(movedAt, USE_SETTLES_MS);
}

function useSettledAt(moment: Moment | null): Date | null {
  return moment && addMs(moment.at, USE_SETTLES_MS);
}
