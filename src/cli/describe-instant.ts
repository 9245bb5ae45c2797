import { describeDuration } from '../domain/duration.ts';

/** Formats an instant with its distance from now; returns `nullText` for null. */
export function describeInstant(instant: string | null, now: Date, nullText: string): string {
  if (instant === null) return nullText;
  const ms = Date.parse(instant) - now.getTime();
  const distance = describeDuration(Math.abs(ms)).replace(/^(\d+ \w+).*$/s, '$1');
  return `${instant.replace('T', ' ').replace(/:\d\d\.\d+Z$/, ' UTC')} (${ms < 0 ? `${distance} ago` : `in ${distance}`})`;
}
