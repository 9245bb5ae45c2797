import { DAY_MS } from './duration.ts';
import { expiredAt, addMs, type KeyLifecycle } from './key.ts';
import type { RequestBounds, StopBasis, Verdict } from './verdict.ts';

/** How long after its expiry a signed-in manager can still renew a key; then it is over. */
export const REVIVAL_MS = 30 * DAY_MS;

/** Whether a key has not ended, or has by an expiry from which it can still be brought back. */
export function mayWorkAgain(key: KeyLifecycle, now: Date): boolean {
  const ended = expiredAt(key, now);
  return key.revokedAt === null && (ended === null || now < addMs(ended, REVIVAL_MS));
}

/** What a caller asks for: an instant, a time from now, or nothing. */
export type ExpiryRequest = { readonly expiresAt: Date } | { readonly lifetimeMs: number } | null;

/** The expiry that is asked for; null: none is. */
export function requestedExpiry(ask: ExpiryRequest, now: Date): Date | null {
  if (ask === null) return null;
  return 'expiresAt' in ask ? ask.expiresAt : addMs(now, ask.lifetimeMs);
}

/** What was asked for and granted; nulls: nothing was. */
export interface ChosenExpiry {
  readonly chosenExpiresAt: Date | null;
  readonly lifetimeMs: number | null;
}

export interface OutOfBounds {
  readonly requested: Date;
  readonly earliest: Date;
  readonly latest: Date;
}

/** The life a new key gets. What is out of bounds is answered with the bounds, never clipped. */
export function chooseAtIssue(ask: ExpiryRequest, bounds: RequestBounds, now: Date): ChosenExpiry | OutOfBounds {
  const wanted = requestedExpiry(ask, now);
  if (wanted === null) return bounds.defaultMs === null ? noExpiry : expiryAfter(bounds.defaultMs, now);
  const asked = checkBounds(wanted, bounds, now);
  return 'requested' in asked ? asked : expiryAfter(asked.getTime() - now.getTime(), now);
}

/**
 * The life a renewal gives, counted from now: never shorter than the old one (law 4). Asked for nothing: what was given
 * last, as far as policy allows. A key without a chosen expiry stays so: any expiry would be a shortening.
 */
export function chooseAtRenewal(
  ask: ExpiryRequest,
  old: ChosenExpiry,
  bounds: RequestBounds,
  now: Date,
): ChosenExpiry | OutOfBounds {
  const wanted = requestedExpiry(ask, now);
  const lastGiven = addMs(now, Math.min(old.lifetimeMs ?? 0, bounds.longestMs));
  const asked = wanted === null ? lastGiven : checkBounds(wanted, bounds, now);
  if ('requested' in asked) return asked;
  if (old.chosenExpiresAt === null) return noExpiry;
  if (asked.getTime() <= old.chosenExpiresAt.getTime()) return old;
  return { chosenExpiresAt: asked, lifetimeMs: asked.getTime() - now.getTime() };
}

const noExpiry: ChosenExpiry = { chosenExpiresAt: null, lifetimeMs: null };

function expiryAfter(ms: number, now: Date): ChosenExpiry {
  return { chosenExpiresAt: addMs(now, ms), lifetimeMs: ms };
}

function checkBounds(asked: Date, bounds: RequestBounds, now: Date): Date | OutOfBounds {
  const earliest = addMs(now, bounds.shortestMs);
  const latest = addMs(now, bounds.longestMs);
  return asked < earliest || asked > latest ? { requested: asked, earliest, latest } : asked;
}

/** When a key expires and when it stops, as its row records them. */
export interface StopTimes {
  readonly expiresAt: Date | null;
  readonly expiryBasis: StopBasis | null;
  readonly stopsAt: Date | null;
  readonly stopsBasis: StopBasis | null;
}

/**
 * The one decision of when a key stops, whatever led to it: what was chosen, the cap, and the dormancy moments that stop,
 * whichever comes first.
 */
export function decideStop(chosenExpiresAt: Date | null, verdict: Verdict): StopTimes {
  const { cap, hold, expire } = verdict;
  const expiry = firstStop([timedStop(chosenExpiresAt, 'HARD'), cap]);
  const stops = firstStop([expiry, timedStop(hold?.at, 'BY_USE'), timedStop(expire?.at, 'BY_USE')]);
  return {
    expiresAt: expiry?.at ?? null,
    expiryBasis: expiry?.basis ?? null,
    stopsAt: stops?.at ?? null,
    stopsBasis: stops?.basis ?? null,
  };
}

type TimedStop = { readonly at: Date; readonly basis: StopBasis };

function timedStop(at: Date | null | undefined, basis: StopBasis): TimedStop | null {
  return at == null ? null : { at, basis };
}

/** The earliest stop; of two at one moment the HARD one, which needs no one to look. */
function firstStop(stops: readonly (TimedStop | null)[]): TimedStop | null {
  return stops.reduce<TimedStop | null>((first, next) => {
    if (first === null || next === null) return first ?? next;
    if (next.at.getTime() !== first.at.getTime()) return next.at < first.at ? next : first;
    return next.basis === 'HARD' ? next : first;
  }, null);
}
