/**
 * dormant-owner: warns and then holds keys whose owner is gone.
 *
 * Example: with `{ "idle": "P365D", "holdAfter": "P30D" }` the keys of an owner who last signed in on 2026-01-01 are warned on
 * 2027-01-01 and held on 2027-01-31.
 *
 * Which keys: those of an account or organization that is disabled, that has not verified its email address in time, or that has
 * not signed in for long. The facts of an organization combine those of all its members: it is gone when all of them are.
 *
 * What happens: at the first of these moments the keys are warned, and `holdAfter` the warning they are held. Signing in,
 * verifying the address or transferring a key to another owner moves the moment. The notices of such keys may be unread, so
 * the use of a key does not spare it, unless `unlessUsedWithin` is set.
 *
 * Configuration:
 * - `idle` (P365D): how long the owner may stay without signing in, from P1D to P3650D; counted from the owner's creation if
 *   there was no sign-in
 * - `unverified` (P30D): how long after the owner's creation the email address may stay unverified, from PT0S to P3650D; null:
 *   forever
 * - `holdAfter` (P30D): from the warning to the hold, from PT0S to P3650D; null: the key is not held
 * - `expireAfter` (null): from the warning to the expiry, from `holdAfter` to P3650D; null: the key does not expire
 * - `unlessUsedWithin` (null): a used key is warned no earlier than this after its last use, from P1D to P3650D, unless the owner
 *   is disabled, which a person decided; null: use does not count
 *
 * A subject, which has no account, counts as gone when it is disabled, and in no other case.
 *
 * Reasons: OWNER_PRESENT, OWNER_DISABLED, OWNER_UNVERIFIED, OWNER_AWAY.
 */
import {
  definePolicy,
  duration,
  inWords,
  onDay,
  z,
  type DormancyVerdict,
  type Instant,
  type Milliseconds,
  type OwnerFacts,
  type Reason,
} from '#policy';

const config = z
  .strictObject({
    idle: duration({ min: 'P1D', max: 'P3650D' }).prefault('P365D').meta({
      title: 'Time without sign-in',
      description:
        'How long the owner may stay without signing in. Counted from the creation of the owner if there was no sign-in.',
    }),
    unverified: duration().nullable().prefault('P30D').meta({
      title: 'Unverified address',
      description: 'How long after the creation of the owner the email address may stay unverified.',
      nullMeans: 'It may stay unverified forever.',
    }),
    holdAfter: duration().nullable().prefault('P30D').meta({
      title: 'Held after',
      description: 'The time from the warning to the hold.',
      nullMeans: 'The key is not held.',
    }),
    expireAfter: duration().nullable().prefault(null).meta({
      title: 'Expires after',
      description: 'The time from the warning to the expiry: at least that to the hold.',
      nullMeans: 'The key does not expire.',
    }),
    unlessUsedWithin: duration({ min: 'P1D', max: 'P3650D' }).nullable().prefault(null).meta({
      title: 'Unless used within',
      description:
        'A key that was used is warned no earlier than this after its last use, unless a person disabled the owner.',
      nullMeans: 'Use does not count.',
    }),
  })
  .refine(({ holdAfter, expireAfter }) => holdAfter === null || expireAfter === null || holdAfter <= expireAfter, {
    path: ['expireAfter'],
    error: 'expected at least holdAfter: both are counted from the warning',
  })
  .meta({
    examples: [
      { idle: 'P365D', unverified: 'P30D', holdAfter: 'P30D' },
      { idle: 'P180D', holdAfter: 'P30D', expireAfter: 'P90D' },
      { idle: 'P365D', unverified: null, unlessUsedWithin: 'P60D' },
    ],
  });

type Config = z.output<typeof config>;

/** The moment from which the owner counts as gone, and why. */
interface Departure {
  readonly at: Instant;
  readonly code: string;
  readonly why: string;
}

export default definePolicy({
  name: 'dormant-owner',
  version: '1.0.0',
  title: 'Keys without an owner are held',
  summary:
    'Keys whose owner is disabled, has not proved the email address in time, or has not signed in for long (a year, unless ' +
    'configured otherwise) are warned, and held some time later unless the owner returns or another owner takes them over.',
  config,
  reads: ['OWNER'],

  dormancy({ owner, use }, config): DormancyVerdict {
    const { holdAfter, expireAfter, unlessUsedWithin } = config;
    const sparedUntil = unlessUsedWithin === null || use.lastUsedAt === null ? 0 : use.lastUsedAt + unlessUsedWithin;
    // A subject never signs in: it is gone when it is disabled.
    const left = owner.kind === 'SUBJECT' ? [] : [...unverifiedDeparture(owner, config), awayDeparture(owner, config)];
    const spared = left.map((leaving) => ({ ...leaving, at: Math.max(leaving.at, sparedUntil) }));
    // At the same moment, the reason that a person decided is given.
    const [first] = [...disabledDeparture(owner), ...spared].toSorted((one, other) => one.at - other.at);
    if (first === undefined) {
      const reason = { code: 'OWNER_PRESENT', sentence: 'The subject that owns the key is not disabled.' };
      return { warnAt: null, holdAt: null, expireAt: null, reason };
    }
    return {
      warnAt: first.at,
      holdAt: holdAfter === null ? null : first.at + holdAfter,
      expireAt: expireAfter === null ? null : first.at + expireAfter,
      reason: reasonOf(first, config),
    };
  },
});

function disabledDeparture({ disabledAt }: OwnerFacts): Departure[] {
  if (disabledAt === null) return [];
  return [{ at: disabledAt, code: 'OWNER_DISABLED', why: `The owner was disabled on ${onDay(disabledAt)}` }];
}

function unverifiedDeparture({ createdAt, isEmailVerified }: OwnerFacts, { unverified }: Config): Departure[] {
  if (isEmailVerified || unverified === null) return [];
  const why = `The owner has not proved the email address, for which there are ${inWords(unverified)} from ${onDay(createdAt)}`;
  return [{ at: createdAt + unverified, code: 'OWNER_UNVERIFIED', why }];
}

function awayDeparture({ lastSignInAt, createdAt }: OwnerFacts, { idle }: Config): Departure {
  const since = lastSignInAt ?? createdAt;
  const who = lastSignInAt === null ? 'never signed in and was made' : 'last signed in';
  const why = `The owner ${who} on ${onDay(since)}, and ${inWords(idle)} without signing in is the limit`;
  return { at: since + idle, code: 'OWNER_AWAY', why };
}

function reasonOf({ code, why }: Departure, { holdAfter, expireAfter, unlessUsedWithin }: Config): Reason {
  const steps = ['warned', ...step('held', holdAfter), ...step('expired', expireAfter)].join(', ');
  const isSpared = unlessUsedWithin !== null && code !== 'OWNER_DISABLED';
  const unless = isSpared ? ` unless used within ${inWords(unlessUsedWithin)}` : '';
  return { code, sentence: `${why}. Its keys are ${steps}${unless}.` };
}

function step(name: string, after: Milliseconds | null): string[] {
  if (after === null) return [];
  return [after === 0 ? `${name} at once` : `${name} ${inWords(after)} after the warning`];
}
