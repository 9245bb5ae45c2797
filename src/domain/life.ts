import { DAY_MS } from './duration.ts';
import { plus } from './key.ts';
import type { RequestBounds, Stop, StopBasis, Verdict } from './verdict.ts';

/** How long after its expiry a signed-in manager can still renew a key; then it is over. */
export const REVIVAL_MS = 30 * DAY_MS;

/** What a caller asks for: an instant, a time from now, or nothing. */
export type Ask = { readonly expiresAt: Date } | { readonly lifetimeMs: number } | null;

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
  if (ask === null) return bounds.defaultMs === null ? unchosen : lifetime(bounds.defaultMs, now);
  const asked = within(ask, bounds, now);
  return 'asked' in asked ? asked : lifetime(asked.getTime() - now.getTime(), now);
}

/**
 * The life a renewal gives, counted from now: never shorter than the old one (law 4). Asked for nothing: what was given
 * last, as far as policy allows. A key without a chosen expiry stays so: any expiry would be a shortening.
 */
export function chooseAtRenewal(ask: Ask, old: Chosen, bounds: RequestBounds, now: Date): Chosen | OutOfBounds {
  const asked = ask === null ? plus(now, Math.min(old.lifetimeMs ?? 0, bounds.longestMs)) : within(ask, bounds, now);
  if ('asked' in asked) return asked;
  if (old.chosenExpiresAt === null) return unchosen;
  if (asked.getTime() <= old.chosenExpiresAt.getTime()) return old;
  return { chosenExpiresAt: asked, lifetimeMs: asked.getTime() - now.getTime() };
}

const unchosen: Chosen = { chosenExpiresAt: null, lifetimeMs: null };

function lifetime(ms: number, now: Date): Chosen {
  return { chosenExpiresAt: plus(now, ms), lifetimeMs: ms };
}

function within(ask: NonNullable<Ask>, bounds: RequestBounds, now: Date): Date | OutOfBounds {
  const asked = 'expiresAt' in ask ? ask.expiresAt : plus(now, ask.lifetimeMs);
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
  const expiry = firstStop([stop(chosenExpiresAt, 'HARD'), verdict.expiry.cap]);
  const { holdAt, expireAt } = verdict.dormancy;
  const stops = firstStop([expiry, stop(holdAt, 'BY_USE'), stop(expireAt, 'BY_USE')]);
  return {
    expiresAt: expiry?.at ?? null,
    expiryBasis: expiry?.basis ?? null,
    stopsAt: stops?.at ?? null,
    stopsBasis: stops?.basis ?? null,
  };
}

function stop(at: Date | null, basis: StopBasis): Stop | null {
  return at === null ? null : { at, basis };
}

/** The earliest stop; of two at one moment the HARD one, which needs no one to look. */
function firstStop(stops: readonly (Stop | null)[]): Stop | null {
  return stops.reduce((first, next) => {
    if (first === null || next === null) return first ?? next;
    if (next.at.getTime() !== first.at.getTime()) return next.at < first.at ? next : first;
    return next.basis === 'HARD' ? next : first;
  }, null);
}
