import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from './duration.ts';

/**
 * How long it is waited after each failure (Standard Webhooks 1.0.0, "Deliverability and reliability"): ten attempts over
 * 75 hours and 35 minutes.
 */
export const retryDelaysMs: readonly number[] = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/** By how much of itself a wait is made longer, at most, so that what failed at once does not come back at once. */
const JITTER = 0.1;

/** The longest that a receiver may put off the next attempt by Retry-After. */
const LONGEST_RETRY_AFTER_MS = DAY_MS;

/** What is one of many failures: so many events in a row, and it is taken to be the receiver and not an event. */
export const RECEIVER_FAULT_THRESHOLD = 3;

/**
 * How long it is waited after so many failures (1 or more); null: that was the last attempt. `chance` is from 0 up to 1.
 * What the receiver asks for counts where it is longer, up to a day.
 */
export function retryDelayMs(failureCount: number, chance: number, retryAfterMs: number | null): number | null {
  const delayMs = retryDelaysMs[failureCount - 1];
  if (delayMs === undefined) return null;
  const asked = Math.min(retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
  return Math.max(Math.round(delayMs * (1 + JITTER * chance)), asked);
}

/** A Retry-After (RFC 9110 section 10.2.3), as ms from now; null: none, or nothing that can be read. */
export function readRetryAfter(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * SECOND_MS;
  const at = /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}
