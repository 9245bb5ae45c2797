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

/** The three forms of an HTTP date (RFC 9110, section 5.6.7): of RFC 5322, RFC 850 and asctime. */
const httpDateForms: readonly RegExp[] = [
  /^\w{3}, (?<day>\d{2}) (?<month>\w{3}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^\w{6,9}, (?<day>\d{2})-(?<month>\w{3})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^\w{3} (?<month>\w{3}) (?<day>[ \d]\d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/,
];

/**
 * Parses a Retry-After header (RFC 9110, section 10.2.3) to milliseconds from now, at most a day; null: it is missing or
 * malformed.
 */
export function readRetryAfter(header: string | undefined, now: Date): number | null {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text) * SECOND_MS, LONGEST_RETRY_AFTER_MS);
  const atMs = parseHttpDate(text, now);
  return atMs === null ? null : Math.min(Math.max(0, atMs - now.getTime()), LONGEST_RETRY_AFTER_MS);
}

/** Parses an HTTP date; null: malformed. A year of two digits is at most 50 years ahead. */
function parseHttpDate(text: string, now: Date): number | null {
  const { day, month, year = '', time } = httpDateForms.map((form) => form.exec(text)).find(Boolean)?.groups ?? {};
  const century = Math.floor(now.getUTCFullYear() / 100) * 100;
  const shortYear = century + Number(year);
  const fullYear =
    year.length === 4 ? Number(year) : shortYear > now.getUTCFullYear() + 50 ? shortYear - 100 : shortYear;
  const ms = Date.parse(`${day?.trim().padStart(2, '0')} ${month} ${fullYear} ${time} GMT`);
  return Number.isNaN(ms) ? null : ms;
}
