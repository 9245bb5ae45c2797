/**
 * active-never-expires: a key lives as long as it is used now and then, and expires straight away when it is not.
 *
 * Which keys: every key, used or never used.
 *
 * What happens: `idle` after it was last active the key expires. Active is: issued, used, renewed by a person or program, or
 * resumed. A review that knows all use up to then decides, so a use a minute before still counts. There is no hold in
 * between; notices go ahead of it as of every stop. `unused-expires` is the gentler one.
 *
 * Configuration:
 * - `idle` (P365D): how long a key may go unused, from P1D to P3650D
 *
 * Reasons: UNUSED, NEVER_USED.
 */
import { definePolicy, duration, inWords, onDay, z, type ExpiryVerdict } from '#policy';

export default definePolicy({
  name: 'active-never-expires',
  version: '1.0.0',
  title: 'Active keys never expire',
  summary: 'A key that is used in time never expires. One that is not used for as long as configured expires at once.',
  config: z
    .strictObject({ idle: duration({ min: 'P1D', max: 'P3650D' }).prefault('P365D') })
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
