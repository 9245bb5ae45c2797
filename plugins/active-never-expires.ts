/**
 * active-never-expires: expires keys that are not used, without a hold. A key that is used in time never expires.
 *
 * Example: with `{ "idle": "P365D" }` a key last used on 2026-01-01 expires on 2027-01-01, unless it is used before.
 *
 * Which keys: every key, used or never used.
 *
 * What happens: the key expires `idle` after its last activity. Activity is issue, use, renewal by a person or program, and
 * resumption. The expiry is decided by a review that knows all use up to then, so a use one minute before still counts. There is
 * no hold before the expiry; notices are given as for every stop. `unused-expires` is the more lenient policy.
 *
 * Configuration:
 * - `idle` (P365D): how long a key may stay unused, from P1D to P3650D
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
  type ExpiryVerdict,
} from '#policy';

export default definePolicy({
  name: 'active-never-expires',
  version: '1.1.0',
  title: 'Active keys never expire',
  summary:
    'A key that is used in time never expires. A key that is not used for the configured time expires, without a hold before.',
  config: z
    .strictObject({
      idle: duration({ min: 'P1D', max: 'P3650D' })
        .prefault('P365D')
        .meta({ title: 'Time without use', description: 'How long a key may stay unused. After that it expires.' }),
      spreadOver: spreadOver(),
    })
    .meta({ examples: [{ idle: 'P365D' }, { idle: 'P400D' }, { idle: 'P90D', spreadOver: 'P14D' }] }),

  expiry({ key, use }, { idle, spreadOver }): ExpiryVerdict {
    const offset = spreadOffset(key.id, spreadOver);
    const isUsed = use.lastUsedAt !== null;
    const since = isUsed ? 'It was last active on' : 'It was never used, and is counted from';
    return {
      request: null,
      cap: { at: use.activeAt + idle + offset, basis: 'BY_USE' },
      reason: {
        code: isUsed ? 'UNUSED' : 'NEVER_USED',
        sentence: `A key that is not used for ${inWords(idle)} expires. ${since} ${onDay(use.activeAt)}.${describeSpread(offset)}`,
      },
    };
  },
});
