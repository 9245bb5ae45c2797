import { DAY_MS, HOUR_MS, WEEK_MS } from './duration.ts';

/** How long a period of a timeline is. Periods are aligned in UTC; a week begins on Monday. */
export const timelineSteps = {
  HOUR: HOUR_MS,
  SIX_HOURS: 6 * HOUR_MS,
  DAY: DAY_MS,
  WEEK: WEEK_MS,
} as const;

export type TimelineStep = keyof typeof timelineSteps;

/** The most periods of one timeline: a year of days, and some. */
export const TIMELINE_PERIODS_MAX = 400;

/** The first Monday of 1970. */
const MONDAY_MS = 4 * DAY_MS;

/** The periods of a timeline: `count` of them, from `from` on, each `stepMs` long. */
export interface TimelinePeriods {
  readonly from: Date;
  readonly to: Date;
  readonly stepMs: number;
  readonly count: number;
}

/** Returns the whole periods that cover a time, or how many they would be if they are none or too many. */
export function timelinePeriods(
  from: Date,
  to: Date,
  step: TimelineStep,
): TimelinePeriods | { readonly found: number } {
  const stepMs = timelineSteps[step];
  const origin = step === 'WEEK' ? MONDAY_MS : 0;
  const first = Math.floor((from.getTime() - origin) / stepMs);
  const count = Math.ceil((to.getTime() - origin) / stepMs) - first;
  if (count < 1 || count > TIMELINE_PERIODS_MAX) return { found: Math.max(0, count) };
  const at = (index: number) => new Date(origin + (first + index) * stepMs);
  return { from: at(0), to: at(count), stepMs, count };
}
