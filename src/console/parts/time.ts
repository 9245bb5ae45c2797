import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/duration.ts';

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const local = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });
const words = new Intl.RelativeTimeFormat('en', { numeric: 'always' });

/** Returns the local day of an instant, such as "29 Nov 2026". */
export function localDayOf(at: Date): string {
  return day.format(at);
}

/** Returns how many days away a day is, given its noon, such as "in 3 days". */
export function relativeDay(noon: Date, now: Date): string {
  const days = Math.round((noon.getTime() - now.getTime()) / DAY_MS);
  return days === 0 ? 'today' : words.format(days, 'day');
}

/** Returns an instant in local time and in UTC, to the second. */
export function exactTime(at: Date): string {
  return `${local.format(at)} (${at.toISOString().replace('T', ' ').replace(/\..*$/, ' UTC')})`;
}

/** Returns how far away an instant is, in its largest unit, such as "in 3 days" or "12 minutes ago". */
export function relativeTime(at: Date, now: Date): string {
  const ms = at.getTime() - now.getTime();
  const size = Math.abs(ms);
  if (size < MINUTE_MS) return ms <= 0 ? 'just now' : 'in less than a minute';
  const [unit, unitMs] =
    size < HOUR_MS
      ? (['minute', MINUTE_MS] as const)
      : size < 2 * DAY_MS
        ? (['hour', HOUR_MS] as const)
        : (['day', DAY_MS] as const);
  return words.format(Math.trunc(ms / unitMs), unit);
}

const unitNames: Readonly<Record<string, string>> = { D: 'day', H: 'hour', M: 'minute', S: 'second' };

/** Returns a duration, as the gateway writes it, in its two largest units: "90 days" for P90D. */
export function durationWords(text: string): string {
  const parts = [...text.matchAll(/(\d+)(?:\.\d+)?([DHMS])/g)].slice(0, 2);
  return parts
    .map(([, count = '', unit = '']) => `${count} ${unitNames[unit] ?? ''}${count === '1' ? '' : 's'}`)
    .join(' ');
}
