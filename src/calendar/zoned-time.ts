import { DAY_MS, SECOND_MS } from '../domain/duration.ts';

/** A date and time of a calendar, without a time zone. Months count from 1. */
export interface CivilTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Since the beginning of the day, in ms. */
  readonly timeMs: number;
}

/** Whether the system knows a time zone of this name. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** Returns the instant of a civil time in a time zone. A time that the clocks skip is taken as after the change. */
export function instantIn(zone: string, civil: CivilTime): Date {
  const asUtc = utcOf(civil);
  const first = asUtc - offsetAt(zone, asUtc);
  return new Date(asUtc - offsetAt(zone, first));
}

/** Returns a civil time as if it were in UTC, in ms since 1970. */
export function utcOf({ year, month, day, timeMs }: CivilTime): number {
  return Date.UTC(year, month - 1, day) + timeMs;
}

/** Whether the calendar has this date. */
export function isDate({ year, month, day }: CivilTime): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** Returns the civil time that is so many ms later, by the calendar. */
export function addToCivil(civil: CivilTime, ms: number): CivilTime {
  const date = new Date(utcOf(civil) + ms);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    timeMs: date.getTime() - Math.floor(date.getTime() / DAY_MS) * DAY_MS,
  };
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const made =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  formats.set(zone, made);
  return made;
}

/** Returns how far a zone is ahead of UTC at an instant, in ms. */
function offsetAt(zone: string, instantMs: number): number {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(instantMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const shown = Date.UTC(year, month - 1, day, hour, minute, second);
  return shown - Math.floor(instantMs / SECOND_MS) * SECOND_MS;
}
