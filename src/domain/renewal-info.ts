import { hash } from 'node:crypto';
import { DAY_MS, MINUTE_MS } from './duration.ts';
import { earliest, hasCome, later, plus, stateOf, type Lifeline } from './key.ts';
import { settle } from './life.ts';
import { boundsOf } from './meet.ts';
import { lifeStart } from './notice.ts';
import type { RenewalMode, RenewalVerdict, RequestBounds, StopBasis, Verdict, Window } from './verdict.ts';

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
  /** At most so far a renewal lets it go, counted from then. */
  readonly longestMs: number;
  readonly retryAfterMs: number;
  readonly reason: string;
}

export interface RenewableKey extends Lifeline {
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
export type OwnAdvice = Pick<RenewalVerdict, 'mode' | 'window'>;

/**
 * What the verdict means for this key now. `own` is the advice of the binding whose reason the verdict has: where that is not
 * what the key is left with, the sentence is of what it is.
 */
export function renewalInfo(
  key: RenewableKey,
  verdict: Verdict,
  now: Date,
  own: OwnAdvice = verdict.renewal,
): RenewalInfo {
  const state = stateOf(key, now);
  if (isExchanged(key)) return { ...notRenewed, longestMs: reachOf(key, verdict) };
  const { isAllowed, mode } = verdict.renewal;
  const { window, suggestedAt } = state === 'ACTIVE' ? adviceFor(key, verdict, now) : NO_ADVICE;
  return {
    isAllowed: isAllowed && state === 'ACTIVE',
    mode,
    window,
    suggestedAt,
    longestMs: reachOf(key, verdict),
    retryAfterMs: retryAfter(suggestedAt, now),
    reason: state === 'ACTIVE' ? sentenceFor(verdict, window, own) : `The key is ${state.toLowerCase()}.`,
  };
}

/** Whether a key was exchanged for a token. It is not renewed: whoever needs another has a token of its own. */
export function isExchanged({ tokenRuleId }: Pick<RenewableKey, 'tokenRuleId'>): boolean {
  return tokenRuleId != null;
}

/** Why a key that was exchanged for a token is not renewed. */
export const EXCHANGED_REASON = 'It was exchanged for a token and is not renewed: exchange another token.';

const notRenewed = {
  isAllowed: false,
  mode: 'EXTEND',
  window: null,
  suggestedAt: null,
  retryAfterMs: LATEST_RETRY_MS,
  reason: EXCHANGED_REASON,
} as const;

/** The furthest that a renewal lets a key go, counted from then. */
function longestRenewal(verdict: Verdict): number {
  const { longestMs } = boundsOf(verdict);
  return Math.min(longestMs, verdict.renewal.longestMs ?? longestMs);
}

/** What may be asked for at a renewal: as at issue, and no further than policy lets one renewal go. */
export function renewalBounds(verdict: Verdict): RequestBounds {
  return boundsOf({ ...verdict, request: { ...verdict.request, longestMs: longestRenewal(verdict) } });
}

/** Not beyond a cap by time alone: where a renewal moves that, by no more than it was given from the last one. */
function reachOf(key: RenewableKey, verdict: Verdict): number {
  const longestMs = longestRenewal(verdict);
  const { cap } = verdict;
  return cap?.basis === 'HARD' ? Math.min(longestMs, Math.max(0, lifeOf(key, cap.at, 'HARD'))) : longestMs;
}

/** How long the life is that ends then, from its beginning or the last renewal. */
function lifeOf(key: RenewableKey, endsAt: Date, stopsBasis: StopBasis | null): number {
  return endsAt.getTime() - startOf(key, stopsBasis).getTime();
}

function startOf(key: RenewableKey, stopsBasis: StopBasis | null): Date {
  const startedAt = lifeStart(key, { stopsBasis });
  return key.renewedAt == null ? startedAt : later(startedAt, key.renewedAt);
}

interface Advice {
  readonly window: Window | null;
  readonly suggestedAt: Date | null;
}

const NO_ADVICE: Advice = { window: null, suggestedAt: null };

/** Policy's window, ended a tenth of the life before the stop. One of which nothing is left is open now. */
function adviceFor(key: RenewableKey, verdict: Verdict, now: Date): Advice {
  const { window } = verdict.renewal;
  if (window === null) return NO_ADVICE;
  const { stopsAt, stopsBasis } = settle(key.chosenExpiresAt, verdict);
  const latest = stopsAt && plus(stopsAt, -Math.ceil(lifeOf(key, stopsAt, stopsBasis) * MARGIN));
  const closesAt = earliest(window.closesAt, latest) ?? window.closesAt;
  if (window.opensAt < closesAt) {
    const cut = { opensAt: window.opensAt, closesAt };
    return { window: cut, suggestedAt: pick(key.id, cut) };
  }
  // What was picked once stays: a moment in a window that opens at each look again would come ever later.
  const picked = key.renewalDueAt ?? null;
  const isStill = picked !== null && picked > startOf(key, stopsBasis) && hasCome(picked, closesAt);
  const suggestedAt = isStill ? picked : pick(key.id, openFrom(now, closesAt));
  return { window: openFrom(earliest(now, suggestedAt) ?? now, closesAt), suggestedAt };
}

function openFrom(opensAt: Date, closesAt: Date): Window {
  return { opensAt: earliest(opensAt, closesAt) ?? opensAt, closesAt };
}

function sentenceFor({ renewal }: Verdict, window: Window | null, own: OwnAdvice): string {
  const { isAllowed, mode, reason } = renewal;
  if (!isAllowed || (mode === own.mode && isSame(window, own.window))) return reason.sentence;
  const secret = mode === 'EXTEND' ? 'the secret stays' : 'a renewal replaces the secret';
  if (window === null) return `It may be renewed at any time; ${secret}.`;
  return `Best renewed from ${onDay(window.opensAt)} to ${onDay(window.closesAt)}, ahead of its stop; ${secret}.`;
}

function isSame(one: Window | null, other: Window | null): boolean {
  const isOpen = one?.opensAt.getTime() === other?.opensAt.getTime();
  return isOpen && one?.closesAt.getTime() === other?.closesAt.getTime();
}

function onDay(at: Date): string {
  return at.toISOString().slice(0, 10);
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
