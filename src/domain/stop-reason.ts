import type { StopTimes } from './life.ts';
import type { AttributedReason, Verdict } from './verdict.ts';

/**
 * Returns the reason of a key's stop; null: a person chose the moment, nothing stops the key, or the stop was promised
 * before the policies changed.
 */
export function stopReasonOf(
  { cap, hold, expire }: Verdict,
  { stopsAt }: Pick<StopTimes, 'stopsAt'>,
): AttributedReason | null {
  const moment = [cap, hold, expire].find((stop) => stop !== null && stop.at.getTime() === stopsAt?.getTime());
  return moment?.reason ?? null;
}

/** Returns the reason of a key's expiry; null: a person chose the moment, or the key has none. */
export function expiryReasonOf({ cap }: Verdict, { expiresAt }: Pick<StopTimes, 'expiresAt'>): AttributedReason | null {
  return cap !== null && cap.at.getTime() === expiresAt?.getTime() ? cap.reason : null;
}
