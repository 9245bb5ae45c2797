/**
 * bounded-lifetime: limits the lifetimes that may be requested, and optionally the life of every key between renewals.
 *
 * Example: with `{ "longest": "P90D", "default": "P90D", "capEveryKey": "P90D" }` a key lives for at most 90 days, and is renewed
 * before that.
 *
 * Which keys: every key at issue and renewal, for the lifetime that it requests. With `capEveryKey` every existing key too.
 *
 * What happens: a requested expiry must lie between `shortest` and `longest` from now. Without a request a key gets `default`, or
 * no expiry. With `capEveryKey` a key expires that long after its issue or its last renewal by a person or program, whatever was
 * requested. Time alone decides: use does not extend the key, a renewal does.
 *
 * Configuration, each from PT1M to P3650D:
 * - `shortest` (P1D): the shortest lifetime that may be requested; at most `longest` and `capEveryKey`
 * - `longest` (P365D): the longest lifetime that may be requested; a shorter `capEveryKey` limits it
 * - `default` (null): the lifetime without a request, within the bounds; null: no expiry
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
    shortest: life().prefault('P1D').meta({
      title: 'Shortest lifetime',
      description: 'The shortest lifetime that may be requested: at most the longest one, and the cap.',
    }),
    longest: life().prefault('P365D').meta({
      title: 'Longest lifetime',
      description: 'The longest lifetime that may be requested. A shorter cap limits it.',
    }),
    default: life().nullable().prefault(null).meta({
      title: 'Default lifetime',
      description: 'The lifetime of a key for which none is requested.',
      nullMeans: 'Such a key has no expiry of its own.',
    }),
    capEveryKey: life().nullable().prefault(null).meta({
      title: 'Cap of every key',
      description: 'How long every key lives after its issue or last renewal, whatever was requested.',
      nullMeans: 'There is no cap.',
    }),
  })
  .refine((given) => given.shortest <= longestOf(given), {
    path: ['shortest'],
    error: 'expected at most longest and capEveryKey: no lifetime could be requested',
  })
  .refine((given) => given.default === null || isWithin(given.default, given.shortest, longestOf(given)), {
    path: ['default'],
    error: 'expected shortest to longest, and at most capEveryKey',
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
    'Limits requested lifetimes, and gives a default lifetime to keys without a request. ' +
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
 * Returns the start of the capped life. The last renewal counts even if it did not move the chosen expiry. Otherwise a key that
 * chose 365 days before the cap was introduced could not be kept alive by renewals.
 */
function lifeStartedAt({ grantedAt, renewedAt }: KeyFacts): number {
  return Math.max(grantedAt, renewedAt ?? grantedAt);
}

/** Returns the longest lifetime that may be requested. A request beyond the cap is refused, not granted and cut. */
function longestOf({ longest, capEveryKey }: Bounds): Milliseconds {
  return Math.min(longest, capEveryKey ?? longest);
}

function describeBounds(config: Config): string {
  const bounds = `A lifetime of ${inWords(config.shortest)} to ${inWords(longestOf(config))} may be requested`;
  if (config.default !== null) return `${bounds}; without a request, a key gets ${inWords(config.default)}.`;
  return `${bounds}; without a request, a key gets no expiry of its own.`;
}

function isWithin(length: Milliseconds, shortest: Milliseconds, longest: Milliseconds): boolean {
  return shortest <= length && length <= longest;
}
