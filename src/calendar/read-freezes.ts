import { YEAR_MS } from '../domain/duration.ts';
import { expandEvent, type CalendarFreeze, type ExpansionOptions } from './expand-event.ts';
import { CalendarProblem, readCalendar } from './read-calendar.ts';

/** How far ahead occurrences become freezes, unless the reader says another moment. */
export const AHEAD_MS = 2 * YEAR_MS;

/** The longest calendar, in characters. */
const CALENDAR_MAX = 10_000_000;

/** How many problems of a calendar are shown. */
const PROBLEMS_SHOWN = 10;

/** The freezes of a calendar, or what is wrong with it, for people. */
export type CalendarFreezes =
  { readonly freezes: readonly CalendarFreeze[] } | { readonly problems: readonly string[] };

/**
 * Reads the freezes of an iCalendar file (RFC 5545), the earliest first, each once. If any event cannot be read, the result is what is
 * wrong, with the numbers of the lines.
 */
export function readFreezes(text: string, options: ExpansionOptions): CalendarFreezes {
  if (text.length > CALENDAR_MAX)
    return { problems: [`Found ${text.length} characters; expected at most ${CALENDAR_MAX}.`] };
  const problems: string[] = [];
  const attempt = <Value>(read: () => readonly Value[]): readonly Value[] => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof CalendarProblem)) throw error;
      problems.push(error.message);
      return [];
    }
  };
  const found = attempt(() => readCalendar(text)).flatMap((event) => attempt(() => expandEvent(event, options)));
  if (problems.length > 0) {
    const more = problems.length > PROBLEMS_SHOWN ? [`${problems.length - PROBLEMS_SHOWN} more problems.`] : [];
    return { problems: [...problems.slice(0, PROBLEMS_SHOWN), ...more] };
  }
  const each = new Map(found.map((freeze) => [placeOf(freeze), freeze]));
  return {
    freezes: [...each.values()].sort((a, b) => a.from.getTime() - b.from.getTime() || a.to.getTime() - b.to.getTime()),
  };
}

/** Returns those of the freezes that a realm does not have yet: one from the same moment to the same moment is the same. */
export function addedFreezes(
  freezes: readonly CalendarFreeze[],
  present: readonly Pick<CalendarFreeze, 'from' | 'to'>[],
): readonly CalendarFreeze[] {
  const known = new Set(present.map(placeOf));
  return freezes.filter((freeze) => !known.has(placeOf(freeze)));
}

function placeOf({ from, to }: Pick<CalendarFreeze, 'from' | 'to'>): string {
  return `${from.getTime()} ${to.getTime()}`;
}
