/**
 * unused-expires: warns, then holds, then expires keys that are not used.
 *
 * Example: with `{ "idle": "P365D", "holdAfter": "P30D", "expireAfter": "P60D" }` a key last used on 2026-01-01 is warned on
 * 2027-01-01, held on 2027-01-31 and expired on 2027-03-02.
 *
 * Which keys: every key. A used key counts from its last activity, a key that was never used from its issue (law 6); for the
 * latter a shorter time may be set. Activity is issue, use, renewal by a person or program, and resumption.
 *
 * What happens: after `idle` without activity (`neverUsed` for a key that was never used) the owner is warned. The key is held
 * `holdAfter` the warning and expires `expireAfter` the warning. Any use before the hold restarts all of this, so a yearly
 * release that is a few weeks late stops nothing. A stop is decided by a review once all use up to it is known.
 *
 * Configuration:
 * - `idle` (P365D): how long a used key may stay unused, from P1D to P3650D
 * - `neverUsed` (as `idle`): how long a key may stay without its first use, from P1D to `idle`
 * - `holdAfter` (P30D): from the warning to the hold, from PT0S to P3650D; null: the key is not held
 * - `expireAfter` (P60D): from the warning to the expiry, from `holdAfter` to P3650D; null: the key does not expire
 * - `spreadOver` (PT0S): each key stops later by its own number of whole days, less than this time, so that keys that were last used
 *   together do not stop together; up to P90D; PT0S: not at all
 *
 * Reasons: UNUSED, NEVER_USED.
 */
import {
  definePolicy,
  describeSpread,
  duration,
  inWords,
  onDay,
  spreadOffset,
  spreadOver,
  z,
  type DormancyVerdict,
  type Milliseconds,
} from '#policy';

const config = z
  .strictObject({
    idle: duration({ min: 'P1D', max: 'P3650D' })
      .prefault('P365D')
      .meta({ title: 'Time without use', description: 'How long a used key may stay unused until it is warned.' }),
    neverUsed: duration({ min: 'P1D', max: 'P3650D' }).optional().meta({
      title: 'Time without a first use',
      description:
        'How long a key may stay without its first use until it is warned: at most as long as a used one. Default: as long as a used one.',
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
  .refine(({ idle, neverUsed }) => (neverUsed ?? idle) <= idle, {
    path: ['neverUsed'],
    error: 'expected at most idle: otherwise the first use of a key would shorten its life',
  })
  .refine(({ holdAfter, expireAfter }) => holdAfter === null || expireAfter === null || holdAfter <= expireAfter, {
    path: ['expireAfter'],
    error: 'expected at least holdAfter: both are counted from the warning',
  })
  .meta({
    examples: [
      { idle: 'P365D', holdAfter: 'P30D', expireAfter: 'P60D' },
      { idle: 'P365D', holdAfter: 'PT0S', expireAfter: 'PT0S' },
      { idle: 'P365D', neverUsed: 'P90D', holdAfter: 'P30D', expireAfter: null },
      { idle: 'P365D', spreadOver: 'P14D' },
    ],
  });

export default definePolicy({
  name: 'unused-expires',
  version: '1.1.0',
  title: 'Unused keys expire',
  summary:
    'A key that is not used for long (a year, unless configured otherwise) is warned, then held, then expired. A key that ' +
    'was never used counts from its issue. Any use in time restarts this.',
  config,

  dormancy({ key, use }, { idle, neverUsed = idle, holdAfter, expireAfter, ...config }): DormancyVerdict {
    const isUsed = use.lastUsedAt !== null;
    const limit = isUsed ? idle : neverUsed;
    const since = isUsed ? 'It was last active on' : 'It was never used, and is counted from';
    const offset = spreadOffset(key.id, config.spreadOver);
    const warnAt = use.activeAt + limit + offset;
    const steps = ['is warned', ...step('held', holdAfter), ...step('expired', expireAfter)].join(', ');
    return {
      warnAt,
      holdAt: holdAfter === null ? null : warnAt + holdAfter,
      expireAt: expireAfter === null ? null : warnAt + expireAfter,
      reason: {
        code: isUsed ? 'UNUSED' : 'NEVER_USED',
        sentence: `A key that is not used for ${inWords(limit)} ${steps}. ${since} ${onDay(use.activeAt)}.${describeSpread(offset)}`,
      },
    };
  },
});

function step(name: string, after: Milliseconds | null): string[] {
  if (after === null) return [];
  return [after === 0 ? `${name} at once` : `${name} ${inWords(after)} after the warning`];
}
