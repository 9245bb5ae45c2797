import { hash } from 'node:crypto';
import { DAY_MS, MINUTE_MS } from './duration.ts';
import { hasCome, plus, stateOf, type Lifeline } from './key.ts';
import type { RenewalMode, RenewalVerdict, Window } from './verdict.ts';

/** The window ends at least this share of the life before the key stops. */
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
  readonly createdAt: Date;
  readonly grantedAt: Date;
  readonly stopsAt: Date | null;
}

/** What the verdict means for this key now. */
export function renewalInfo(key: RenewableKey, verdict: RenewalVerdict, now: Date): RenewalInfo {
  const state = stateOf(key, now);
  const window = state === 'ACTIVE' ? clip(verdict.window, key) : null;
  const suggestedAt = window && pick(key.id, window);
  const isAllowed = verdict.isAllowed && state === 'ACTIVE';
  return {
    isAllowed,
    mode: verdict.mode,
    window,
    suggestedAt,
    longestMs: verdict.longestMs,
    retryAfterMs: retryAfter(suggestedAt, now),
    reason: state === 'ACTIVE' ? verdict.reason.sentence : `The key is ${state.toLowerCase()}.`,
  };
}

/** Whether the moment picked for this key has come. */
export function isRenewalDue(key: RenewableKey, verdict: RenewalVerdict, now: Date): boolean {
  const info = renewalInfo(key, verdict, now);
  return info.isAllowed && hasCome(info.suggestedAt, now);
}

/** Ends the window a tenth of the life before the stop. What is left empty is open from its end's margin on, at once. */
function clip(window: Window | null, key: RenewableKey): Window | null {
  if (window === null || key.stopsAt === null) return window;
  const lifeMs = key.stopsAt.getTime() - key.grantedAt.getTime();
  const latest = plus(key.stopsAt, -lifeMs * MARGIN);
  const closesAt = window.closesAt < latest ? window.closesAt : latest;
  return window.opensAt < closesAt ? { opensAt: window.opensAt, closesAt } : { opensAt: key.grantedAt, closesAt };
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
