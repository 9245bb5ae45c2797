import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/duration.ts';

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const local = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });
const words = new Intl.RelativeTimeFormat('en', { numeric: 'always' });

/** Returns the local day of an instant, such as "29 Nov 2026". */
export function localDayOf(at: Date): string {
  return day.format(at);
}

/** Returns a day of the gateway, such as 2026-11-29, as all pages write days. */
export function writtenDay(day: string): string {
  return localDayOf(new Date(`${day}T12:00`));
}

/** Returns how many days of the calendar away an instant is, such as "in 3 days". */
export function relativeDay(at: Date, now: Date): string {
  const days = daysBetween(now, at);
  return days === 0 ? 'today' : words.format(days, 'day');
}

/** Returns an instant in local time and in UTC, to the second. */
export function exactTime(at: Date): string {
  return `${local.format(at)} (${at.toISOString().replace('T', ' ').replace(/\..*$/, ' UTC')})`;
}

/**
 * Returns how far away an instant is, in its largest unit, such as "in 3 days" or "12 minutes ago". Minutes, and hours up to 48,
 * are rounded to the nearest. Days are those of the calendar, so that they fit the day that stands beside them: what stops in 90
 * days says so all day long.
 */
export function relativeTime(at: Date, now: Date): string {
  const ms = at.getTime() - now.getTime();
  if (Math.abs(ms) < MINUTE_MS) return ms <= 0 ? 'just now' : 'in less than a minute';
  const [minutes, hours] = [Math.round(ms / MINUTE_MS), Math.round(ms / HOUR_MS)];
  if (Math.abs(minutes) < 60) return words.format(minutes, 'minute');
  return Math.abs(hours) < 48 ? words.format(hours, 'hour') : words.format(daysBetween(now, at), 'day');
}

/** Returns how many midnights, in local time, lie between two instants; negative if the second is earlier. */
function daysBetween(from: Date, to: Date): number {
  const dayOf = (at: Date) => Date.UTC(at.getFullYear(), at.getMonth(), at.getDate()) / DAY_MS;
  return dayOf(to) - dayOf(from);
}

const unitNames: Readonly<Record<string, string>> = { D: 'day', H: 'hour', M: 'minute', S: 'second' };

/** Returns a duration, as the gateway writes it, in its two largest units: "90 days" for P90D. */
export function durationWords(text: string): string {
  const parts = [...text.matchAll(/(\d+)(?:\.\d+)?([DHMS])/g)].slice(0, 2);
  return parts
    .map(([, count = '', unit = '']) => `${count} ${unitNames[unit] ?? ''}${count === '1' ? '' : 's'}`)
    .join(' ');
}
