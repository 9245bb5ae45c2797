import { DAY_MS } from './duration.ts';
import { expiredAt, plus, type Lifeline } from './key.ts';
import type { RequestBounds, StopBasis, Verdict } from './verdict.ts';

/** How long after its expiry a signed-in manager can still renew a key; then it is over. */
export const REVIVAL_MS = 30 * DAY_MS;

/** Whether a key has not ended, or has by an expiry from which it can still be brought back. */
export function mayWorkAgain(key: Lifeline, now: Date): boolean {
  const ended = expiredAt(key, now);
  return key.revokedAt === null && (ended === null || now < plus(ended, REVIVAL_MS));
}

/** What a caller asks for: an instant, a time from now, or nothing. */
export type Ask = { readonly expiresAt: Date } | { readonly lifetimeMs: number } | null;

/** The expiry that is asked for; null: none is. */
export function askedFor(ask: Ask, now: Date): Date | null {
  if (ask === null) return null;
  return 'expiresAt' in ask ? ask.expiresAt : plus(now, ask.lifetimeMs);
}

/** What was asked for and granted; nulls: nothing was. */
export interface Chosen {
  readonly chosenExpiresAt: Date | null;
  readonly lifetimeMs: number | null;
}

export interface OutOfBounds {
  readonly asked: Date;
  readonly earliest: Date;
  readonly latest: Date;
}

/** The life a new key gets. What is out of bounds is answered with the bounds, never clipped. */
export function chooseAtIssue(ask: Ask, bounds: RequestBounds, now: Date): Chosen | OutOfBounds {
  const wanted = askedFor(ask, now);
  if (wanted === null) return bounds.defaultMs === null ? unchosen : lifetime(bounds.defaultMs, now);
  const asked = within(wanted, bounds, now);
  return 'asked' in asked ? asked : lifetime(asked.getTime() - now.getTime(), now);
}

/**
 * The life a renewal gives, counted from now: never shorter than the old one (law 4). Asked for nothing: what was given
 * last, as far as policy allows. A key without a chosen expiry stays so: any expiry would be a shortening.
 */
export function chooseAtRenewal(ask: Ask, old: Chosen, bounds: RequestBounds, now: Date): Chosen | OutOfBounds {
  const wanted = askedFor(ask, now);
  const lastGiven = plus(now, Math.min(old.lifetimeMs ?? 0, bounds.longestMs));
  const asked = wanted === null ? lastGiven : within(wanted, bounds, now);
  if ('asked' in asked) return asked;
  if (old.chosenExpiresAt === null) return unchosen;
  if (asked.getTime() <= old.chosenExpiresAt.getTime()) return old;
  return { chosenExpiresAt: asked, lifetimeMs: asked.getTime() - now.getTime() };
}

const unchosen: Chosen = { chosenExpiresAt: null, lifetimeMs: null };

function lifetime(ms: number, now: Date): Chosen {
  return { chosenExpiresAt: plus(now, ms), lifetimeMs: ms };
}

function within(asked: Date, bounds: RequestBounds, now: Date): Date | OutOfBounds {
  const earliest = plus(now, bounds.shortestMs);
  const latest = plus(now, bounds.longestMs);
  return asked < earliest || asked > latest ? { asked, earliest, latest } : asked;
}

/** When a key expires and when it stops, as its row records them. */
export interface Settled {
  readonly expiresAt: Date | null;
  readonly expiryBasis: StopBasis | null;
  readonly stopsAt: Date | null;
  readonly stopsBasis: StopBasis | null;
}

/**
 * The one decision of when a key stops, whatever led to it: what was chosen, the cap, and the dormancy moments that stop,
 * whichever comes first.
 */
export function settle(chosenExpiresAt: Date | null, verdict: Verdict): Settled {
  const { cap, hold, expire } = verdict;
  const expiry = firstStop([stop(chosenExpiresAt, 'HARD'), cap]);
  const stops = firstStop([expiry, stop(hold?.at, 'BY_USE'), stop(expire?.at, 'BY_USE')]);
  return {
    expiresAt: expiry?.at ?? null,
    expiryBasis: expiry?.basis ?? null,
    stopsAt: stops?.at ?? null,
    stopsBasis: stops?.basis ?? null,
  };
}

type Timed = { readonly at: Date; readonly basis: StopBasis };

function stop(at: Date | null | undefined, basis: StopBasis): Timed | null {
  return at == null ? null : { at, basis };
}

/** The earliest stop; of two at one moment the HARD one, which needs no one to look. */
function firstStop(stops: readonly (Timed | null)[]): Timed | null {
  return stops.reduce<Timed | null>((first, next) => {
    if (first === null || next === null) return first ?? next;
    if (next.at.getTime() !== first.at.getTime()) return next.at < first.at ? next : first;
    return next.basis === 'HARD' ? next : first;
  }, null);
}
