import { DAY_MS } from './duration.ts';
import { quote } from './quote.ts';

/** The years that are accepted, in UTC: from the epoch to the last year that RFC 3339 can write. */
const FIRST_YEAR = 1970;
const LAST_YEAR = 9999;
const LAST_MS = Date.UTC(LAST_YEAR, 11, 31, 23, 59, 59, 999);

const example = '2027-01-31T12:00:00Z';
const shape = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/**
 * Parses an RFC 3339 timestamp (section 5.6) from 1970 to 9999 in UTC. `T` and `Z` may be lower case, as the RFC allows, and an
 * offset is converted to UTC. Digits finer than milliseconds are dropped. Dates and times that do not exist are refused, and so
 * are leap seconds, which a JavaScript date cannot represent.
 */
export function parseInstant(text: string): { at: Date } | { problem: string } {
  const found = shape.exec(text);
  if (found === null) return refuse(text, `expected an RFC 3339 timestamp with an offset, such as ${example}`);

  const [, years, months, days, hours, minutes, seconds, fraction = '', sign, offsetHours, offsetMinutes] = found;
  const [year, month, day] = [Number(years), Number(months), Number(days)];
  const [hour, minute, second] = [Number(hours), Number(minutes), Number(seconds)];
  const [offsetHour, offsetMinute] = [Number(offsetHours ?? 0), Number(offsetMinutes ?? 0)];

  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month))
    return refuse(text, 'the calendar has no such day');
  if (second === 60) return refuse(text, 'leap seconds are not accepted; write the second before or after');
  if (hour > 23 || minute > 59 || second > 59) return refuse(text, 'a day has no such time; 23:59:59 is the last');
  if (offsetHour > 23 || offsetMinute > 59) return refuse(text, 'the offset is too large; at most 23:59 is accepted');

  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  at.setUTCHours(hour, minute, second, Number(fraction.slice(0, 3).padEnd(3, '0')));
  const offset = (offsetHour * 60 + offsetMinute) * (sign === '-' ? -1 : 1);
  at.setUTCMinutes(at.getUTCMinutes() - offset);

  if (!isInRange(at)) return refuse(text, `expected a year from ${FIRST_YEAR} to ${LAST_YEAR} in UTC`);
  return { at };
}

/** The texts of numbers with leading zeros, and of days as far as `T`: most instants are on few days. */
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));
const threeDigits = Array.from({ length: 1000 }, (_, number) => String(number).padStart(3, '0'));
const dayTexts = new Map<number, string>();
const DAY_TEXTS_MAX = 1_000;

/**
 * Formats an instant in its canonical form: RFC 3339 in UTC with milliseconds.
 *
 * @throws RangeError for an invalid date, or a year outside 1970 to 9999.
 */
export function formatInstant(at: Date): string {
  if (!isInRange(at)) throw new RangeError(`expected an instant of the years ${FIRST_YEAR} to ${LAST_YEAR}`);
  const ms = at.getTime();
  const day = Math.floor(ms / DAY_MS);
  const time = ms - day * DAY_MS;
  const seconds = Math.floor(time / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return `${dayText(day, at)}${twoDigits[hours]}:${twoDigits[minutes % 60]}:${twoDigits[seconds % 60]}.${threeDigits[time % 1000]}Z`;
}

function dayText(day: number, at: Date): string {
  let text = dayTexts.get(day);
  if (text !== undefined) return text;
  if (dayTexts.size >= DAY_TEXTS_MAX) dayTexts.clear();
  dayTexts.set(day, (text = at.toISOString().slice(0, 11)));
  return text;
}

/** Also false for an invalid date, whose time is NaN. */
function isInRange(at: Date): boolean {
  return at.getTime() >= 0 && at.getTime() <= LAST_MS;
}

function daysOf(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month === 2) return isLeap ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function refuse(text: string, problem: string): { problem: string } {
  return { problem: `${quote(text)}: ${problem}` };
}
