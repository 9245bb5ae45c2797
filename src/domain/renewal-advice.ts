import { hash } from 'node:crypto';
import { openAskedAt, type AskedRotation } from './asked-rotation.ts';
import { DAY_MS, describeDuration, MINUTE_MS } from './duration.ts';
import { earliest, hasCome, latest, addMs, stateOf, type KeyLifecycle } from './key.ts';
import { decideStop, REVIVAL_MS } from './life.ts';
import { boundsOf } from './meet.ts';
import { lifeStartedAt } from './notice.ts';
import type { RenewalMode, RenewalTerms, RequestBounds, StopBasis, Verdict, RenewalWindow } from './verdict.ts';

/** The window closes at least this share of the key's life before the key stops. */
const MARGIN = 0.1;

/** The bounds of `retryAfterMs`. */
const SOONEST_RETRY_MS = 15 * MINUTE_MS;
const LATEST_RETRY_MS = DAY_MS;

/** When and how to renew a key, modelled on RFC 9773. The advice is the same for every caller. */
export interface RenewalAdvice {
  readonly isAllowed: boolean;
  readonly mode: RenewalMode;
  readonly window: RenewalWindow | null;
  /** The moment in the window picked for this key, so that a fleet does not renew all at once. */
  readonly suggestedAt: Date | null;
  /** When a person asked that the current secret be replaced. Null: no person asked, or it was replaced since. */
  readonly rotationAskedAt: Date | null;
  /** The longest lifetime that a renewal gives, counted from the renewal. */
  readonly longestMs: number;
  readonly retryAfterMs: number;
  readonly reason: string;
}

export interface RenewableKey extends KeyLifecycle, Partial<AskedRotation> {
  readonly id: string;
  readonly grantedAt: Date;
  readonly activeAt: Date;
  readonly chosenExpiresAt: Date | null;
  readonly renewedAt?: Date | null;
  /** The moment that was picked for this key before; null: none. */
  readonly renewalDueAt?: Date | null;
  /** The token rule that exchanged a token for this key; null or undefined: the key was not exchanged. */
  readonly tokenRuleId?: string | null;
}

/** The advice of a single binding, which that binding's reason describes. */
export type BindingAdvice = Pick<RenewalTerms, 'mode' | 'window'>;

/**
 * Derives the renewal advice for a key from its verdict. `own` is the advice of the binding whose reason the verdict has. If the
 * combined advice differs from it, `reason` describes the combined advice instead.
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
  const askedAt = openAskedAt(key);
  const advised = askedAt === null ? adviceFor(key, verdict, now) : dueAt(askedAt);
  const { window, suggestedAt } = state === 'ACTIVE' ? advised : NO_ADVICE;
  return {
    isAllowed: isAllowed && state === 'ACTIVE',
    mode: askedAt === null ? mode : 'ROTATE',
    window,
    suggestedAt,
    rotationAskedAt: askedAt,
    longestMs: renewalReachMs(key, verdict),
    retryAfterMs: retryAfterMs(suggestedAt, now),
    reason:
      state !== 'ACTIVE'
        ? inactiveReasons[state]
        : askedAt === null
          ? sentenceFor(verdict, window, own)
          : askedSentence(verdict, askedAt),
  };
}

const inactiveReasons = {
  HELD: 'The key is held. It can be renewed once it is resumed.',
  EXPIRED: `The key has expired. Its owner can sign in and renew it within ${describeDuration(REVIVAL_MS)}.`,
  REVOKED: 'The key was revoked and cannot be renewed. Issue a new key.',
} as const;

/** Whether a key was issued in exchange for a token. Such a key is not renewed: the job that needs another exchanges its own token. */
export function isTokenExchanged({ tokenRuleId }: Pick<RenewableKey, 'tokenRuleId'>): boolean {
  return tokenRuleId != null;
}

/** The reason that refuses to renew a key that was issued in exchange for a token. */
export const EXCHANGED_REASON =
  'The key was issued in exchange for a token and cannot be renewed: exchange another token.';

const exchangedAdvice = {
  isAllowed: false,
  mode: 'EXTEND',
  window: null,
  suggestedAt: null,
  rotationAskedAt: null,
  retryAfterMs: LATEST_RETRY_MS,
  reason: EXCHANGED_REASON,
} as const;

/** Returns the longest lifetime that a renewal gives, counted from the renewal. */
function longestRenewalMs(verdict: Verdict): number {
  const { longestMs } = boundsOf(verdict);
  return Math.min(longestMs, verdict.renewal.longestMs ?? longestMs);
}

/** Returns the bounds for requests at a renewal: those at issue, limited by the longest lifetime of a renewal. */
export function renewalBounds(verdict: Verdict): RequestBounds {
  return boundsOf({ ...verdict, request: { ...verdict.request, longestMs: longestRenewalMs(verdict) } });
}

/**
 * Limits the longest renewal by a HARD cap. A renewal that moves the cap gives at most as long a life as the last
 * renewal, or the issue, gave.
 */
function renewalReachMs(key: RenewableKey, verdict: Verdict): number {
  const longestMs = longestRenewalMs(verdict);
  const { cap } = verdict;
  return cap?.basis === 'HARD' ? Math.min(longestMs, Math.max(0, lifeLengthMs(key, cap.at, 'HARD'))) : longestMs;
}

/** Returns the length of the life that ends at `endsAt`, from its beginning or the last renewal, whichever is later. */
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

/** Returns the advice to rotate a key that a person has requested: it is due from then on. */
function dueAt(askedAt: Date): WindowAdvice {
  return { window: { opensAt: askedAt, closesAt: askedAt }, suggestedAt: askedAt };
}

/** Returns policy's window, closed a tenth of the life before the stop. If nothing is left of it, the window is open now. */
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
  // A picked moment stays: in a window that opens again at each evaluation, a newly picked moment would move later each time.
  const picked = key.renewalDueAt ?? null;
  const isStillValid = picked !== null && picked > lifeOrRenewalStart(key, stopsBasis) && hasCome(picked, closesAt);
  const suggestedAt = isStillValid ? picked : pickMoment(key.id, windowFrom(now, closesAt));
  return { window: windowFrom(earliest(now, suggestedAt) ?? now, closesAt), suggestedAt };
}

function windowFrom(opensAt: Date, closesAt: Date): RenewalWindow {
  return { opensAt: earliest(opensAt, closesAt) ?? opensAt, closesAt };
}

function sentenceFor({ renewal }: Verdict, window: RenewalWindow | null, own: BindingAdvice): string {
  const { isAllowed, mode, reason } = renewal;
  if (!isAllowed || (mode === own.mode && isSameWindow(window, own.window))) return reason.sentence;
  const secret = mode === 'EXTEND' ? 'the secret stays' : 'a renewal replaces the secret';
  if (window === null) return `The key may be renewed at any time; ${secret}.`;
  return `Best renewed from ${onDay(window.opensAt)} to ${onDay(window.closesAt)}, ahead of its stop; ${secret}.`;
}

function askedSentence({ renewal: { isAllowed, reason } }: Verdict, askedAt: Date): string {
  const asked = `A person asked on ${onDay(askedAt)} that the secret be replaced`;
  return isAllowed
    ? `${asked}: a renewal replaces it.`
    : `${asked}: rotate the key. It cannot be renewed now. ${reason.sentence}`;
}

function isSameWindow(one: RenewalWindow | null, other: RenewalWindow | null): boolean {
  const isOpen = one?.opensAt.getTime() === other?.opensAt.getTime();
  return isOpen && one?.closesAt.getTime() === other?.closesAt.getTime();
}

function onDay(at: Date): string {
  return at.toISOString().slice(0, 10);
}

/** Picks a moment in the window by a stable hash of the key's id. */
function pickMoment(keyId: string, window: RenewalWindow): Date {
  const share = hash('sha256', keyId, 'buffer').readUInt32BE(0) / 2 ** 32;
  return addMs(window.opensAt, Math.floor(share * (window.closesAt.getTime() - window.opensAt.getTime())));
}

function retryAfterMs(suggestedAt: Date | null, now: Date): number {
  if (suggestedAt === null) return LATEST_RETRY_MS;
  const ms = suggestedAt.getTime() - now.getTime();
  return Math.min(LATEST_RETRY_MS, Math.max(SOONEST_RETRY_MS, ms));
}
