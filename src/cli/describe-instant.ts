import { describeDuration } from '../domain/duration.ts';

/** An instant for people, with how far it is from now; of null `otherwise`. */
export function describeInstant(instant: string | null, now: Date, otherwise: string): string {
  if (instant === null) return otherwise;
  const ms = Date.parse(instant) - now.getTime();
  const far = describeDuration(Math.abs(ms)).replace(/^(\d+ \w+).*$/s, '$1');
  return `${instant.replace('T', ' ').replace(/:\d\d\.\d+Z$/, ' UTC')} (${ms < 0 ? `${far} ago` : `in ${far}`})`;
}
