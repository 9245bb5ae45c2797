import { DAY_MS } from './duration.ts';
import { hasCome, addMs } from './key.ts';
import type { StopTimes } from './life.ts';

/** How far ahead of a stop notices are given, longest first. */
export const noticeThresholdsMs = [30 * DAY_MS, 14 * DAY_MS, 7 * DAY_MS, DAY_MS] as const;

/** A threshold of a stop, and the moment at which it is reached. */
export interface NoticeMoment {
  readonly thresholdMs: number;
  readonly at: Date;
}

/**
 * Returns the notice to give now, if any, and the moment of the next one. Thresholds longer than the key's life are skipped. If
 * several thresholds have passed without notice, only the last is given, because it says all that the others would.
 */
export function planNotices(
  stopsAt: Date | null,
  lifeStartedAt: Date,
  given: ReadonlySet<number>,
  now: Date,
): { due: NoticeMoment | null; nextAt: Date | null } {
  if (stopsAt === null || hasCome(stopsAt, now)) return { due: null, nextAt: null };
  const lifeMs = stopsAt.getTime() - lifeStartedAt.getTime();
  const moments = noticeThresholdsMs
    .filter((thresholdMs) => thresholdMs <= lifeMs)
    .map((thresholdMs) => ({ thresholdMs, at: addMs(stopsAt, -thresholdMs) }));
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
