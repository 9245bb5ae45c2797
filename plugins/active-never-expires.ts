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
 *
 * Reasons: UNUSED, NEVER_USED.
 */
import { definePolicy, duration, inWords, onDay, z, type ExpiryVerdict } from '#policy';

export default definePolicy({
  name: 'active-never-expires',
  version: '1.0.0',
  title: 'Active keys never expire',
  summary:
    'A key that is used in time never expires. A key that is not used for the configured time expires, without a hold before.',
  config: z
    .strictObject({
      idle: duration({ min: 'P1D', max: 'P3650D' })
        .prefault('P365D')
        .meta({ title: 'Time without use', description: 'How long a key may stay unused. After that it expires.' }),
    })
    .meta({ examples: [{ idle: 'P365D' }, { idle: 'P400D' }, { idle: 'P90D' }] }),

  expiry({ use }, { idle }): ExpiryVerdict {
    const isUsed = use.lastUsedAt !== null;
    const since = isUsed ? 'It was last active on' : 'It was never used, and is counted from';
    return {
      request: null,
      cap: { at: use.activeAt + idle, basis: 'BY_USE' },
      reason: {
        code: isUsed ? 'UNUSED' : 'NEVER_USED',
        sentence: `A key that is not used for ${inWords(idle)} expires. ${since} ${onDay(use.activeAt)}.`,
      },
    };
  },
});
