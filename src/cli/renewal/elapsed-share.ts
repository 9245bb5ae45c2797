import { MINUTE_MS } from '../../domain/duration.ts';
import type { Journal } from './journal.ts';

/**
 * Elapsed share of the grace period from which failing places are given up and the rotation is rolled back, while there
 * is still time to do so.
 */
export const GIVE_UP_SHARE = 0.75;

/**
 * Computes the elapsed share of a rotation's grace period; 0 if there is nothing to roll back to. Elapsed time is
 * measured by this machine's clock, the length by the gateway's, so the clocks need not agree.
 */
export function computeElapsedShare({ startedAt, graceMs }: Journal, now: Date): number {
  // A grace period of a minute or less is too short for a rollback.
  if (graceMs === null || graceMs <= MINUTE_MS) return 0;
  return (now.getTime() - new Date(startedAt).getTime()) / graceMs;
}
