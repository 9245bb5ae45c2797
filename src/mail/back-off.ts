import { DAY_MS, HOUR_MS, MINUTE_MS } from '../domain/duration.ts';
import type { Random } from '../store/random.ts';

/** How long a mail is retried. */
export const RETRY_MS = 3 * DAY_MS;

/** The mean back-off after the first failure. It doubles with each failure, up to the longest. */
const FIRST_BACKOFF_MS = MINUTE_MS;
const LONGEST_BACKOFF_MS = 4 * HOUR_MS;

/** Returns the back-off in milliseconds, with a jitter of ±50 % against a thundering herd. */
export function backOffMs(attemptCount: number, random: Random): number {
  const middle = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(20, attemptCount - 1));
  return Math.floor(middle * (0.5 + shareOf(random)));
}

/** Returns a random number from 0 to 1. */
export function shareOf(random: Random): number {
  return Buffer.from(random(4)).readUInt32BE(0) / 2 ** 32;
}
