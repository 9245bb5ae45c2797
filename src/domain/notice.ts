import { DAY_MS, HOUR_MS, SECOND_MS } from './duration.ts';
import { addMs, hasCome } from './key.ts';
import type { StopTimes } from './life.ts';

/** How far ahead of a stop notices are given, longest first. */
export const noticeThresholdsMs = [30 * DAY_MS, 14 * DAY_MS, 7 * DAY_MS, DAY_MS] as const;

/** A life shorter than this gets one notice, when a third of it is left. */
const SHORT_LIFE_MS = 2 * DAY_MS;

/** A life shorter than this gets no notice. */
const SHORTEST_NOTICED_LIFE_MS = HOUR_MS;

/**
 * Returns how far ahead of its stop a life gets notices, longest first. A threshold that is not shorter than the life is
 * skipped: its notice would come with the issue and say nothing new.
 */
export function noticeThresholdsFor(lifeMs: number): readonly number[] {
  if (lifeMs < SHORTEST_NOTICED_LIFE_MS) return [];
  if (lifeMs < SHORT_LIFE_MS) return [Math.floor(lifeMs / 3 / SECOND_MS) * SECOND_MS];
  return noticeThresholdsMs.filter((thresholdMs) => thresholdMs < lifeMs);
}

/** A threshold of a stop, and the moment at which it is reached. */
export interface NoticeMoment {
  readonly thresholdMs: number;
  readonly at: Date;
}

/**
 * Returns the notice to give now, if any, and the moment of the next one. If several thresholds have passed without
 * notice, only the last is given, because it says all that the others would. A short life gets a single notice.
 */
export function planNotices(
  stopsAt: Date | null,
  lifeStartedAt: Date,
  given: ReadonlySet<number>,
  now: Date,
): { due: NoticeMoment | null; nextAt: Date | null } {
  if (stopsAt === null || hasCome(stopsAt, now)) return { due: null, nextAt: null };
  const lifeMs = stopsAt.getTime() - lifeStartedAt.getTime();
  if (lifeMs < SHORT_LIFE_MS && given.size > 0) return { due: null, nextAt: null };
  const moments = noticeThresholdsFor(lifeMs).map((thresholdMs) => ({ thresholdMs, at: addMs(stopsAt, -thresholdMs) }));
  const reached = moments.findLast((moment) => hasCome(moment.at, now)) ?? null;
  const next = moments.find((moment) => !hasCome(moment.at, now));
  return { due: reached !== null && !given.has(reached.thresholdMs) ? reached : null, nextAt: next?.at ?? null };
}

/** Returns when the life that a stop ends began. For a BY_USE stop that is the last activity. */
export function lifeStartedAt(
  { grantedAt, activeAt }: { readonly grantedAt: Date; readonly activeAt: Date },
  { stopsBasis }: Pick<StopTimes, 'stopsBasis'>,
): Date {
  return stopsBasis === 'BY_USE' ? activeAt : grantedAt;
}
