import { DAY_MS } from './duration.ts';
import { expiredAt, addMs, type KeyLifecycle } from './key.ts';
import type { RequestBounds, StopBasis, Verdict } from './verdict.ts';

/** How long after its expiry a signed-in manager can still renew a key. After that the key has ended for good. */
export const REVIVAL_MS = 30 * DAY_MS;

/** Whether a key has not ended, or has expired so recently that a renewal can still revive it. */
export function mayWorkAgain(key: KeyLifecycle, now: Date): boolean {
  const ended = expiredAt(key, now);
  return key.revokedAt === null && (ended === null || now < revivalEndsAt(ended));
}

/** Returns the moment from which a key that expired can no longer be renewed. */
export function revivalEndsAt(endedAt: Date): Date {
  return addMs(endedAt, REVIVAL_MS);
}

/** The expiry that a caller requests: an instant, a lifetime from now, or none. */
export type ExpiryRequest = { readonly expiresAt: Date } | { readonly lifetimeMs: number } | null;

/** Returns the requested expiry; null: none was requested. */
export function requestedExpiry(request: ExpiryRequest, now: Date): Date | null {
  if (request === null) return null;
  return 'expiresAt' in request ? request.expiresAt : addMs(now, request.lifetimeMs);
}

/** The expiry that was requested and granted, as the key's row stores it. Nulls: the key has no expiry of its own. */
export interface ChosenExpiry {
  readonly chosenExpiresAt: Date | null;
  readonly lifetimeMs: number | null;
}

export interface OutOfBounds {
  readonly requested: Date;
  readonly earliest: Date;
  readonly latest: Date;
}

/** Returns the expiry of a new key. A request out of bounds is refused with the bounds, never clipped. */
export function chooseAtIssue(request: ExpiryRequest, bounds: RequestBounds, now: Date): ChosenExpiry | OutOfBounds {
  const wanted = requestedExpiry(request, now);
  if (wanted === null) return bounds.defaultMs === null ? noExpiry : expiryAfter(bounds.defaultMs, now);
  const asked = checkBounds(wanted, bounds, now);
  return 'requested' in asked ? asked : expiryAfter(asked.getTime() - now.getTime(), now);
}

/**
 * Returns the expiry after a renewal, counted from now: never earlier than the old one (law 4). Without a request it is the last
 * lifetime again, as far as policy allows. A key without an expiry of its own keeps none, because any expiry would shorten it.
 */
export function chooseAtRenewal(
  request: ExpiryRequest,
  old: ChosenExpiry,
  bounds: RequestBounds,
  now: Date,
): ChosenExpiry | OutOfBounds {
  const wanted = requestedExpiry(request, now);
  const lastGiven = addMs(now, Math.min(old.lifetimeMs ?? 0, bounds.longestMs));
  const asked = wanted === null ? lastGiven : checkBounds(wanted, bounds, now);
  if ('requested' in asked) return asked;
  if (old.chosenExpiresAt === null) return noExpiry;
  if (asked.getTime() <= old.chosenExpiresAt.getTime()) return old;
  return { chosenExpiresAt: asked, lifetimeMs: asked.getTime() - now.getTime() };
}

/** The life of a key without an expiry of its own. */
export const noExpiry: ChosenExpiry = { chosenExpiresAt: null, lifetimeMs: null };

function expiryAfter(ms: number, now: Date): ChosenExpiry {
  return { chosenExpiresAt: addMs(now, ms), lifetimeMs: ms };
}

function checkBounds(asked: Date, bounds: RequestBounds, now: Date): Date | OutOfBounds {
  const earliest = addMs(now, bounds.shortestMs);
  const latest = addMs(now, bounds.longestMs);
  return asked < earliest || asked > latest ? { requested: asked, earliest, latest } : asked;
}

/** When a key expires and when it stops, as its row stores them. */
export interface StopTimes {
  readonly expiresAt: Date | null;
  readonly expiryBasis: StopBasis | null;
  readonly stopsAt: Date | null;
  readonly stopsBasis: StopBasis | null;
}

/**
 * Decides when a key stops: at its chosen expiry, its cap, or the moment when dormancy holds or expires it, whichever is first.
 * Issue, renewal, review and preview all decide with this function.
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

/** Returns the moment at which time alone ends a key; null: none. */
export function hardEndOf({ expiresAt, expiryBasis }: Pick<StopTimes, 'expiresAt' | 'expiryBasis'>): Date | null {
  return expiryBasis === 'HARD' ? expiresAt : null;
}

type TimedStop = { readonly at: Date; readonly basis: StopBasis };

function timedStop(at: Date | null | undefined, basis: StopBasis): TimedStop | null {
  return at == null ? null : { at, basis };
}

/** Returns the earliest stop; of two at the same moment the HARD one, which needs no review. */
function firstStop(stops: readonly (TimedStop | null)[]): TimedStop | null {
  return stops.reduce<TimedStop | null>((first, next) => {
    if (first === null || next === null) return first ?? next;
    if (next.at.getTime() !== first.at.getTime()) return next.at < first.at ? next : first;
    return next.basis === 'HARD' ? next : first;
  }, null);
}
