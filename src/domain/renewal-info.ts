import { hash } from 'node:crypto';
import { DAY_MS, MINUTE_MS } from './duration.ts';
import { plus, stateOf, type Lifeline } from './key.ts';
import { settle } from './life.ts';
import { boundsOf } from './meet.ts';
import { lifeStart } from './notice.ts';
import type { RenewalMode, Verdict, Window } from './verdict.ts';

/** The window ends at least this share of the life, as it was when it was given, before the key stops. */
const MARGIN = 0.1;

/** When a program should ask again: within these bounds. */
const SOONEST_RETRY_MS = 15 * MINUTE_MS;
const LATEST_RETRY_MS = DAY_MS;

/** When and how to renew a key, after RFC 9773: advice that is the same for every caller. */
export interface RenewalInfo {
  readonly isAllowed: boolean;
  readonly mode: RenewalMode;
  readonly window: Window | null;
  /** The moment picked for this key in its window, so that a fleet does not come at once. */
  readonly suggestedAt: Date | null;
  readonly longestMs: number;
  readonly retryAfterMs: number;
  readonly reason: string;
}

export interface RenewableKey extends Lifeline {
  readonly id: string;
  readonly grantedAt: Date;
  readonly activeAt: Date;
  readonly chosenExpiresAt: Date | null;
}

/** What the verdict means for this key now. */
export function renewalInfo(key: RenewableKey, verdict: Verdict, now: Date): RenewalInfo {
  const state = stateOf(key, now);
  const { isAllowed, mode, reason } = verdict.renewal;
  const window = state === 'ACTIVE' ? windowOf(key, verdict) : null;
  const suggestedAt = window && pick(key.id, window);
  return {
    isAllowed: isAllowed && state === 'ACTIVE',
    mode,
    window,
    suggestedAt,
    longestMs: longestRenewal(verdict),
    retryAfterMs: retryAfter(suggestedAt, now),
    reason: state === 'ACTIVE' ? reason.sentence : `The key is ${state.toLowerCase()}.`,
  };
}

/** The furthest that a renewal lets a key go, counted from then. */
export function longestRenewal(verdict: Verdict): number {
  const { longestMs } = boundsOf(verdict);
  return Math.min(longestMs, verdict.renewal.longestMs ?? longestMs);
}

/** Policy's window, ended a tenth of the life before the stop. One of which nothing is left is open from the life's start. */
function windowOf(key: RenewableKey, verdict: Verdict): Window | null {
  const { window } = verdict.renewal;
  const { stopsAt, stopsBasis } = settle(key.chosenExpiresAt, verdict);
  if (window === null || stopsAt === null) return window;
  const startedAt = lifeStart(key, { stopsBasis });
  const latest = plus(stopsAt, -Math.ceil((stopsAt.getTime() - startedAt.getTime()) * MARGIN));
  const closesAt = window.closesAt < latest ? window.closesAt : latest;
  return { opensAt: window.opensAt < closesAt ? window.opensAt : startedAt, closesAt };
}

/** A stable hash of the key, spread over the window. */
function pick(keyId: string, window: Window): Date {
  const share = hash('sha256', keyId, 'buffer').readUInt32BE(0) / 2 ** 32;
  return plus(window.opensAt, Math.floor(share * (window.closesAt.getTime() - window.opensAt.getTime())));
}

function retryAfter(suggestedAt: Date | null, now: Date): number {
  if (suggestedAt === null) return LATEST_RETRY_MS;
  const ms = suggestedAt.getTime() - now.getTime();
  return Math.min(LATEST_RETRY_MS, Math.max(SOONEST_RETRY_MS, ms));
}
