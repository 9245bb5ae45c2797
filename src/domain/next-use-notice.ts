import { ONE_USE_MS, type Cadence } from './cadence.ts';
import { DAY_MS, formatDuration, SECOND_MS } from './duration.ts';
import type { TypedData } from './event-detail.ts';
import type { StopTimes } from './life.ts';

/** The notice is given again when a stop is this near, together with the notice that the key stops. */
const AGAIN_MS = 14 * DAY_MS;

/** What decides whether a key gets notice that it stops before its next use. */
export interface NextUse {
  readonly cadence: Cadence | null;
  /** Whether a program renews the key in time. */
  readonly isRenewed: boolean;
  /** How far ahead of the key's current stop such notices were given, in ms. */
  readonly noticesGiven: ReadonlySet<number>;
}

/** A notice that a key stops before it is likely to be used next. */
export interface NextUseNotice {
  /** How far ahead of the stop it is given. It differs from those of other notices. */
  readonly thresholdMs: number;
  readonly cadence: Cadence;
}

/**
 * Returns the notice to give now that a key stops before it is likely to be used next: before the middle of the time in which that
 * is likely, while no program renews the key and it is used less often than each week. It is given once the stop is known, and
 * again 14 days ahead of it. Null: none.
 */
export function planNextUseNotice(
  stopsAt: Date | null,
  { cadence, isRenewed, noticesGiven }: NextUse,
  now: Date,
): NextUseNotice | null {
  if (stopsAt === null || cadence === null || isRenewed) return null;
  // A key that is used each week or more often is used before it stops.
  if (cadence.interval <= ONE_USE_MS) return null;
  const stopMs = stopsAt.getTime();
  if (stopMs >= (cadence.nextUseFrom + cadence.nextUseTo) / 2) return null;
  // Not a whole number of days, as the thresholds of other notices are.
  const thresholdMs = Math.floor((stopMs - now.getTime()) / SECOND_MS - 1) * SECOND_MS;
  if (thresholdMs <= 0) return null;
  const isGiven = noticesGiven.size > 0;
  const wasGivenLate = [...noticesGiven].some((givenMs) => givenMs <= AGAIN_MS);
  if (isGiven && (wasGivenLate || thresholdMs > AGAIN_MS)) return null;
  return { thresholdMs, cadence };
}

/** Returns the type and data of the event of such a notice. */
export function nextUseEvent(
  { thresholdMs, cadence }: NextUseNotice,
  { stopsAt, stopsBasis }: Pick<StopTimes, 'stopsAt' | 'stopsBasis'>,
): TypedData<'KEY_STOPS_BEFORE_NEXT_USE'> {
  return {
    type: 'KEY_STOPS_BEFORE_NEXT_USE',
    data: {
      stopsAt: stopsAt?.toISOString() ?? null,
      basis: stopsBasis,
      threshold: formatDuration(thresholdMs),
      nextUseFrom: new Date(cadence.nextUseFrom).toISOString(),
      nextUseTo: new Date(cadence.nextUseTo).toISOString(),
      interval: formatDuration(cadence.interval),
      isSure: cadence.confidence === 'STRONG',
    },
  };
}
