import { MINUTE_MS } from '../../domain/duration.ts';
import type { Journal } from './journal.ts';

/** From this share of the grace on what still fails is given up, and the rotation taken back: later there is no time left for it. */
export const GIVE_UP_SHARE = 0.75;

/**
 * Which share of a rotation's grace is over; 0 where there is nothing to go back to. What has passed is told by this machine's
 * clock, how long it is by the gateway's: they need not agree.
 */
export function computeElapsedShare({ startedAt, graceMs }: Journal, now: Date): number {
  // Of a grace of next to nothing there is nothing to go back to either.
  if (graceMs === null || graceMs <= MINUTE_MS) return 0;
  return (now.getTime() - new Date(startedAt).getTime()) / graceMs;
}
