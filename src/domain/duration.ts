import { quote } from './quote.ts';

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
/** A day is 24 hours: all instants are in UTC, which has no daylight saving time. */
export const DAY_MS = 24 * HOUR_MS;
export const WEEK_MS = 7 * DAY_MS;
/** A year is 365 days, everywhere in Keytide. */
export const YEAR_MS = 365 * DAY_MS;
/** The longest duration that is accepted: 100 years. */
export const DURATION_MAX_MS = 100 * YEAR_MS;

const examples = 'P90D, P2W, PT15M or P1DT12H';
const weeksShape = /^P(\d+)W$/;
const daysAndTimeShape = /^P(?=\d|T\d)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,3}))?S)?)?$/;
const calendarShape = /^P(?:(\d+)Y)?(?:(\d+)M)?/;

/**
 * Parses an ISO 8601 duration (ISO 8601-1, section 5.5.2.2) of weeks, or of days, hours, minutes and seconds, from zero to
 * 100 years. All numbers are whole, except that seconds may have up to three digits after a full stop. Years and months are
 * refused, because they differ in length. Returns whole milliseconds, or what is wrong with the text.
 */
export function parseDuration(text: string): { ms: number } | { problem: string } {
  const weeks = weeksShape.exec(text);
  const parts = daysAndTimeShape.exec(text);
  if (weeks === null && parts === null) return { problem: `${quote(text)}: ${shapeProblem(text)}` };

  const [, days, hours, minutes, seconds, fraction = ''] = parts ?? [];
  const ms =
    Number(weeks?.[1] ?? 0) * WEEK_MS +
    Number(days ?? 0) * DAY_MS +
    Number(hours ?? 0) * HOUR_MS +
    Number(minutes ?? 0) * MINUTE_MS +
    Number(seconds ?? 0) * SECOND_MS +
    Number(fraction.padEnd(3, '0'));
  if (ms > DURATION_MAX_MS) {
    return {
      problem: `${quote(text)}: found more than 100 years; at most ${formatDuration(DURATION_MAX_MS)} is accepted`,
    };
  }
  return { ms };
}

/**
 * Formats a duration in its canonical form: days, hours, minutes and seconds, without the parts that are zero, such as P90D,
 * P1DT2H or PT0.5S. Zero is PT0S.
 *
 * @throws RangeError unless `ms` is a safe integer of at least 0.
 */
export function formatDuration(ms: number): string {
  const { days, hours, minutes, seconds } = split(ms);
  const date = days > 0 ? `${days}D` : '';
  const time = [part(hours, 'H'), part(minutes, 'M'), part(seconds, 'S')].join('');
  if (date === '' && time === '') return 'PT0S';
  return `P${date}${time === '' ? '' : `T${time}`}`;
}

/**
 * Describes a duration for people: its two largest units that are not zero, without the rest, such as "90 days" or
 * "1 hour 30 minutes". Less than a second is in milliseconds.
 *
 * @throws RangeError unless `ms` is a safe integer of at least 0.
 */
export function describeDuration(ms: number): string {
  const { days, hours, minutes, seconds } = split(ms);
  if (ms > 0 && ms < SECOND_MS) return formatCount(ms, 'millisecond');
  const units = [
    [days, 'day'],
    [hours, 'hour'],
    [minutes, 'minute'],
    [Math.floor(seconds), 'second'],
  ] as const;
  const largest = units.filter(([count]) => count > 0).slice(0, 2);
  return largest.map(([count, unit]) => formatCount(count, unit)).join(' ') || '0 seconds';
}

function split(ms: number) {
  if (!Number.isSafeInteger(ms) || ms < 0) throw new RangeError(`found ${ms}; expected whole milliseconds from 0`);
  return {
    days: Math.floor(ms / DAY_MS),
    hours: Math.floor((ms % DAY_MS) / HOUR_MS),
    minutes: Math.floor((ms % HOUR_MS) / MINUTE_MS),
    seconds: (ms % MINUTE_MS) / SECOND_MS,
  };
}

/** Seconds are milliseconds divided once by 1,000, so that JavaScript prints at most three decimals and no exponent. */
function part(count: number, letter: string): string {
  return count > 0 ? `${count}${letter}` : '';
}

function formatCount(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function shapeProblem(text: string): string {
  const [, years, months] = calendarShape.exec(text) ?? [];
  if (years !== undefined || months !== undefined) {
    const days = Math.min(Number(years ?? 0) * 365 + Number(months ?? 0) * 30, DURATION_MAX_MS / DAY_MS);
    return `months and years differ in length; write days, for example P${days}D`;
  }
  if (/^[+-]/.test(text) || /^P.*-/.test(text)) return 'a duration has no sign; expected PT0S or more';
  if (/[a-z]/.test(text)) return `letters must be upper case; expected weeks, or days and time, such as ${examples}`;
  if (/^P\d+W./.test(text) || /\dW$/.test(text))
    return 'weeks cannot be combined with other units; write days instead, P14D for P2W';
  if (/[.,]\d/.test(text))
    return 'only seconds may have a fraction, of up to three digits after a full stop, such as PT0.5S';
  return `expected weeks, or days and time, such as ${examples}`;
}
