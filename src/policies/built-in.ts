import { DAY_MS, describeDuration } from '../domain/duration.ts';
import { plus } from '../domain/key.ts';
import type { Facts, Policy } from './contract.ts';

/** Unused for so long, a key is warned; it is held and expired the given times after that. */
const IDLE_MS = 365 * DAY_MS;
const HOLD_AFTER_MS = 30 * DAY_MS;
const EXPIRE_AFTER_MS = 60 * DAY_MS;

/** A renewal is best done in the last third of a life, and before its last tenth. */
const WINDOW_OPENS = 2 / 3;
const WINDOW_CLOSES = 9 / 10;

/** A stalled rotation may go on for so much longer, once. */
const GRACE_EXTENSION_MS = 7 * DAY_MS;

/**
 * What every realm is under. Asked for an expiry, a key may live from 1 day to 365 days, within the realm's own bounds.
 * Asked for nothing, it lives while it is used once in 365 days: unused for longer it is warned, 30 days later held, and
 * 60 days later expired.
 */
export const builtInPolicy: Policy = {
  name: 'built-in',
  version: '1.0.0',
  title: 'Chosen expiry, or alive while used',
  summary:
    'A chosen expiry lies between 1 and 365 days. A key without one lives while it is used once in 365 days; ' +
    'unused for longer it is warned, held 30 days later, and expired 60 days later.',

  expiry(facts) {
    const shortestMs = Math.max(DAY_MS, facts.realm.shortestLifetimeMs);
    const longestMs = Math.min(365 * DAY_MS, facts.realm.longestLifetimeMs);
    return {
      request: { shortestMs, longestMs, defaultMs: null },
      cap: null,
      reason: {
        code: 'CHOSEN_EXPIRY',
        sentence: `An expiry is chosen from ${describeDuration(shortestMs)} to ${describeDuration(longestMs)} ahead.`,
      },
    };
  },

  renewal(facts, moment) {
    return {
      isAllowed: true,
      allowedAt: null,
      mode: 'EXTEND',
      longestMs: this.expiry(facts, moment).request.longestMs,
      window: windowOf(facts),
      graceExtensionMs: GRACE_EXTENSION_MS,
      reason: { code: 'RENEWAL_OPEN', sentence: 'A key may be renewed at any time; its secret stays.' },
    };
  },

  dormancy(facts) {
    const warnAt = plus(facts.use.activeAt, IDLE_MS);
    return {
      warnAt,
      holdAt: plus(warnAt, HOLD_AFTER_MS),
      expireAt: plus(warnAt, EXPIRE_AFTER_MS),
      reason: {
        code: facts.use.lastUsedAt === null ? 'NEVER_USED' : 'UNUSED',
        sentence: `A key that is not used for ${describeDuration(IDLE_MS)} is warned, then held, then expired.`,
      },
    };
  },
};

/** The last third of the life but its last tenth; the life is the chosen one, or the time for which it may be unused. */
function windowOf({ key, use }: Facts): { opensAt: Date; closesAt: Date } {
  const startedAt = key.chosenExpiresAt === null ? use.activeAt : key.grantedAt;
  const endsAt = key.chosenExpiresAt ?? plus(use.activeAt, IDLE_MS + HOLD_AFTER_MS);
  const lifeMs = endsAt.getTime() - startedAt.getTime();
  const after = (share: number) => plus(startedAt, Math.floor(lifeMs * share));
  return { opensAt: after(WINDOW_OPENS), closesAt: after(WINDOW_CLOSES) };
}
