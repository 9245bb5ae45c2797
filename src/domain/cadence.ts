import { DAY_MS, WEEK_MS } from './duration.ts';

/** How sure a cadence is. WEAK: it follows from two intervals only. */
export const cadenceConfidences = ['STRONG', 'WEAK'] as const;

export type CadenceConfidence = (typeof cadenceConfidences)[number];

/** The rhythm in which a key is used. Durations and moments (since 1970) are in ms; all of them are whole days. */
export interface Cadence {
  readonly confidence: CadenceConfidence;
  /** How many intervals it follows from: 2 to 12. */
  readonly intervalCount: number;
  /** The median of the intervals. */
  readonly interval: number;
  /** The bounds within which usual intervals lie: without the shortest and the longest fifth. */
  readonly shortest: number;
  readonly longest: number;
  /** When the next use is likely to begin. The time ends before `nextUseTo`. */
  readonly nextUseFrom: number;
  readonly nextUseTo: number;
}

/** How a use of a key does not fit its cadence. */
export type RhythmBreak = 'EARLY' | 'LATE';

/** Days of use at most this far apart are one use: a release and the corrections after it. */
export const ONE_USE_MS = WEEK_MS;

/** If uses go on for longer than this without a pause, each week of them counts as a use. */
const LONGEST_USE_MS = 4 * WEEK_MS;

const LEAST_INTERVALS = { WEAK: 2, STRONG: 3 };

/** Earlier intervals do not count: a rhythm may change. */
const MOST_INTERVALS = 12;

/** The share of the intervals that are left out at either end. */
const UNUSUAL_SHARE = 1 / 5;

/** By which share of an interval the next use may come earlier or later than usual: at least by a week. */
const MARGIN_SHARE: Readonly<Record<CadenceConfidence, number>> = { STRONG: 1 / 10, WEAK: 1 / 5 };

/**
 * Returns the cadence of a key that was used on these days (their beginnings in UTC, in order and without repetition). Null: the
 * key was used too seldom to tell. It does not depend on the present: if the key was not used in time, the next use is in the past.
 */
export function findCadence(days: readonly number[]): Cadence | null {
  const last = days.at(-1);
  const starts = startsOfUses(days);
  const startedAt = starts.at(-1);
  const intervals = starts.slice(1).map((start, index) => start - (starts[index] ?? start));
  const counted = intervals.slice(-MOST_INTERVALS).sort((a, b) => a - b);
  const count = counted.length;
  if (last === undefined || startedAt === undefined || count < LEAST_INTERVALS.WEAK) return null;
  const confidence = count < LEAST_INTERVALS.STRONG ? 'WEAK' : 'STRONG';
  const unusual = Math.floor(count * UNUSUAL_SHARE);
  const [shortest, longest] = [at(counted, unusual), at(counted, count - 1 - unusual)];
  const marginOf = (interval: number) => Math.max(WEEK_MS, wholeDays(interval * MARGIN_SHARE[confidence]));
  const nextUseFrom = Math.max(startedAt + shortest - marginOf(shortest), last + DAY_MS);
  return {
    confidence,
    intervalCount: count,
    interval: wholeDays((at(counted, (count - 1) >> 1) + at(counted, count >> 1)) / 2),
    shortest,
    longest,
    nextUseFrom,
    nextUseTo: Math.max(startedAt + longest + marginOf(longest) + DAY_MS, nextUseFrom + WEEK_MS),
  };
}

/**
 * Returns how a use on a day does not fit the rhythm of the days before; null: it does, or that rhythm is not sure. EARLY: it
 * came before the next use was likely. LATE: more than twice the time had passed in which that use was likely.
 */
export function findRhythmBreak(daysBefore: readonly number[], day: number): RhythmBreak | null {
  const last = daysBefore.at(-1);
  if (last === undefined || day - last <= ONE_USE_MS) return null;
  const cadence = findCadence(daysBefore);
  if (cadence?.confidence !== 'STRONG') return null;
  if (day < cadence.nextUseFrom) return 'EARLY';
  return day >= last + 2 * (cadence.nextUseTo - last) ? 'LATE' : null;
}

/** Returns the first day of each use. */
function startsOfUses(days: readonly number[]): readonly number[] {
  const starts: number[] = [];
  let run: number[] = [];
  const endRun = () => {
    const [first = 0, last = 0] = [run[0], run.at(-1)];
    const isLong = last - first > LONGEST_USE_MS;
    let start = -Infinity;
    for (const day of isLong ? run : run.slice(0, 1)) {
      if (day - start < ONE_USE_MS) continue;
      starts.push(day);
      start = day;
    }
    run = [];
  };
  for (const day of days) {
    if (day - (run.at(-1) ?? day) > ONE_USE_MS) endRun();
    run.push(day);
  }
  endRun();
  return starts;
}

function at(sorted: readonly number[], index: number): number {
  return sorted[index] ?? 0;
}

function wholeDays(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS;
}
