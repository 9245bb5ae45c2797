import { DAY_MS, parseDuration } from '../domain/duration.ts';
import { quote } from '../domain/quote.ts';
import { problemAt, unescapeText, type CalendarEvent, type CalendarProperty } from './read-calendar.ts';
import { addToCivil, instantIn, isDate, isTimeZone, utcOf, type CivilTime } from './zoned-time.ts';

/** A time in which keys should not stop by themselves, as an event names it. */
export interface CalendarFreeze {
  readonly from: Date;
  readonly to: Date;
  readonly reason: string;
}

/** Which occurrences of events become freezes. */
export interface ExpansionOptions {
  /** The zone of whole days, and of times without a zone. */
  readonly zone: string;
  /** Occurrences that have ended by then, or that begin at `until` or later, are left out. */
  readonly now: Date;
  readonly until: Date;
}

/** A moment of an event: civil time in a zone, or a whole day. */
interface EventTime {
  readonly civil: CivilTime;
  readonly zone: string;
  readonly isDay: boolean;
}

const REASON_MAX = 100;

/** No zone differs from UTC by so much. */
const ZONE_MAX_MS = DAY_MS;

/**
 * Returns the times of an event: of a whole day or between two times, once or each year (RRULE with FREQ=YEARLY, INTERVAL, COUNT and
 * UNTIL), without its EXDATEs. A cancelled event has none.
 *
 * @throws CalendarProblem if the event is incomplete or recurs in another way.
 */
export function expandEvent(event: CalendarEvent, options: ExpansionOptions): readonly CalendarFreeze[] {
  if (only(event, 'STATUS')?.value.toUpperCase() === 'CANCELLED') return [];
  for (const name of ['RDATE', 'EXRULE', 'RECURRENCE-ID']) {
    const found = only(event, name);
    if (found !== null)
      throw problemAt(found.line, `found ${name}`, 'an event without it; write its times as events of their own');
  }
  const start = only(event, 'DTSTART');
  if (start === null) throw problemAt(event.line, 'found an event without DTSTART', 'when it begins');
  const from = readTime(start, options.zone);
  const lengthMs = readLength(event, from, options.zone);
  const excluded = new Set(
    (event.properties.get('EXDATE') ?? []).flatMap((property) =>
      property.value.split(',').map((value) => utcOf(readTime({ ...property, value }, options.zone).civil)),
    ),
  );
  const freezes = [];
  const hasLongEnded = (civil: CivilTime) => utcOf(civil) + lengthMs + ZONE_MAX_MS < options.now.getTime();
  for (const civil of occurrencesOf(event, from, options, hasLongEnded)) {
    if (hasLongEnded(civil) || excluded.has(utcOf(civil))) continue;
    const freeze = {
      from: instantIn(from.zone, civil),
      to: instantIn(from.zone, addToCivil(civil, lengthMs)),
      reason: reasonOf(event),
    };
    if (freeze.to > options.now && freeze.from < options.until) freezes.push(freeze);
  }
  return freezes;
}

/**
 * Returns the beginnings of an event: one, or one a year as its rule says. `hasLongEnded`: whether an occurrence is left out anyway, so
 * that its instant in the zone, which takes long to find, need not be known.
 */
function occurrencesOf(
  event: CalendarEvent,
  { civil, zone }: EventTime,
  { until }: ExpansionOptions,
  hasLongEnded: (civil: CivilTime) => boolean,
): readonly CivilTime[] {
  const rule = only(event, 'RRULE');
  if (rule === null) return [civil];
  const parts = new Map(
    rule.value.split(';').map((part) => {
      const [name = '', value = ''] = part.split('=');
      return [name.toUpperCase(), value.toUpperCase()] as const;
    }),
  );
  const refuse = (found: string) =>
    problemAt(
      rule.line,
      `found ${found}`,
      'FREQ=YEARLY with INTERVAL, COUNT or UNTIL; write its times as events of their own',
    );
  const take = (name: string) => {
    const value = parts.get(name);
    parts.delete(name);
    return value;
  };
  const frequency = take('FREQ');
  if (frequency !== 'YEARLY') throw refuse(`FREQ=${quote(frequency ?? '')}`);
  const [month, day] = [take('BYMONTH'), take('BYMONTHDAY')];
  if (month !== undefined && Number(month) !== civil.month)
    throw refuse(`BYMONTH=${quote(month)}, not that of DTSTART`);
  if (day !== undefined && Number(day) !== civil.day) throw refuse(`BYMONTHDAY=${quote(day)}, not that of DTSTART`);
  take('WKST');
  const count = wholeNumber(take('COUNT'), Infinity);
  const interval = wholeNumber(take('INTERVAL'), 1);
  if (count === null || interval === null) throw refuse(quote(rule.value));
  const end = take('UNTIL');
  const [other] = parts.keys();
  if (other !== undefined) throw refuse(quote(other));
  const last = end === undefined ? Infinity : lastInstant(readTime({ ...rule, value: end }, zone));
  const found: CivilTime[] = [];
  for (let year = civil.year; found.length < count && year <= 9999; year += interval) {
    const next = { ...civil, year };
    if (!hasLongEnded(next)) {
      const at = instantIn(zone, next);
      if (at.getTime() > last || at >= until) break;
    }
    if (isDate(next)) found.push(next);
  }
  return found;
}

function lastInstant({ civil, zone, isDay }: EventTime): number {
  return instantIn(zone, isDay ? addToCivil(civil, DAY_MS) : civil).getTime() - (isDay ? 1 : 0);
}

/** Returns how long an event lasts by the calendar, in ms: to its end, for its duration, or for its day. */
function readLength(event: CalendarEvent, from: EventTime, zone: string): number {
  const [end, duration] = [only(event, 'DTEND'), only(event, 'DURATION')];
  if (end !== null) {
    const to = readTime(end, zone);
    if (to.isDay !== from.isDay) throw problemAt(end.line, 'found a day and a time', 'DTSTART and DTEND of one kind');
    const sameZone =
      to.zone === from.zone
        ? to.civil
        : addToCivil(from.civil, instantIn(to.zone, to.civil).getTime() - instantIn(from.zone, from.civil).getTime());
    const lengthMs = utcOf(sameZone) - utcOf(from.civil);
    if (lengthMs <= 0) throw problemAt(end.line, `found the end ${quote(end.value)}`, 'an end after the beginning');
    return lengthMs;
  }
  if (duration !== null) {
    const read = parseDuration(duration.value);
    if ('problem' in read || read.ms === 0)
      throw problemAt(duration.line, `found DURATION:${quote(duration.value)}`, 'a duration, such as P1D');
    return read.ms;
  }
  if (from.isDay) return DAY_MS;
  throw problemAt(event.line, 'found an event without DTEND and DURATION', 'when it ends');
}

const timeShape = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?$/;

function readTime({ name, parameters, value, line }: CalendarProperty, zone: string): EventTime {
  const [, year, month, day, hour, minute, second, utc] = timeShape.exec(value) ?? [];
  const timeMs = ((Number(hour ?? 0) * 60 + Number(minute ?? 0)) * 60 + Number(second ?? 0)) * 1_000;
  const civil = { year: Number(year), month: Number(month), day: Number(day), timeMs };
  const isTime = Number(hour ?? 0) < 24 && Number(minute ?? 0) < 60 && Number(second ?? 0) < 60;
  if (year === undefined || !isDate(civil) || !isTime)
    throw problemAt(
      line,
      `found ${name} ${quote(value)}`,
      'a date, such as 20261224, or a time, such as 20261224T180000Z',
    );
  const named = parameters.get('TZID');
  if (named !== undefined && !isTimeZone(named))
    throw problemAt(line, `found the time zone ${quote(named)}`, 'a name of the IANA database, such as Europe/Berlin');
  return { civil, zone: utc === 'Z' ? 'UTC' : (named ?? zone), isDay: hour === undefined };
}

/** Returns the summary of an event, as far as the reason of a freeze may be long. */
function reasonOf(event: CalendarEvent): string {
  const summary = unescapeText(only(event, 'SUMMARY')?.value ?? '')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  return [...(summary === '' ? 'Calendar' : summary)].slice(0, REASON_MAX).join('');
}

function only({ properties }: CalendarEvent, name: string): CalendarProperty | null {
  const [first = null, second] = properties.get(name) ?? [];
  if (second !== undefined) throw problemAt(second.line, `found ${name} twice`, 'it once');
  return first;
}

function wholeNumber(text: string | undefined, missing: number): number | null {
  if (text === undefined) return missing;
  return /^[1-9]\d{0,5}$/.test(text) ? Number(text) : null;
}
