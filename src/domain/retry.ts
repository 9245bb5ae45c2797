import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from './duration.ts';

/**
 * The back-off after each failure (Standard Webhooks 1.0.0, "Deliverability and reliability"): ten attempts over 75 hours and
 * 35 minutes.
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

/** The largest jitter, as a share of the delay: deliveries that failed together are not all retried together (thundering herd). */
const JITTER = 0.1;

/** The longest Retry-After that is honoured. */
const LONGEST_RETRY_AFTER_MS = DAY_MS;

/** After failures of this many events in a row, the receiver is taken to be at fault, not an event. */
export const RECEIVER_FAULT_THRESHOLD = 3;

/**
 * Returns the delay after `failureCount` failures (1 or more); null: that was the last attempt. `chance` is a random number from 0
 * to 1, for jitter. The receiver's Retry-After applies if it is longer, up to a day.
 */
export function retryDelayMs(failureCount: number, chance: number, retryAfterMs: number | null): number | null {
  const delayMs = retryDelaysMs[failureCount - 1];
  if (delayMs === undefined) return null;
  const retryAfter = Math.min(retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
  return Math.max(Math.round(delayMs * (1 + JITTER * chance)), retryAfter);
}

/** Parses a Retry-After header (RFC 9110, section 10.2.3) to milliseconds from now; null: it is missing or malformed. */
export function readRetryAfter(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * SECOND_MS;
  const at = /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}
