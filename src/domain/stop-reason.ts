import type { StopTimes } from './life.ts';
import type { AttributedReason, Verdict } from './verdict.ts';

/** Why a key stops when it does: what policy says of that moment; null where a person chose it, or nothing stops it. */
export function stopReasonOf(
  { cap, hold, expire }: Verdict,
  { stopsAt }: Pick<StopTimes, 'stopsAt'>,
): AttributedReason | null {
  const moment = [cap, hold, expire].find((one) => one !== null && one.at.getTime() === stopsAt?.getTime());
  return moment?.reason ?? null;
}
