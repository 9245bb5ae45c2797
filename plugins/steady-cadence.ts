/**
 * steady-cadence: warns, then holds, then expires keys that are not used, each judged by its own rhythm.
 *
 * Example: with `{}` a key that is used about every 110 days, last on 2026-01-01, is warned when it was not used for 220 days, on
 * 2026-08-09, held on 2026-09-08 and expired on 2026-10-08. A key that is used once a year is warned after 730 days.
 *
 * Which keys: every key. Bind it instead of `unused-expires`, not beside it: of two bindings the stricter counts, so a
 * fixed limit would go on stopping the keys with a slow rhythm.
 *
 * What happens: the rhythm follows from the days of use. Days within a week of each other are one use. From three intervals between
 * uses on, the rhythm is sure: the key may stay unused for `intervals` times the longest usual interval, from `shortest` to
 * `longest`. From two intervals it is unsure, and can only give a key more time than `idle`. A key without a rhythm may stay unused for
 * `idle`, and a key that was never used for `neverUsed` since its issue. Then the owner is warned. The key is held
 * `holdAfter` the warning and expires `expireAfter` the warning. Any use before the hold restarts all of this. The limit is
 * computed again when the key is reviewed, which is at the latest when it would be warned.
 *
 * Configuration:
 * - `intervals` (2): how many of its usual intervals a key may stay unused, from 1 to 10
 * - `shortest` (P90D): the least time that a key with a sure rhythm may stay unused, from P7D to `idle`
 * - `longest` (P730D): the greatest time that a key with a rhythm may stay unused, from `idle` to P3650D
 * - `idle` (P540D): how long a key without a sure rhythm may stay unused, from P7D to P3650D
 * - `neverUsed` (P90D): how long a key may stay without its first use, from P1D to `shortest`
 * - `holdAfter` (P30D): from the warning to the hold, from PT0S to P3650D; null: the key is not held
 * - `expireAfter` (P60D): from the warning to the expiry, from `holdAfter` to P3650D; null: the key does not expire
 * - `spreadOver` (PT0S): each key stops later by its own number of whole days, less than this time, so that keys that were last used
 *   together do not stop together; up to P90D; PT0S: not at all
 *
 * Reasons: RHYTHM, RHYTHM_UNSURE, NO_RHYTHM, NEVER_USED.
 */
import {
  DAY,
  definePolicy,
  describeSpread,
  duration,
  findCadence,
  inWords,
  onDay,
  spreadOffset,
  spreadOver,
  z,
  type Cadence,
  type DormancyVerdict,
  type Milliseconds,
  type UseFacts,
} from '#policy';

const config = z
  .strictObject({
    intervals: z.number().min(1).max(10).default(2).meta({
      title: 'Intervals without use',
      description: 'How many of its usual intervals a key with a sure rhythm may stay unused until it is warned.',
    }),
    shortest: duration({ min: 'P7D', max: 'P3650D' }).prefault('P90D').meta({
      title: 'Shortest time without use',
      description: 'A key with a fast rhythm may stay unused for at least this time until it is warned.',
    }),
    longest: duration({ min: 'P7D', max: 'P3650D' }).prefault('P730D').meta({
      title: 'Longest time without use',
      description: 'A key with a slow rhythm may stay unused for at most this time until it is warned.',
    }),
    idle: duration({ min: 'P7D', max: 'P3650D' }).prefault('P540D').meta({
      title: 'Time without use of other keys',
      description: 'How long a key that was used too seldom to have a sure rhythm may stay unused until it is warned.',
    }),
    neverUsed: duration({ min: 'P1D', max: 'P3650D' }).prefault('P90D').meta({
      title: 'Time without a first use',
      description: 'How long a key may stay without its first use until it is warned: at most the shortest time.',
    }),
    holdAfter: duration().nullable().prefault('P30D').meta({
      title: 'Held after',
      description: 'The time from the warning to the hold.',
      nullMeans: 'The key is not held.',
    }),
    expireAfter: duration().nullable().prefault('P60D').meta({
      title: 'Expires after',
      description: 'The time from the warning to the expiry: at least that to the hold.',
      nullMeans: 'The key does not expire.',
    }),
    spreadOver: spreadOver(),
  })
  .refine(({ neverUsed, shortest }) => neverUsed <= shortest, {
    path: ['neverUsed'],
    error: 'expected at most shortest: otherwise the first use of a key would shorten its life',
  })
  .refine(({ shortest, idle }) => shortest <= idle, {
    path: ['shortest'],
    error: 'expected at most idle: a key with a fast rhythm is not given more time than one without a rhythm',
  })
  .refine(({ longest, idle }) => longest >= idle, {
    path: ['longest'],
    error: 'expected at least idle: a key with a slow rhythm is not given less time than one without a rhythm',
  })
  .refine(({ holdAfter, expireAfter }) => holdAfter === null || expireAfter === null || holdAfter <= expireAfter, {
    path: ['expireAfter'],
    error: 'expected at least holdAfter: both are counted from the warning',
  })
  .meta({
    examples: [
      { intervals: 2, shortest: 'P90D', longest: 'P730D', idle: 'P540D' },
      { intervals: 1.5, shortest: 'P60D', idle: 'P365D', longest: 'P1095D', neverUsed: 'P30D' },
      { holdAfter: 'P14D', expireAfter: null, spreadOver: 'P14D' },
    ],
  });

type Config = z.output<typeof config>;

/** How long a key may stay unused, and why. */
interface Limit {
  readonly time: Milliseconds;
  readonly code: string;
  /** The beginning of the reason. */
  readonly why: string;
}

export default definePolicy({
  name: 'steady-cadence',
  version: '1.0.0',
  title: 'Limits by rhythm',
  summary:
    'A key that is not used in its own rhythm is warned, then held, then expired: a key that is used each week after months, a ' +
    'key that is used each year after more than a year. A key that was never used counts from its issue.',
  config,
  reads: ['DAYS'],

  dormancy({ key, use }, config): DormancyVerdict {
    const { time, code, why } = limitOf(use, config);
    const { holdAfter, expireAfter } = config;
    const offset = spreadOffset(key.id, config.spreadOver);
    const warnAt = use.activeAt + time + offset;
    const steps = ['is warned', ...step('held', holdAfter), ...step('expired', expireAfter)].join(', ');
    const since = use.lastUsedAt === null ? 'counted from' : 'last active on';
    return {
      warnAt,
      holdAt: holdAfter === null ? null : warnAt + holdAfter,
      expireAt: expireAfter === null ? null : warnAt + expireAfter,
      reason: {
        code,
        sentence: `${why} Unused for ${inWords(time)} it ${steps}; ${since} ${onDay(use.activeAt)}.${describeSpread(offset)}`,
      },
    };
  },
});

function limitOf({ lastUsedAt, days }: UseFacts, { neverUsed, idle, intervals, shortest, longest }: Config): Limit {
  if (lastUsedAt === null) return { time: neverUsed, code: 'NEVER_USED', why: 'This key was never used.' };
  const cadence = findCadence(days);
  if (cadence === null) {
    return { time: idle, code: 'NO_RHYTHM', why: 'This key was used too seldom to show a rhythm.' };
  }
  const time = Math.floor((cadence.longest * intervals) / DAY) * DAY;
  if (cadence.confidence === 'WEAK') {
    const why = `This key seems to be used about ${everyInterval(cadence)}.`;
    return { time: Math.min(longest, Math.max(idle, time)), code: 'RHYTHM_UNSURE', why };
  }
  const why = `This key is used about ${everyInterval(cadence)}.`;
  return { time: Math.min(longest, Math.max(shortest, time)), code: 'RHYTHM', why };
}

function everyInterval({ interval }: Cadence): string {
  return `every ${inWords(interval)}`;
}

function step(name: string, after: Milliseconds | null): string[] {
  if (after === null) return [];
  return [after === 0 ? `${name} at once` : `${name} ${inWords(after)} after the warning`];
}
