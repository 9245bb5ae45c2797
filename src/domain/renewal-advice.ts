import { hash } from 'node:crypto';
import { DAY_MS, MINUTE_MS } from './duration.ts';
import { earliest, hasCome, latest, addMs, stateOf, type KeyLifecycle } from './key.ts';
import { decideStop } from './life.ts';
import { boundsOf } from './meet.ts';
import { lifeStartedAt } from './notice.ts';
import type { RenewalMode, RenewalTerms, RequestBounds, StopBasis, Verdict, RenewalWindow } from './verdict.ts';

/** The window ends at least this share of the life, as it was when it was given, before the key stops. */
const MARGIN = 0.1;

/** When a program should ask again: within these bounds. */
const SOONEST_RETRY_MS = 15 * MINUTE_MS;
const LATEST_RETRY_MS = DAY_MS;

/** When and how to renew a key, after RFC 9773: advice that is the same for every caller. */
export interface RenewalAdvice {
  readonly isAllowed: boolean;
  readonly mode: RenewalMode;
  readonly window: RenewalWindow | null;
  /** The moment picked for this key in its window, so that a fleet does not come at once. */
  readonly suggestedAt: Date | null;
  /** At most so far a renewal lets it go, counted from then. */
  readonly longestMs: number;
  readonly retryAfterMs: number;
  readonly reason: string;
}

export interface RenewableKey extends KeyLifecycle {
  readonly id: string;
  readonly grantedAt: Date;
  readonly activeAt: Date;
  readonly chosenExpiresAt: Date | null;
  readonly renewedAt?: Date | null;
  /** The moment that was picked for it before; null: none. */
  readonly renewalDueAt?: Date | null;
  /** The rule by which it was exchanged for a token; null or left out: it was not. */
  readonly tokenRuleId?: string | null;
}

/** What one binding advises by itself, and what its sentence therefore speaks of. */
export type BindingAdvice = Pick<RenewalTerms, 'mode' | 'window'>;

/**
 * What the verdict means for this key now. `own` is the advice of the binding whose reason the verdict has: where that is not
 * what the key is left with, the sentence is of what it is.
 */
export function adviseRenewal(
  key: RenewableKey,
  verdict: Verdict,
  now: Date,
  own: BindingAdvice = verdict.renewal,
): RenewalAdvice {
  const state = stateOf(key, now);
  if (isTokenExchanged(key)) return { ...exchangedAdvice, longestMs: renewalReachMs(key, verdict) };
  const { isAllowed, mode } = verdict.renewal;
  const { window, suggestedAt } = state === 'ACTIVE' ? adviceFor(key, verdict, now) : NO_ADVICE;
  return {
    isAllowed: isAllowed && state === 'ACTIVE',
    mode,
    window,
    suggestedAt,
    longestMs: renewalReachMs(key, verdict),
    retryAfterMs: retryAfterMs(suggestedAt, now),
    reason: state === 'ACTIVE' ? sentenceFor(verdict, window, own) : `The key is ${state.toLowerCase()}.`,
  };
}

/** Whether a key was exchanged for a token. It is not renewed: whoever needs another has a token of its own. */
export function isTokenExchanged({ tokenRuleId }: Pick<RenewableKey, 'tokenRuleId'>): boolean {
  return tokenRuleId != null;
}

/** Why a key that was exchanged for a token is not renewed. */
export const EXCHANGED_REASON = 'It was exchanged for a token and is not renewed: exchange another token.';

const exchangedAdvice = {
  isAllowed: false,
  mode: 'EXTEND',
  window: null,
  suggestedAt: null,
  retryAfterMs: LATEST_RETRY_MS,
  reason: EXCHANGED_REASON,
} as const;

/** The furthest that a renewal lets a key go, counted from then. */
function longestRenewalMs(verdict: Verdict): number {
  const { longestMs } = boundsOf(verdict);
  return Math.min(longestMs, verdict.renewal.longestMs ?? longestMs);
}

/** What may be asked for at a renewal: as at issue, and no further than policy lets one renewal go. */
export function renewalBounds(verdict: Verdict): RequestBounds {
  return boundsOf({ ...verdict, request: { ...verdict.request, longestMs: longestRenewalMs(verdict) } });
}

/** Not beyond a cap by time alone: where a renewal moves that, by no more than it was given from the last one. */
function renewalReachMs(key: RenewableKey, verdict: Verdict): number {
  const longestMs = longestRenewalMs(verdict);
  const { cap } = verdict;
  return cap?.basis === 'HARD' ? Math.min(longestMs, Math.max(0, lifeLengthMs(key, cap.at, 'HARD'))) : longestMs;
}

/** How long the life is that ends then, from its beginning or the last renewal. */
function lifeLengthMs(key: RenewableKey, endsAt: Date, stopsBasis: StopBasis | null): number {
  return endsAt.getTime() - lifeOrRenewalStart(key, stopsBasis).getTime();
}

function lifeOrRenewalStart(key: RenewableKey, stopsBasis: StopBasis | null): Date {
  const startedAt = lifeStartedAt(key, { stopsBasis });
  return key.renewedAt == null ? startedAt : latest(startedAt, key.renewedAt);
}

interface WindowAdvice {
  readonly window: RenewalWindow | null;
  readonly suggestedAt: Date | null;
}

const NO_ADVICE: WindowAdvice = { window: null, suggestedAt: null };

/** Policy's window, ended a tenth of the life before the stop. One of which nothing is left is open now. */
function adviceFor(key: RenewableKey, verdict: Verdict, now: Date): WindowAdvice {
  const { window } = verdict.renewal;
  if (window === null) return NO_ADVICE;
  const { stopsAt, stopsBasis } = decideStop(key.chosenExpiresAt, verdict);
  const latest = stopsAt && addMs(stopsAt, -Math.ceil(lifeLengthMs(key, stopsAt, stopsBasis) * MARGIN));
  const closesAt = earliest(window.closesAt, latest) ?? window.closesAt;
  if (window.opensAt < closesAt) {
    const cut = { opensAt: window.opensAt, closesAt };
    return { window: cut, suggestedAt: pickMoment(key.id, cut) };
  }
  // What was picked once stays: a moment in a window that opens at each look again would come ever later.
  const picked = key.renewalDueAt ?? null;
  const isStill = picked !== null && picked > lifeOrRenewalStart(key, stopsBasis) && hasCome(picked, closesAt);
  const suggestedAt = isStill ? picked : pickMoment(key.id, windowFrom(now, closesAt));
  return { window: windowFrom(earliest(now, suggestedAt) ?? now, closesAt), suggestedAt };
}

function windowFrom(opensAt: Date, closesAt: Date): RenewalWindow {
  return { opensAt: earliest(opensAt, closesAt) ?? opensAt, closesAt };
}

function sentenceFor({ renewal }: Verdict, window: RenewalWindow | null, own: BindingAdvice): string {
  const { isAllowed, mode, reason } = renewal;
  if (!isAllowed || (mode === own.mode && isSameWindow(window, own.window))) return reason.sentence;
  const secret = mode === 'EXTEND' ? 'the secret stays' : 'a renewal replaces the secret';
  if (window === null) return `It may be renewed at any time; ${secret}.`;
  return `Best renewed from ${onDay(window.opensAt)} to ${onDay(window.closesAt)}, ahead of its stop; ${secret}.`;
}

function isSameWindow(one: RenewalWindow | null, other: RenewalWindow | null): boolean {
  const isOpen = one?.opensAt.getTime() === other?.opensAt.getTime();
  return isOpen && one?.closesAt.getTime() === other?.closesAt.getTime();
}

function onDay(at: Date): string {
  return at.toISOString().slice(0, 10);
}

/** A stable hash of the key, spread over the window. */
function pickMoment(keyId: string, window: RenewalWindow): Date {
  const share = hash('sha256', keyId, 'buffer').readUInt32BE(0) / 2 ** 32;
  return addMs(window.opensAt, Math.floor(share * (window.closesAt.getTime() - window.opensAt.getTime())));
}

function retryAfterMs(suggestedAt: Date | null, now: Date): number {
  if (suggestedAt === null) return LATEST_RETRY_MS;
  const ms = suggestedAt.getTime() - now.getTime();
  return Math.min(LATEST_RETRY_MS, Math.max(SOONEST_RETRY_MS, ms));
}
