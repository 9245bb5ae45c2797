/**
 * dormant-owner: keys whose owner is gone, or never was there, are warned and then held.
 *
 * Which keys: those of an account or organization that is disabled; of one that has not proved its email address in time; and
 * of one of which nobody signs in any more. Of an organization it counts what is true of all its members together.
 *
 * What happens: at the first of these moments its keys are warned, and `holdAfter` the warning they are held. Whoever signs
 * in or proves the address moves them, as does handing the key over to another owner. Notices of such keys
 * reach nobody who acts on them, so a key's own use does not spare it unless `unlessUsedWithin` says so.
 *
 * Configuration:
 * - `idle` (P365D): how long nobody may have signed in, from P1D to P3650D; counted from the making of an owner who never did
 * - `unverified` (P30D): how long after its making the owner's address may be unproved, from PT0S to P3650D; null: for ever
 * - `holdAfter` (P30D): from the warning to the hold, from PT0S to P3650D; null: the key is not held
 * - `expireAfter` (null): from the warning to the expiry, from `holdAfter` to P3650D; null: it does not expire
 * - `unlessUsedWithin` (null): a key that was used is warned no sooner than this after its last use, from P1D to P3650D,
 *   unless the owner is disabled, which somebody decided; null: use does not count
 *
 * Reasons: OWNER_DISABLED, OWNER_UNVERIFIED, OWNER_AWAY.
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
    idle: duration({ min: 'P1D', max: 'P3650D' }).prefault('P365D'),
    unverified: duration().nullable().prefault('P30D'),
    holdAfter: duration().nullable().prefault('P30D'),
    expireAfter: duration().nullable().prefault(null),
    unlessUsedWithin: duration({ min: 'P1D', max: 'P3650D' }).nullable().prefault(null),
  })
  .refine(({ holdAfter, expireAfter }) => holdAfter === null || expireAfter === null || holdAfter <= expireAfter, {
    path: ['expireAfter'],
    error: 'at least holdAfter is accepted: both are counted from the warning',
  })
  .meta({
    examples: [
      { idle: 'P365D', unverified: 'P30D', holdAfter: 'P30D' },
      { idle: 'P180D', holdAfter: 'P30D', expireAfter: 'P90D' },
      { idle: 'P365D', unverified: null, unlessUsedWithin: 'P60D' },
    ],
  });

type Config = z.output<typeof config>;

/** A moment from which the owner counts as gone, and why. */
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
    'configured otherwise) are warned, and held some time later unless somebody comes back or takes them over.',
  config,
  reads: ['OWNER'],

  dormancy({ owner, use }, config): DormancyVerdict {
    const { holdAfter, expireAfter, unlessUsedWithin } = config;
    const sparedUntil = unlessUsedWithin === null || use.lastUsedAt === null ? 0 : use.lastUsedAt + unlessUsedWithin;
    const spared = [...unverifiedDeparture(owner, config), awayDeparture(owner, config)].map((leaving) => ({
      ...leaving,
      at: Math.max(leaving.at, sparedUntil),
    }));
    // Of two at one moment the one that somebody decided is told.
    const first = [...disabledDeparture(owner), ...spared].reduce((earliest, next) =>
      next.at < earliest.at ? next : earliest,
    );
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
