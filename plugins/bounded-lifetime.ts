/**
 * bounded-lifetime: what life may be asked for, and at most how long any key lives without being renewed.
 *
 * Which keys: every key that is issued or renewed, for what it asks; with `capEveryKey` every key there is.
 *
 * What happens: an expiry that is asked for lies between `shortest` and `longest` from then. Asked for nothing, a key gets
 * `default`, or no expiry. With `capEveryKey` a key expires that long after it was issued or last renewed by a person or
 * program, whatever was asked for: time alone decides, use does not help, a renewal does.
 *
 * Configuration, each from PT1M to P3650D:
 * - `shortest` (P1D): the shortest life that may be asked for; at most `longest` and `capEveryKey`
 * - `longest` (P365D): the longest; with a shorter `capEveryKey`, that is the longest
 * - `default` (null): what is given when nothing is asked for; null: no expiry; otherwise within what may be asked for
 * - `capEveryKey` (null): the life of every key; null: no cap
 *
 * Reasons: LIFETIME_CHOSEN (no cap), LIFETIME_CAPPED.
 */
import {
  definePolicy,
  duration,
  inWords,
  onDay,
  z,
  type ExpiryVerdict,
  type KeyFacts,
  type Milliseconds,
} from '#policy';

const life = () => duration({ min: 'PT1M', max: 'P3650D' });

const config = z
  .strictObject({
    shortest: life().prefault('P1D'),
    longest: life().prefault('P365D'),
    default: life().nullable().prefault(null),
    capEveryKey: life().nullable().prefault(null),
  })
  .refine((given) => given.shortest <= longestOf(given), {
    path: ['shortest'],
    error: 'at most longest and capEveryKey is accepted: no life could be asked for',
  })
  .refine((given) => given.default === null || isWithin(given.default, given.shortest, longestOf(given)), {
    path: ['default'],
    error: 'from shortest to longest, and at most capEveryKey, is accepted',
  })
  .meta({
    examples: [
      { shortest: 'P1D', longest: 'P365D' },
      { longest: 'P90D', default: 'P90D', capEveryKey: 'P90D' },
      { longest: 'P30D', default: 'P30D', capEveryKey: 'P30D' },
    ],
  });

type Config = z.output<typeof config>;

interface Bounds {
  readonly longest: Milliseconds;
  readonly capEveryKey: Milliseconds | null;
}

export default definePolicy({
  name: 'bounded-lifetime',
  version: '1.0.0',
  title: 'Bounded lifetime',
  summary:
    'An expiry that is asked for lies within bounds, and a default is given to keys that ask for none. ' +
    'With a cap, every key expires that long after it was issued or last renewed.',
  config,

  expiry({ key }, config): ExpiryVerdict {
    const { shortest, capEveryKey } = config;
    const request = { shortest, longest: longestOf(config), default: config.default };
    if (capEveryKey === null) {
      return { request, cap: null, reason: { code: 'LIFETIME_CHOSEN', sentence: describeBounds(config) } };
    }
    const since = lifeStartedAt(key);
    const sentence =
      `A key expires ${inWords(capEveryKey)} after it was issued or last renewed, which was on ${onDay(since)}. ` +
      describeBounds(config);
    return {
      request,
      cap: { at: since + capEveryKey, basis: 'HARD' },
      reason: { code: 'LIFETIME_CAPPED', sentence },
    };
  },
});

/**
 * The last renewal counts even when it did not move the expiry that was chosen: a key that chose 365 days before there was
 * a cap could otherwise not be kept alive by renewing it.
 */
function lifeStartedAt({ grantedAt, renewedAt }: KeyFacts): number {
  return Math.max(grantedAt, renewedAt ?? grantedAt);
}

/** What is refused is told with its bounds; a longer life that the cap would cut is refused, not granted and cut. */
function longestOf({ longest, capEveryKey }: Bounds): Milliseconds {
  return Math.min(longest, capEveryKey ?? longest);
}

function describeBounds(config: Config): string {
  const bounds = `From ${inWords(config.shortest)} to ${inWords(longestOf(config))} may be asked for`;
  if (config.default !== null) return `${bounds}; asked for nothing, a key gets ${inWords(config.default)}.`;
  return `${bounds}; asked for nothing, a key gets no expiry of its own.`;
}

function isWithin(length: Milliseconds, shortest: Milliseconds, longest: Milliseconds): boolean {
  return shortest <= length && length <= longest;
}
